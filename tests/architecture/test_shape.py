"""Size and shape of the code, and what must not stand in it."""

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("server", "persistence", "clients")
MAX_FUNCTION_LINES = 50
MAX_FILE_LINES = 400
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}


def list_files() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def list_functions() -> Iterator[tuple[str, int]]:
    for path in list_files():
        if "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", length


def test_functions_are_short() -> None:
    lengths = dict(list_functions())
    assert {name: n for name, n in lengths.items() if n > MAX_FUNCTION_LINES} == {}
    under_25 = sum(1 for n in lengths.values() if n < 25) / len(lengths)
    assert under_25 >= 0.9
    assert statistics.median(lengths.values()) <= 9


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short_and_well_named(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < MAX_FILE_LINES
    assert path.name not in FORBIDDEN_NAMES


@pytest.mark.parametrize("path", list_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_public_things_have_docstrings(path: Path) -> None:
    if "migrations" in path.parts:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree) or not tree.body, f"{path} says not why it exists"
    missing = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert missing == []


def test_days_are_found_in_one_place() -> None:
    own_day = re.compile(
        r"(clock\(\)|now|moment|astimezone\([\w.]*\))\.date\(\)|date\.today\(|ZoneInfo\("
    )
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in list_files()
        if path.name != "local_time.py"
        for match in own_day.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def list_committed() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    return [ROOT / name for name in listing.split("\0") if name]


def test_no_file_names_a_package_registry() -> None:
    names = ("pypi", "npmjs", "pythonhosted")
    hosts = re.compile("|".join(f"{name}[.]org" for name in names))
    found = [
        str(path.relative_to(ROOT))
        for path in list_committed()
        if path.is_file() and hosts.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_faults_document_lists_every_fault() -> None:
    from server.errors import ALL_FAULTS

    text = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    missing = [fault for fault in ALL_FAULTS if f"| {fault.code} | {fault.name} |" not in text]
    assert missing == []


def test_report_codes_document_lists_every_code() -> None:
    from server.domain.transport_report import REPORT_TEXTS

    text = (ROOT / "docs" / "report-codes.md").read_text(encoding="utf-8")
    missing = [code for code in REPORT_TEXTS if f"| `{code.value}` |" not in text]
    assert missing == []


def test_massnahmen_document_lists_the_standard_catalogue() -> None:
    from server.services.standard_massnahmen import read_standard_massnahmen

    text = (ROOT / "docs" / "massnahmen.md").read_text(encoding="utf-8")
    rows = [
        f"| `{item.key}` | {item.name} | {'; '.join(item.legal_bases)} "
        f"| {', '.join(item.angaben) or '–'} | {', '.join(sorted(item.laender)) or 'all'} |"
        for item in read_standard_massnahmen()
    ]
    assert [row for row in rows if row not in text] == []


def test_codelisten_document_lists_every_shipped_list() -> None:
    from server.xmlio.shipped_codelisten import read_shipped_codelisten

    text = (ROOT / "docs" / "codelisten.md").read_text(encoding="utf-8")
    lists = read_shipped_codelisten()
    assert [item.uri for item in lists if f"| `{item.uri}` | {item.version} |" not in text] == []


def test_web_client_document_holds_the_table_of_rights() -> None:
    from server.domain.rights import render_rights

    text = (ROOT / "docs" / "web-client.md").read_text(encoding="utf-8")
    assert f"<!-- rights -->\n{render_rights()}\n<!-- /rights -->" in text


def test_glossary_explains_the_nouns_of_the_domain() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    nouns = [path.stem for path in (ROOT / "server" / "domain").glob("*.py")]
    words = ["".join(map(str.capitalize, noun.split("_"))) for noun in nouns if noun != "__init__"]
    assert [word for word in sorted(words) if word not in text] == []


def test_zustaendigkeit_document_lists_every_mark_and_verdict() -> None:
    from server.domain.aufloesung import Mark
    from server.domain.zustaendigkeit import Verdict

    text = (ROOT / "docs" / "zustaendigkeit.md").read_text(encoding="utf-8")
    assert [item for item in (*Mark, *Verdict) if f"| `{item.value}` |" not in text] == []
