"""What in a PDF acts, or cannot be seen on paper: a letter must not leave it out silently."""

from collections.abc import Iterator

import pikepdf

_MOVING = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
_LONGEST_CHAIN = 50


def find_active_content(pdf: pikepdf.Pdf) -> str | None:
    """What hinders printing, as the end of a German sentence; None where nothing does.

    Refused is what acts when the file is opened, since its pages may look different then, what
    starts programs, and what paper cannot carry. What waits for a click (links, scripts of form
    fields) is no obstacle: it is left out.
    """
    root = pdf.Root
    if "/Collection" in root or _has_files(pdf):
        return "enthält eingebettete Dateien, die auf Papier fehlen würden"
    if bool(root.get("/NeedsRendering")):
        return "ist ein Formular, das erst ein Programm ausfüllt (XFA)"
    if any(_names_kind(action, "/Launch") for action in _list_all_actions(pdf)):
        return "startet Programme"
    if "/JavaScript" in _get_names(root) or any(
        _names_kind(action, "/JavaScript") for action in _list_opening_actions(pdf)
    ):
        return "führt beim Öffnen ein Skript aus"
    if any(note.get("/Subtype") in _MOVING for note in _list_annotations(pdf)):
        return "enthält Ton oder bewegte Bilder"
    return None


def _has_files(pdf: pikepdf.Pdf) -> bool:
    return (
        "/EmbeddedFiles" in _get_names(pdf.Root)
        or "/AF" in pdf.Root
        or any(note.get("/Subtype") == "/FileAttachment" for note in _list_annotations(pdf))
    )


def _get_names(root: pikepdf.Object) -> pikepdf.Object:
    return root.get("/Names", pikepdf.Dictionary())


def _list_annotations(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    for page in pdf.pages:
        yield from page.obj.get("/Annots", ())


def _list_opening_actions(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    yield from _follow(pdf.Root.get("/OpenAction"))
    for holder in (pdf.Root, *(page.obj for page in pdf.pages)):
        for action in holder.get("/AA", pikepdf.Dictionary()).values():
            yield from _follow(action)


def _list_all_actions(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    yield from _list_opening_actions(pdf)
    for note in _list_annotations(pdf):
        yield from _follow(note.get("/A"))
        for action in note.get("/AA", pikepdf.Dictionary()).values():
            yield from _follow(action)


def _follow(action: pikepdf.Object | None) -> Iterator[pikepdf.Object]:
    """The action and those after it; an entry that is a destination is none."""
    waiting = [action]
    for _ in range(_LONGEST_CHAIN):
        if not waiting:
            return
        current = waiting.pop()
        if isinstance(current, pikepdf.Dictionary):
            yield current
            following = current.get("/Next")
            waiting.extend(following if isinstance(following, pikepdf.Array) else [following])


def _names_kind(action: pikepdf.Object, kind: str) -> bool:
    return action.get("/S") == kind
