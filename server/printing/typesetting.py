"""Sets cover letters with typst: one compiler for each stationery, kept between letters.

A compiler that is kept has loaded its fonts, and knows the templates that it has read before.
"""

import json
import os
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Literal

import typst

from server.printing.typesetting_folder import TypesettingFolder

# Where templates read the texts of the letter (JSON).
TEXTS = "brief.json"
# Where those from before read them.
_INPUTS = b"sys.inputs"


class Typesetter:
    """Sets letters with the files of one stationery, and sees no other; one after the other."""

    def __init__(self, files: Mapping[str, bytes], main: str) -> None:
        """The template `main` is among the files."""
        self._files = files
        # Authorities share a stationery, and threads of a server set letters at once: what one
        # writes must not be read by the compiler for another, which takes one call at a time.
        self._lock = Lock()
        # Of inputs all that a template does depends: little of the letter before is remembered.
        self._takes_inputs = any(_INPUTS in content for content in files.values())
        # A file in memory: what a letter says lies on no disk.
        self._texts = os.memfd_create("brief")
        weakref.finalize(self, os.close, self._texts)
        # Other files in memory would be read anew for each letter.
        self._folder = TypesettingFolder()
        folder = self._folder.path
        self._lay_out()
        self._compiler = typst.Compiler(
            folder / main,
            root=folder,
            package_path=folder,
            package_cache_path=folder,
            ignore_system_fonts=True,
        )

    def set_cover(self, texts: Mapping[str, object], created: datetime) -> bytes:
        """The cover letter as PDF/A-2b; raises typst.TypstError where a template is wrong.

        The same texts give the same bytes, whatever was set before. PDF/A refuses a character that
        no font has (an emoji in a name, say). Such a letter goes out as plain PDF, with a box in
        place of the character, rather than not at all.
        """
        written = json.dumps(texts, ensure_ascii=False)
        inputs = {"letter": written} if self._takes_inputs else {}
        with self._lock:
            self._lay_out()
            self._write_texts(written)
            try:
                return self._compile(inputs, created, "a-2b")
            except typst.TypstError:
                return self._compile(inputs, created, None)

    def _lay_out(self) -> None:
        """Files that lie for long in the folder for temporary ones may be removed by the system."""
        self._folder.restore()
        folder = self._folder.path
        texts = folder / TEXTS
        if not texts.is_symlink():
            texts.symlink_to(f"/proc/self/fd/{self._texts}")
        for name, content in self._files.items():
            if name != TEXTS and not (folder / name).exists():
                (folder / name).write_bytes(content)

    def _write_texts(self, written: str) -> None:
        with open(self._texts, "wb", closefd=False) as file:
            file.seek(0)
            file.truncate()
            file.write(written.encode())

    def _compile(
        self, inputs: dict[str, str], created: datetime, standard: Literal["a-2b"] | None
    ) -> bytes:
        pdf: Any = self._compiler.compile(
            format="pdf",
            pdf_standards=standard,
            # Paper has no tags, and attachments bring none; they double the size of a letter.
            pdf_tags=False,
            sys_inputs=inputs,
            # PDF knows no fractions of a second, typst no zone whose offset changes.
            timestamp=created.astimezone(UTC).replace(microsecond=0),
        )
        return bytes(pdf)
