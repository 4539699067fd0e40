"""Keys of readers that this server holds, so that it opens for them what is encrypted for them.

A reader may have several: what was encrypted for an older certificate stays readable.
"""

import threading
from dataclasses import dataclass

from persistence.database import Database
from persistence.reader_key_files import ReaderKeyFiles
from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import AccessEntry, Mandant
from server.services.clock import Clock
from server.services.mandanten import OPERATOR, MandantRefused, find_for_change
from server.xmlio.encryption.keys import EncryptionCertificate, ReaderKey, read_reader_key
from server.xmlio.encryption.problems import KeyRefused

_SHORTEST_START = 8


@dataclass(frozen=True)
class HeldKey:
    """A key that is held, by its certificate."""

    mandant: Mandant
    certificate: EncryptionCertificate


class ReaderKeys:
    """Finds the keys of a reader; read anew when a key was added or removed."""

    def __init__(self, files: ReaderKeyFiles) -> None:
        self._files = files
        self._known: dict[str, tuple[int, tuple[ReaderKey, ...]]] = {}
        self._lock = threading.Lock()

    def find(self, reader: PartyIdentifier) -> tuple[ReaderKey, ...]:
        """The keys of a reader; raises KeyRefused where a file is not what it was."""
        owner = str(reader)
        version = self._files.find_version(owner)
        if not version:
            return ()
        with self._lock:
            known = self._known.get(owner)
        if known is None or known[0] != version:
            known = version, tuple(map(read_reader_key, self._files.read_all(owner)))
            with self._lock:
                self._known[owner] = known
        return known[1]


class ReaderKeyCare:
    """Adds, lists and removes keys of Mandanten. Raises UnknownMandant, MandantRefused."""

    def __init__(self, database: Database, files: ReaderKeyFiles, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._keys = ReaderKeys(files)
        self._clock = clock

    def add(self, kennung: str, content: bytes, password: str) -> HeldKey:
        """Holds the key of a PEM or PKCS#12 file for a Mandant; a repeat changes nothing."""
        try:
            key = read_reader_key(content, password)
        except KeyRefused as error:
            raise MandantRefused(str(error)) from error
        certificate = key.certificate
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            if self._files.add(str(mandant.identifier), certificate.fingerprint, key.to_pem()):
                entry = self._make_entry(mandant, certificate, "hinterlegt")
                stores.mandanten.add_access_entry(mandant.key, entry)
        return HeldKey(mandant, certificate)

    def list_all(self) -> tuple[HeldKey, ...]:
        """The keys of all Mandanten, those first that end first."""
        with self._database.reading() as stores:
            mandanten = stores.mandanten.list_all()
        held = [
            HeldKey(mandant, key.certificate)
            for mandant in mandanten
            for key in self._find(mandant)
        ]
        return tuple(sorted(held, key=lambda item: item.certificate.not_after))

    def remove(self, kennung: str, start: str) -> HeldKey:
        """Removes the key whose fingerprint begins so."""
        if len(start) < _SHORTEST_START:
            raise MandantRefused(
                f"Bitte mindestens {_SHORTEST_START} Zeichen des Fingerabdrucks angeben."
            )
        with self._database.writing() as stores:
            mandant = find_for_change(stores, kennung)
            found = [
                key.certificate
                for key in self._find(mandant)
                if key.certificate.fingerprint.startswith(start.lower())
            ]
            if len(found) != 1:
                raise MandantRefused(
                    f"{mandant.name} hat {len(found)} Schlüssel, deren Fingerabdruck so beginnt."
                )
            self._files.remove(str(mandant.identifier), found[0].fingerprint)
            entry = self._make_entry(mandant, found[0], "entfernt")
            stores.mandanten.add_access_entry(mandant.key, entry)
        return HeldKey(mandant, found[0])

    def _find(self, mandant: Mandant) -> tuple[ReaderKey, ...]:
        try:
            return self._keys.find(mandant.identifier)
        except KeyRefused as error:
            raise MandantRefused(
                f"Ein hinterlegter Schlüssel von {mandant.name} ist nicht lesbar: {error}"
            ) from error

    def _make_entry(
        self, mandant: Mandant, certificate: EncryptionCertificate, what: str
    ) -> AccessEntry:
        text = f"Schlüssel zum Zertifikat {certificate.fingerprint} {what}"
        access = mandant.access
        return AccessEntry(self._clock(), OPERATOR, text, access.state, access.last_day)
