"""MessageIDs."""

import dataclasses
import re

from server.domain.behoerde import PartyIdentifier
from server.domain.mandant import Caller
from server.services.management import create_message_id


def test_create_message_id_has_the_form_of_the_standard(author: Caller) -> None:
    ids = {create_message_id(author) for _ in range(100)}
    assert len(ids) == 100
    assert all(
        re.fullmatch(r"urn:de:xta:messageid:ags_potsdam:[0-9a-f-]{36}", item) for item in ids
    )


def test_create_message_id_long_identifier_is_shortened(author: Caller) -> None:
    identifier = PartyIdentifier("ä" * 200, "xoev")
    mandant = dataclasses.replace(author.mandant, identifier=identifier)
    message_id = create_message_id(dataclasses.replace(author, mandant=mandant))
    assert len(message_id) == 100
    assert message_id.isascii()
