"""Keys of readers: added, listed, removed, and never to be read by others."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from persistence.database import Database
from persistence.reader_key_files import ReaderKeyFiles
from server.domain.mandant import Caller
from server.services.mandanten import MandantRefused, UnknownMandant
from server.services.reader_keys import ReaderKeyCare, ReaderKeys
from server.xmlio.encryption.keys import ReaderKey
from tests.support.encryption import make_certificate, make_private_key, make_reader_key
from tests.unit.conftest import FixedClock

JENA = "xoev:ags:jena"


@pytest.fixture
def files(tmp_path: Path) -> ReaderKeyFiles:
    return ReaderKeyFiles(tmp_path / "leser")


@pytest.fixture
def care(
    database: Database, files: ReaderKeyFiles, clock: FixedClock, reader: Caller, author: Caller
) -> ReaderKeyCare:
    return ReaderKeyCare(database, files, clock)


def to_pkcs12(key: ReaderKey, password: bytes) -> bytes:
    encryption = serialization.BestAvailableEncryption(password)
    return pkcs12.serialize_key_and_certificates(
        b"jena", key.private_key, key.certificate.certificate, None, encryption
    )


def pem_of(kind: str, usage: str = "fitting") -> bytes:
    """Key and certificate of any kind, also of one that is refused."""
    key = make_private_key(kind)
    written: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificate = make_certificate(key, usage=usage)
    return written + certificate.public_bytes(serialization.Encoding.PEM)


def split(key: ReaderKey) -> tuple[bytes, bytes]:
    """Key and certificate of a PEM file."""
    mark = b"-----BEGIN CERTIFICATE"
    first, _, second = key.to_pem().partition(mark)
    return first, mark + second


@pytest.mark.parametrize("kind", ["rsa3072", "p256"])
def test_add_pem_and_pkcs12_are_the_same_key(
    care: ReaderKeyCare, files: ReaderKeyFiles, reader: Caller, kind: str
) -> None:
    key = make_reader_key(kind)
    care.add(JENA, key.to_pem(), "")
    care.add(JENA, to_pkcs12(key, b"geheim"), "geheim")
    (held,) = ReaderKeys(files).find(reader.mandant.identifier)
    assert held.certificate.fingerprint == key.certificate.fingerprint
    assert held.private_key.private_numbers() == key.private_key.private_numbers()


def test_add_writes_files_that_only_the_owner_may_read(
    care: ReaderKeyCare, files: ReaderKeyFiles, tmp_path: Path
) -> None:
    care.add(JENA, make_reader_key("p256").to_pem(), "")
    (path,) = (tmp_path / "leser").glob("*/*")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert files.find_readable_by_others() == ()
    path.chmod(0o640)
    assert files.find_readable_by_others() == (path,)


def test_add_and_remove_stand_in_the_history_once(
    care: ReaderKeyCare, database: Database, reader: Caller
) -> None:
    key = make_reader_key("p256")
    for _ in range(2):
        care.add(JENA, key.to_pem(), "")
    care.remove(JENA, key.certificate.fingerprint[:8].upper())
    with database.reading() as stores:
        entries = stores.mandanten.list_access_entries(reader.mandant.key)
    name = f"Schlüssel zum Zertifikat {key.certificate.fingerprint}"
    assert [entry.text for entry in entries] == [f"{name} hinterlegt", f"{name} entfernt"]
    assert care.list_all() == ()


def test_list_names_the_keys_of_all_mandanten(care: ReaderKeyCare) -> None:
    first, second = make_reader_key("p256"), make_reader_key("rsa3072")
    care.add(JENA, first.to_pem(), "")
    care.add(JENA, second.to_pem(), "")
    care.add("xoev:ags:potsdam", make_reader_key("p384").to_pem(), "")
    held = [(item.mandant.name, item.certificate.fingerprint) for item in care.list_all()]
    assert len(held) == 3
    assert ("jena", first.certificate.fingerprint) in held
    assert ("jena", second.certificate.fingerprint) in held
    assert {name for name, _ in held} == {"jena", "potsdam"}


@pytest.mark.parametrize(
    ("make_content", "words"),
    [
        (lambda: b"", "keinen lesbaren"),
        (lambda: b"-----BEGIN NOTHING-----", "keinen lesbaren"),
        (lambda: pem_of("rsa2048"), "2048 Bit"),
        (lambda: pem_of("p192"), "Kurve"),
        (lambda: pem_of("ed25519"), "weder"),
        (lambda: pem_of("p256", "digitalSignature"), "keyAgreement"),
        (
            lambda: split(make_reader_key("p256"))[0] + split(make_reader_key("p384"))[1],
            "kein Zertifikat zu ihrem Schlüssel",
        ),
        (lambda: to_pkcs12(make_reader_key("p256"), b"anders"), "Kennwort"),
    ],
)
def test_add_what_is_no_fitting_key_is_refused(
    care: ReaderKeyCare, tmp_path: Path, make_content: Callable[[], bytes], words: str
) -> None:
    with pytest.raises(MandantRefused, match=words):
        care.add(JENA, make_content(), "geheim")
    assert list((tmp_path / "leser").glob("*/*")) == []


def test_add_for_nobody_is_refused(care: ReaderKeyCare) -> None:
    with pytest.raises(UnknownMandant):
        care.add("xoev:ags:nirgends", make_reader_key("p256").to_pem(), "")


@pytest.mark.parametrize("start", ["", "abc", "0" * 8])
def test_remove_what_is_not_exactly_one_is_refused(care: ReaderKeyCare, start: str) -> None:
    care.add(JENA, make_reader_key("p256").to_pem(), "")
    with pytest.raises(MandantRefused):
        care.remove(JENA, start)
    assert len(care.list_all()) == 1
