"""The compiler that is kept: nothing of one letter is seen in the next."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from server.printing.typesetting import Typesetter

CREATED = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
FILES = {
    "brief.typ": b'#import "kopf.typ": kopf\n#kopf(json("brief.json"))',
    "kopf.typ": b"#let kopf(data) = text(data.name)",
}


@pytest.fixture
def typesetter() -> Typesetter:
    return Typesetter(FILES, "brief.typ")


def test_set_cover_same_texts_give_the_same_bytes_whatever_was_set_before(
    typesetter: Typesetter,
) -> None:
    first = typesetter.set_cover({"name": "Flensburg"}, CREATED)
    assert typesetter.set_cover({"name": "Celle"}, CREATED) != first
    assert typesetter.set_cover({"name": "Flensburg"}, CREATED) == first
    assert Typesetter(FILES, "brief.typ").set_cover({"name": "Flensburg"}, CREATED) == first


def test_set_cover_after_an_error_sets_the_next(typesetter: Typesetter) -> None:
    first = typesetter.set_cover({"name": "Flensburg"}, CREATED)
    with pytest.raises(typst.TypstError):
        typesetter.set_cover({}, CREATED)
    assert typesetter.set_cover({"name": "Flensburg"}, CREATED) == first


def test_set_cover_files_that_the_system_removed_are_laid_out_anew(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    typesetter = Typesetter(FILES, "brief.typ")
    first = typesetter.set_cover({"name": "Flensburg"}, CREATED)
    (folder,) = tmp_path.iterdir()
    (folder / "kopf.typ").unlink()
    assert typesetter.set_cover({"name": "Flensburg"}, CREATED) == first
    shutil.rmtree(folder)
    assert typesetter.set_cover({"name": "Flensburg"}, CREATED) == first


def test_set_cover_template_from_before_reads_inputs(typesetter: Typesetter) -> None:
    main = FILES["brief.typ"].replace(b'"brief.json"', b"bytes(sys.inputs.letter)")
    assert main != FILES["brief.typ"]
    earlier = Typesetter({**FILES, "brief.typ": main}, "brief.typ")
    for name in ("Flensburg", "Celle"):
        expected = typesetter.set_cover({"name": name}, CREATED)
        assert earlier.set_cover({"name": name}, CREATED) == expected


def test_set_cover_texts_lie_on_no_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    typesetter = Typesetter(FILES, "brief.typ")
    typesetter.set_cover({"name": "Flensburg"}, CREATED)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path.name for path in files} == set(FILES)
    assert not any(b"Flensburg" in path.read_bytes() for path in files)


def test_set_cover_shorter_texts_leave_nothing_of_longer_ones(typesetter: Typesetter) -> None:
    short = typesetter.set_cover({"name": "Celle"}, CREATED)
    typesetter.set_cover({"name": "Mühlhausen in Thüringen"}, CREATED)
    assert typesetter.set_cover({"name": "Celle"}, CREATED) == short


def test_set_cover_of_several_threads_each_has_its_own_texts(typesetter: Typesetter) -> None:
    names = ("Flensburg", "Celle", "Mühlhausen in Thüringen", "Cochem")
    expected = {name: typesetter.set_cover({"name": name}, CREATED) for name in names}

    def set_often(name: str) -> set[bytes]:
        return {typesetter.set_cover({"name": name}, CREATED) for _ in range(50)}

    with ThreadPoolExecutor(len(names)) as threads:
        found = dict(zip(names, threads.map(set_often, names), strict=True))
    assert found == {name: {letter} for name, letter in expected.items()}


def test_set_cover_sees_no_other_files() -> None:
    with pytest.raises(typst.TypstError):
        Typesetter({"brief.typ": b'#read("../passwd")'}, "brief.typ").set_cover({}, CREATED)
