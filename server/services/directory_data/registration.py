"""Registration of an authority: every field is checked; it is an answer only after confirmation."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from persistence.authority_database import AuthorityDatabase, DirectoryStore
from server.domain.anschrift import Anschrift
from server.domain.aufloesung import Certainty
from server.domain.behoerde import Kanal, PartyIdentifier
from server.domain.codeliste import Codeliste
from server.domain.directory_kind import DirectoryKind
from server.domain.eintrag import Eintrag, EintragState
from server.services.address_resolution import AddressResolver
from server.services.clock import Clock
from server.services.directory_data.fields import Fields
from server.services.directory_data.importing import collect_einnahmearten
from server.services.directory_data.records import DEFAULTS, IDENTITIES, READERS, Row
from server.services.gemeinde_index import GemeindeIndex
from server.services.shipped_ortsteile import read_shipped_ortsteile

_KIND = DirectoryKind.BEHOERDEN
_REQUIRED = ("iban", "einnahmearten", "kontakte")
_AGS_KENNUNG = re.compile(r"ags:(?!\d{8}$)")


class RegistrationRefused(Exception):
    """The registration cannot be taken; `problems` are German sentences, one for each mistake."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(self.problems))


class Registration:
    """Takes registrations and confirms them; `threshold` is the likeness of names (of 100)."""

    def __init__(
        self,
        database: AuthorityDatabase,
        clock: Clock,
        codelisten: Iterable[Codeliste],
        threshold: int,
    ) -> None:
        self._database = database
        self._clock = clock
        self._einnahmearten = collect_einnahmearten(codelisten)
        self._threshold = threshold

    def register(self, values: Mapping[str, str], accepts_address: bool = False) -> Eintrag:
        """Keeps a registration, which awaits its confirmation; raises RegistrationRefused.

        One that is not yet confirmed is replaced. `accepts_address` takes an address that the
        directory does not know, such as a postal code of a large recipient.
        """
        fields = Fields(values)
        row = READERS[_KIND](fields)
        problems = [*fields.problems, *_find_gaps(values, row), *self._find_problems(row)]
        has_address = not any(problem.startswith(("plz:", "ort:")) for problem in problems)
        with self._database.writing() as directory:
            if has_address and not accepts_address:
                problems += self._find_address_problems(row, directory)
            identifier = PartyIdentifier(row["identifier_value"], row["identifier_type"])
            problems += _find_state_problems(directory.behoerden.find(identifier))
            if problems:
                raise RegistrationRefused(problems)
            return self._write(directory, identifier, row)

    def confirm(self, identifier: PartyIdentifier) -> Eintrag:
        """From now on the authority is given as an answer; raises RegistrationRefused."""
        with self._database.writing() as directory:
            found = directory.behoerden.find(identifier)
            if found is None:
                raise RegistrationRefused([f"{identifier.value} ist nicht registriert."])
            if found.state is not EintragState.REGISTERED:
                raise RegistrationRefused([f"{identifier.value} ist schon bestätigt."])
            directory.behoerden.set_state(identifier, EintragState.ACTIVE)
        return found

    def _find_problems(self, row: Row) -> Iterator[str]:
        if _AGS_KENNUNG.match(row["identifier_value"]):
            yield "kennung: auf „ags:“ folgen 8 Ziffern."
        for key in row.get("einnahmearten", "").split():
            if key not in self._einnahmearten:
                yield f"einnahmearten: „{key}“ steht nicht in der Codeliste der Einnahmearten."

    def _find_address_problems(self, row: Row, directory: DirectoryStore) -> Iterator[str]:
        ortsteile = (*directory.gemeinden.list_ortsteile(), *read_shipped_ortsteile())
        index = GemeindeIndex(directory.gemeinden.list_all(), ortsteile)
        anschrift = Anschrift("", "", row["plz"], row["ort"])
        found = AddressResolver(index, self._threshold).resolve(anschrift)
        if found.certainty not in (Certainty.CERTAIN, Certainty.AMBIGUOUS):
            near = ", ".join(
                f"{item.gemeinde.plz} {item.gemeinde.ort}" for item in found.candidates[:3]
            )
            hint = f" Gemeint sein könnte: {near}." if near else ""
            yield f"ort: {row['plz']} {row['ort']} kennt das Verzeichnis nicht.{hint}"

    def _write(self, directory: DirectoryStore, identifier: PartyIdentifier, row: Row) -> Eintrag:
        registered = {**DEFAULTS[_KIND], **row, "state": EintragState.REGISTERED.value}
        earlier = [
            key
            for key, old in directory.rows.iterate_current(_KIND)
            if IDENTITIES[_KIND](old) == IDENTITIES[_KIND](row)
        ]
        version = directory.versions.open(
            f"Registrierung {identifier.value}", self._clock(), _summarise(bool(earlier))
        )
        directory.rows.close(_KIND, earlier, version)
        directory.rows.insert(_KIND, [registered], version)
        kept = directory.behoerden.find(identifier)
        if kept is None:
            raise RuntimeError(f"{identifier} was not kept")
        return kept


def _find_gaps(values: Mapping[str, str], row: Row) -> Iterator[str]:
    """What an import may leave out, but a registration must tell."""
    for name in _REQUIRED:
        if not values.get(name, "").strip():
            yield f"{name}: die Angabe fehlt."
    if row["kanal"] == Kanal.ELEKTRONISCH and not row.get("rechenzentrum"):
        yield "rechenzentrum: die Angabe fehlt; sie gehört zum Kanal elektronisch."
    for person in row.get("contact", []):
        if not (person.get("telefon") or person.get("email")):
            yield f"kontakte: zu {person.get('name', '…')} fehlt Telefon oder E-Mail."


def _find_state_problems(found: Eintrag | None) -> Iterator[str]:
    if found and found.state is not EintragState.REGISTERED:
        yield (
            f"kennung: {found.behoerde.identifier.value} ist schon eingetragen "
            f"({found.behoerde.name}); Änderungen kommen durch einen Import."
        )


def _summarise(is_change: bool) -> Mapping[str, Any]:
    counts = {"added": 0, "changed": 0, "ended": 0, "unchanged": 0}
    counts["changed" if is_change else "added"] = 1
    return {_KIND.value: counts}
