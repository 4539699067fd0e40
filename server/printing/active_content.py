"""What in a PDF acts, or cannot be seen on paper: a letter must not leave it out silently."""

from collections.abc import Iterator

import pikepdf

_MOVING = frozenset({"/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
_LONGEST_CHAIN = 50


def find_active_content(pdf: pikepdf.Pdf) -> str | None:
    """What hinders printing, as the end of a German sentence; None where nothing does.

    Refused is what acts when the file is opened, since its pages may look different then, what
    starts programs, what paper cannot carry, and what only paper would show. What waits for a click
    (links, scripts of form fields) is no obstacle: it is left out.
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
    return "blendet Ebenen aus, die auf Papier zu sehen wären" if _hides_layers(pdf) else None


def _hides_layers(pdf: pikepdf.Pdf) -> bool:
    """True where a layer is hidden on the screen or in print (ISO 32000-1, 8.11).

    Which layers are shown stands beside the pages, which are all that gets into a letter.
    """
    layers = pdf.Root.get("/OCProperties")
    if layers is None:
        return False
    shown = layers.get("/D", pikepdf.Dictionary())
    return (
        len(shown.get("/OFF", ())) > 0
        or shown.get("/BaseState", "/ON") != "/ON"
        or any(_is_left_out(layer) for layer in layers.get("/OCGs", ()))
        or any(_depends_on_absence(item) for item in pdf.objects)
    )


def _is_left_out(layer: pikepdf.Object) -> bool:
    usage = layer.get("/Usage", pikepdf.Dictionary())
    states = (("/View", "/ViewState"), ("/Print", "/PrintState"))
    return any(usage.get(kind, pikepdf.Dictionary()).get(state) == "/OFF" for kind, state in states)


def _depends_on_absence(item: pikepdf.Object) -> bool:
    """True for what may be hidden while all layers are shown."""
    return (
        isinstance(item, pikepdf.Dictionary)
        and item.get("/Type") == "/OCMD"
        and ("/VE" in item or item.get("/P") in ("/AllOff", "/AnyOff"))
    )


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
