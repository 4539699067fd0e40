"""Versions of the directory: what one brought is taken back without a trace."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from persistence.authority_database import AuthorityDatabase
from persistence.authority_tables import gemeinde, regel
from persistence.engine import begin_writing
from persistence.schema import DatabaseKind, upgrade_schema
from persistence.stores.directory_versions import VersionState
from persistence.stores.gemeinden import to_gemeinde_row
from persistence.stores.regeln import to_regel_row
from persistence.trust_database import TrustDatabase
from server.domain.behoerde import PartyIdentifier
from server.domain.gemeinde import Gemeinde
from server.domain.hausnummer import Parity
from server.domain.regel import Regel, Region
from tests.unit.conftest import NewEngine

pytestmark = pytest.mark.both_databases

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JENA = Gemeinde("16053000", "07743", "Jena")
WEIMAR = Gemeinde("16055000", "99423", "Weimar")
KASSE = PartyIdentifier("ags:16053000", "xoev")


@pytest.fixture
def directory(new_engine: NewEngine) -> AuthorityDatabase:
    return AuthorityDatabase(new_engine(DatabaseKind.AUTHORITY))


def add(directory: AuthorityDatabase, *items: Gemeinde) -> int:
    with directory.writing() as store:
        version = store.versions.open("Test", NOW, {"added": len(items)})
        store.versions.insert_rows(gemeinde, map(to_gemeinde_row, items), version)
    return version


def list_gemeinden(directory: AuthorityDatabase) -> tuple[Gemeinde, ...]:
    with directory.reading() as store:
        return store.gemeinden.list_all()


def test_roll_back_takes_new_rows_away_and_brings_closed_ones_back(
    directory: AuthorityDatabase,
) -> None:
    add(directory, JENA)
    second = add(directory, WEIMAR)
    with directory.writing() as store:
        store.versions.close_rows(gemeinde, [1], second)
    assert list_gemeinden(directory) == (WEIMAR,)
    with directory.writing() as store:
        store.versions.roll_back(second)
    assert list_gemeinden(directory) == (JENA,)
    with directory.reading() as store:
        assert [(item.key, item.state) for item in store.versions.list_all()] == [
            (2, VersionState.ROLLED_BACK),
            (1, VersionState.ACTIVE),
        ]
        assert store.versions.find_newest_active() == 1


def test_roll_back_of_an_older_version_is_refused(directory: AuthorityDatabase) -> None:
    first = add(directory, JENA)
    add(directory, WEIMAR)
    with pytest.raises(ValueError, match="newest"), directory.writing() as store:
        store.versions.roll_back(first)
    assert len(list_gemeinden(directory)) == 2


def test_writing_counts_the_revision_up(directory: AuthorityDatabase) -> None:
    with directory.reading() as store:
        before = store.versions.read_revision()
    add(directory, JENA)
    with directory.reading() as store:
        assert store.versions.read_revision() == before + 1


def test_rules_stored_and_found_by_anchor_and_prefix_are_the_same(
    directory: AuthorityDatabase,
) -> None:
    street = Region(
        plz="07743", strasse="Saalstraße", number_from="1", number_to="17a", parity=Parity.ODD
    )
    regeln = (
        Regel(street, ("bussgeld", "grundsteuer"), KASSE, date(2026, 1, 1), date(2026, 12, 31)),
        Regel(Region(ags="16053000"), (), KASSE),
        Regel(Region(plz="07743"), (), KASSE),
    )
    with directory.writing() as store:
        version = store.versions.open("Test", NOW)
        store.versions.insert_rows(regel, map(to_regel_row, regeln), version)
    with directory.reading() as store:
        assert store.regeln.list_by_anchors(["S07743|saalstr"]) == regeln[:1]
        assert store.regeln.list_by_anchors(["16053000", "P07743", "16"]) == regeln[1:]
        assert store.regeln.list_by_prefix("S07743|", 10) == regeln[:1]
        assert store.regeln.list_by_prefix("S0774|", 10) == ()
        assert tuple(store.regeln.iterate_all()) == regeln


def test_migration_of_participants_keeps_them_both_ways(new_engine: NewEngine) -> None:
    from alembic import command

    from persistence.schema import _make_config

    engine = new_engine()
    config = _make_config(DatabaseKind.AUTHORITY)
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        statement = f"INSERT INTO participant VALUES ('{'ab' * 32}', 'RZ', '2027-01-01 12:00:00')"
        connection.execute(text(statement))
        command.upgrade(config, "0004")
    with AuthorityDatabase(engine).reading() as store:
        found = store.find_participant("ab" * 32)
    assert found == ("RZ", datetime(2027, 1, 1, 12, tzinfo=UTC))
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0003")
        rows = connection.execute(text("SELECT fingerprint, name, not_after FROM participant"))
        assert [tuple(row)[:2] for row in rows] == [("ab" * 32, "RZ")]


def test_migration_of_replaced_certificates_they_count_until_their_end(
    new_engine: NewEngine,
) -> None:
    from alembic import command

    from persistence.schema import _make_config

    engine = new_engine()
    config = _make_config(DatabaseKind.AUTHORITY)
    values = (
        f"'{'ab' * 32}', :der, 'CN=a', 'CN=ca', '1f', '2026-01-01 00:00:00', "
        "'2028-01-01 00:00:00', 'ags:1', 'xoev', NULL, '2026-01-01 00:00:00', NULL, ''"
    )
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        insertion = text(f"INSERT INTO bound_certificate VALUES ({values})")
        connection.execute(insertion, {"der": b"0"})
        command.upgrade(config, "0006")
    trust, end = TrustDatabase(engine), datetime(2027, 1, 1, tzinfo=UTC)
    with trust.writing() as stores:
        (found,) = stores.certificates.list_all()
        assert found.accepted_until == found.not_after == datetime(2028, 1, 1, tzinfo=UTC)
        stores.certificates.limit(found.fingerprint, end)
    with trust.reading() as stores:
        (found,) = stores.certificates.list_all()
    assert (found.accepted_until, found.not_after.year) == (end, 2028)
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0005")
        rows = connection.execute(text("SELECT fingerprint, mandant_value FROM bound_certificate"))
        assert [tuple(row) for row in rows] == [("ab" * 32, "ags:1")]


def test_migration_keeps_rules_certificates_and_authorities(new_engine: NewEngine) -> None:
    from alembic import command

    from persistence.schema import _make_config

    engine = new_engine()
    config = _make_config(DatabaseKind.AUTHORITY)
    with begin_writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in (
            "INSERT INTO behoerde VALUES (7, 'ags:16053000', 'xoev', 'K', 'Stadt Jena', 'Am Anger',"
            " '15', '07743', 'Jena', 'brief')",
            "INSERT INTO gemeinde VALUES (1, '16053000', '07743', 'Jena', 'jena')",
            "INSERT INTO zustaendigkeit VALUES (1, '16053000', 'bussgeld', 7)",
        ):
            connection.execute(text(statement))
        certificate = "INSERT INTO certificate VALUES (1, 7, :der, '2026-01-01', '2027-01-01')"
        connection.execute(text(certificate), {"der": b"\0"})
    upgrade_schema(engine, DatabaseKind.AUTHORITY)
    with AuthorityDatabase(engine).reading() as store:
        assert store.regeln.list_by_anchors(["16053000"]) == (
            Regel(Region(ags="16053000"), ("bussgeld",), KASSE),
        )
        eintrag = store.behoerden.find(KASSE)
        assert eintrag is not None
        assert eintrag.behoerde.name == "Stadt Jena"
        assert eintrag.is_valid_on(date(2026, 1, 1))
        assert store.behoerden.list_certificates(KASSE, NOW) == (b"\0",)
        assert store.gemeinden.list_all() == (JENA,)
        assert [item.key for item in store.versions.list_all()] == [1]
