"""Short secrets under the data keys of the blob store."""

from pathlib import Path

import pytest

from persistence.blobs.data_keys import DataKeys
from persistence.blobs.master_key import MasterKeys
from persistence.blobs.sealing import SealedTexts, SecretUnreadable, is_sealed
from persistence.database import Database
from tests.support.blob_keys import make_data_keys
from tests.unit.conftest import FixedClock

CONTEXT = "web_user 1 totp_secret"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def keys(database: Database, tmp_path: Path, clock: FixedClock) -> DataKeys:
    return make_data_keys(database, tmp_path / "haupt.key", clock)


def test_sealed_text_opens_with_its_context_only(keys: DataKeys) -> None:
    texts = SealedTexts(keys)
    sealed = texts.seal(SECRET, CONTEXT)
    assert is_sealed(sealed) and SECRET not in sealed
    assert texts.open(sealed, CONTEXT) == SECRET
    with pytest.raises(SecretUnreadable, match="vertauscht"):
        texts.open(sealed, "web_user 2 totp_secret")


def test_same_text_is_sealed_differently_each_time(keys: DataKeys) -> None:
    texts = SealedTexts(keys)
    assert texts.seal(SECRET, CONTEXT) != texts.seal(SECRET, CONTEXT)


@pytest.mark.parametrize("place", [25, 60, -8])
def test_changed_text_is_not_opened(keys: DataKeys, place: int) -> None:
    texts = SealedTexts(keys)
    sealed = texts.seal(SECRET, CONTEXT)
    letter = "A" if sealed[place] != "A" else "B"
    changed = sealed[:place] + letter + sealed[place:][1:]
    with pytest.raises(SecretUnreadable):
        texts.open(changed, CONTEXT)


def test_text_that_is_no_base64_is_not_opened(keys: DataKeys) -> None:
    sealed = SealedTexts(keys).seal(SECRET, CONTEXT)
    with pytest.raises(SecretUnreadable):
        SealedTexts(keys).open(sealed[:-3], CONTEXT)


def test_older_data_key_opens_and_is_told_apart(keys: DataKeys) -> None:
    texts = SealedTexts(keys)
    sealed = texts.seal(SECRET, CONTEXT)
    assert texts.is_current(sealed)
    keys.renew()
    assert not texts.is_current(sealed)
    assert texts.open(sealed, CONTEXT) == SECRET


def test_another_master_key_wraps_the_data_key_and_the_text_stays(
    keys: DataKeys, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sealed = SealedTexts(keys).seal(SECRET, CONTEXT)
    MasterKeys(tmp_path / "haupt.key", {}).replace_file()
    assert keys.rewrap() == 1
    (tmp_path / "haupt.key.alt").unlink()
    fresh = make_data_keys(database, tmp_path / "haupt.key", clock)
    assert SealedTexts(fresh).open(sealed, CONTEXT) == SECRET


def test_missing_master_key_is_told(
    keys: DataKeys, database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    sealed = SealedTexts(keys).seal(SECRET, CONTEXT)
    fresh = make_data_keys(database, tmp_path / "haupt.key", clock)
    (tmp_path / "haupt.key").unlink()
    with pytest.raises(SecretUnreadable, match="Hauptschlüssel"):
        SealedTexts(fresh).open(sealed, CONTEXT)
    with pytest.raises(SecretUnreadable, match="Hauptschlüssel"):
        SealedTexts(fresh).seal(SECRET, CONTEXT)


def test_data_key_that_the_database_lost_is_told(keys: DataKeys) -> None:
    sealed = SealedTexts(keys).seal(SECRET, CONTEXT)
    foreign = sealed.replace(sealed.split("-")[1], "0" * 16)
    with pytest.raises(SecretUnreadable, match="Datenschlüssel 0000000000000000 fehlt"):
        SealedTexts(keys).open(foreign, CONTEXT)


def test_without_keys_texts_stay_plain_and_sealed_ones_closed(keys: DataKeys) -> None:
    plain = SealedTexts(None)
    assert plain.seal(SECRET, CONTEXT) == SECRET
    assert plain.open(SECRET, CONTEXT) == SECRET and plain.is_current(SECRET)
    with pytest.raises(SecretUnreadable, match="ausgeschaltet"):
        plain.open(SealedTexts(keys).seal(SECRET, CONTEXT), CONTEXT)
    assert not SealedTexts(keys).is_current(SECRET)
