"""Return files of print shops: what became of letters, as CSV or XML (docs/print-plugins.md).

They come from outside: of a line that makes no sense it is told that it does not, the others count.
"""

import csv
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from io import StringIO

from server.printing.output import BatchCount, LetterNews, LetterProgress, News, UnreadNews
from server.printing.outputs.counts import read_count
from server.xmlio.safe_parsing import XmlLimits, XmlRejected, parse_document

logger = logging.getLogger(__name__)

NAMESPACE = "urn:damtshilfe:druckrueckmeldung:1"
COLUMNS = ("brief", "stand", "zeitpunkt", "grund")
_REQUIRED = frozenset(COLUMNS[:3])
_COUNTS = ("seiten", "blaetter")
_SUMS = ("briefe", *_COUNTS)
_LIMITS = XmlLimits(elements=500_000, depth=8)
_MAX_REASON = 500
# Of a value that nobody understands.
_QUOTED = 60

_Row = Mapping[str, str]


class ReturnFileUnreadable(Exception):
    """A file is no return file; the text is German."""


def read_return_file(name: str, content: bytes) -> Iterator[News]:
    """The news in a file, by the suffix of its name XML or CSV; raises ReturnFileUnreadable."""
    head, rows = _read_xml(name, content) if name.endswith(".xml") else ({}, _read_csv(content))
    sums = [read_count(head.get(key), f"return file {name}, {key}") for key in _SUMS]
    if any(sums):
        yield BatchCount(*sums)
    for number, row in rows:
        try:
            yield _to_news(row, f"return file {name}, entry {number}")
        except ValueError as error:
            logger.warning("return file %s, entry %d is left out: %s", name, number, error)
            yield UnreadNews(f"Rückmeldedatei {name}, Eintrag {number}: {_quote(row)}")


def _quote(row: _Row) -> str:
    values = ", ".join(f"{key} „{row.get(key, '').strip()[:_QUOTED]}“" for key in COLUMNS[:3])
    return f"unverständlich ({values})."


def write_withdrawals(news: Iterable[LetterNews]) -> bytes:
    """Withdrawn letters as CSV, in the form of a return file."""
    text = StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for item in news:
        moment = item.moment.isoformat(timespec="seconds")
        writer.writerow((item.letter_id, item.progress.value, moment, item.reason))
    return text.getvalue().encode("utf-8")


def _read_csv(content: bytes) -> Iterator[tuple[int, _Row]]:
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


def _read_xml(name: str, content: bytes) -> tuple[_Row, Iterable[tuple[int, _Row]]]:
    """The attributes of the root, and the entries."""
    try:
        root = parse_document(content, _LIMITS)
    except XmlRejected as error:
        raise ReturnFileUnreadable(error.reason) from None
    if root.tag != f"{{{NAMESPACE}}}rueckmeldung":
        raise ReturnFileUnreadable(f"Das Wurzelelement ist nicht rueckmeldung aus {NAMESPACE}.")
    named = root.get("auftrag", "")
    if named != name.partition(".")[0]:
        raise ReturnFileUnreadable(f"Die Datei nennt einen anderen Auftrag: {named!r}.")
    entries = enumerate(root.iterfind(f"{{{NAMESPACE}}}brief"), 1)
    rows = ((number, {**item.attrib, "brief": item.get("id", "")}) for number, item in entries)
    return dict(root.attrib), rows


def _to_news(row: _Row, place: str) -> LetterNews:
    letter_id = row["brief"].strip()
    if not letter_id:
        raise ValueError("no letter is named")
    return LetterNews(
        letter_id,
        LetterProgress(row.get("stand", "").strip().lower()),
        datetime.fromisoformat(row.get("zeitpunkt", "").strip()),
        " ".join(row.get("grund", "").split())[:_MAX_REASON],
        *(read_count(row.get(key), f"{place}, {key}") for key in _COUNTS),
    )
