"""Return files of print shops: what became of letters, as CSV or XML (docs/print-plugins.md).

They come from outside: a line that makes no sense is logged and left out, the others count.
"""

import csv
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import StringIO

from server.printing.output import LetterNews, LetterProgress
from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document

logger = logging.getLogger(__name__)

NAMESPACE = "urn:damtshilfe:druckrueckmeldung:1"
COLUMNS = ("brief", "stand", "zeitpunkt", "grund")
_REQUIRED = frozenset(COLUMNS[:3])
_LIMITS = XmlLimits(elements=500_000, depth=8)
_MAX_REASON = 500


class ReturnFileUnreadable(Exception):
    """A file is no return file; the text is German."""


def read_return_file(name: str, content: bytes) -> Iterator[LetterNews]:
    """The news in a file, by the suffix of its name XML or CSV; raises ReturnFileUnreadable."""
    rows = _read_xml(name, content) if name.endswith(".xml") else _read_csv(content)
    for number, row in rows:
        try:
            yield _to_news(row)
        except ValueError as error:
            logger.warning("return file %s, entry %d is left out: %s", name, number, error)


def write_withdrawals(news: Iterable[LetterNews]) -> bytes:
    """Withdrawn letters as CSV, in the form of a return file."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in news:
        moment = item.moment.isoformat(timespec="seconds")
        writer.writerow((item.letter_id, item.progress.value, moment, item.reason))
    return text.getvalue().encode("utf-8")


def _read_csv(content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ReturnFileUnreadable("Die Datei ist nicht in UTF-8 kodiert.") from None
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=";", strict=True)
    try:
        missing = _REQUIRED - set(reader.fieldnames or ())
        if missing:
            raise ReturnFileUnreadable(f"Es fehlen die Spalten {', '.join(sorted(missing))}.")
        for row in reader:
            yield reader.line_num, {key: value or "" for key, value in row.items() if key}
    except csv.Error as error:
        raise ReturnFileUnreadable(f"Die Datei ist keine lesbare CSV-Datei: {error}.") from None


def _read_xml(name: str, content: bytes) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        root = parse_document(content, _LIMITS)
    except XmlRejected as error:
        raise ReturnFileUnreadable(error.reason) from None
    if root.tag != f"{{{NAMESPACE}}}rueckmeldung":
        raise ReturnFileUnreadable(f"Das Wurzelelement ist nicht rueckmeldung aus {NAMESPACE}.")
    named = root.get("auftrag", "")
    if named != name.partition(".")[0]:
        raise ReturnFileUnreadable(f"Die Datei nennt einen anderen Auftrag: {named!r}.")
    for number, element in enumerate(root.iterfind(f"{{{NAMESPACE}}}brief"), 1):
        yield (
            number,
            {
                "brief": element.get("id", ""),
                **{key: element.get(key, "") for key in COLUMNS[1:]},
            },
        )


def _to_news(row: Mapping[str, str]) -> LetterNews:
    return LetterNews(
        row["brief"].strip(),
        LetterProgress(row["stand"].strip().lower()),
        datetime.fromisoformat(row["zeitpunkt"].strip()),
        " ".join(row.get("grund", "").split())[:_MAX_REASON],
    )
