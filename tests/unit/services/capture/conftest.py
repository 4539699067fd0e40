"""Capturing with real parts: stores, blobs, checks, rules, and a directory without a wire."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from persistence.blobs import FolderBlobs
from persistence.database import Database
from server.bootstrap_capture import make_capture
from server.bootstrap_parts import MessageParts, MessageServices
from server.domain.draft import Draft, Step
from server.domain.mandant import Caller
from server.domain.rights import Role
from server.domain.web_user import Actor, NewUser
from server.services.capture.services import Capture
from server.services.directory import Directory
from server.settings import Settings
from tests.support.capturing import CONTENT, WirelessAuthority, fill_with_places
from tests.support.directory import open_directory
from tests.unit.conftest import FixedClock

MakeActor = Callable[..., Actor]
MakeDraft = Callable[..., Draft]


@pytest.fixture
def directory(tmp_path: Path, clock: FixedClock) -> Directory:
    opened = open_directory(tmp_path / "verzeichnis.sqlite")
    fill_with_places(opened)
    wireless: Any = WirelessAuthority(opened, clock)
    return Directory(wireless)


@pytest.fixture
def capture(
    database: Database, blobs: FolderBlobs, clock: FixedClock, directory: Directory
) -> Capture:
    settings = Settings.model_validate({"limits": {"container_bytes": 100_000}})
    parts = MessageParts(settings, 1, database=database, clock=clock, directory=directory)
    parts.blobs = blobs
    return make_capture(settings, parts, MessageServices(settings, parts))


@pytest.fixture
def make_actor(database: Database, clock: FixedClock) -> MakeActor:
    def make(caller: Caller, login: str = "eva") -> Actor:
        new = NewUser(
            login, f"Name von {login}", "x@behoerde.example", Role.MANAGER, caller.mandant.key
        )
        with database.writing() as stores:
            key = stores.web_users.add(new, "x", clock())
            user = stores.web_users.find(key)
        assert user is not None
        return Actor(user, caller.mandant)

    return make


@pytest.fixture
def actor(author: Caller, make_actor: MakeActor) -> Actor:
    return make_actor(author)


@pytest.fixture
def make_draft(capture: Capture) -> MakeDraft:
    """A complete draft; values of steps may be changed."""

    def make(actor: Actor, **changes: dict[str, Any]) -> Draft:
        draft_id = capture.drafts.begin(actor)
        version = 1
        for step, values in CONTENT.items():
            typed = {**values, **changes.get(step, {})}
            version = capture.drafts.save(actor, draft_id, step, typed, version).version
        if Step.SENDEN in changes:
            capture.drafts.save(actor, draft_id, Step.SENDEN, changes[Step.SENDEN], version)
        found = capture.drafts.find(actor, draft_id)
        assert found is not None
        return found

    return make
