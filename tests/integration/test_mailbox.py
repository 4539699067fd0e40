"""The mailbox port by hand: list forms, selectors, what is pending, who may see what."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from tests.support.installation import OSCI_ACTION, FaultView, Installation, read_fault

OSCI = "http://www.osci.eu/ws/2008/05/transport"
LIST, FETCH = "MsgBoxStatusListRequest", "MsgBoxFetchRequest"
REASONS = "http://www.osci.eu/ws/2008/05/transport/MsgBox/reasons/"


def request(
    installation: Installation,
    name: str,
    attributes: str = "",
    selector: str = "",
    mandant: str = "jena",
) -> etree._Element:
    """The envelope that answers a request; fails on a fault."""
    response = installation.post(
        installation.url("msgbox"),
        envelope(name, attributes, selector),
        OSCI_ACTION + name,
        installation.certificate(mandant),
    )
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content)


def envelope(name: str, attributes: str, selector: str) -> bytes:
    inner = f"<MsgSelector{selector}</MsgSelector>" if selector else ""
    return (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:wsa="http://www.w3.org/2005/08/addressing"><env:Body>'
        f'<{name} xmlns="{OSCI}" {attributes}>{inner}</{name}></env:Body></env:Envelope>'
    ).encode()


def list_ids(answer: etree._Element) -> list[str]:
    return [item.text or "" for item in answer.iterfind(".//{*}Body//{*}MessageID")]


def pending(answer: etree._Element) -> int:
    return int(answer.findtext(".//{*}Header/{*}MsgBoxResponse/{*}ItemsPending") or -1)


def reason(answer: etree._Element) -> str:
    found = answer.find(".//{*}Header/{*}MsgBoxResponse/{*}NoMessageAvailable")
    return "" if found is None else found.get("reason", "")


@pytest.fixture
def waiting(installation: Installation) -> Iterator[list[str]]:
    """Three messages in the mailbox of Jena, the first of them fetched."""
    author, reader = installation.xta("potsdam"), installation.xta("jena")
    installation.empty_mailbox()  # what other tests left there
    message_ids = [author.create_message_id() for _ in range(3)]
    for message_id in message_ids:
        author.send(installation.outgoing(message_id, "jena"))
    reader.fetch(message_ids[0])
    yield message_ids
    installation.empty_mailbox()


def test_get_status_list_both_forms_list_the_oldest_first(
    installation: Installation, waiting: list[str]
) -> None:
    long = request(installation, LIST, 'ListForm="MessageMetaData"')
    short = request(installation, LIST, 'ListForm="MsgAtrributes"')
    assert list_ids(long) == list_ids(short) == waiting
    assert pending(long) == pending(short) == 0
    first, second = short.findall(".//{*}MsgAttributes")[:2]
    assert first.findtext("{*}InitialFetchedTime")
    assert second.findtext("{*}InitialFetchedTime") is None
    size = len(installation.payload()) + len(installation.attachment())
    assert int(first.findtext("{*}MsgSize") or 0) == size


def test_get_status_list_max_items_tells_what_is_pending(
    installation: Installation, waiting: list[str]
) -> None:
    answer = request(installation, LIST, 'maxListItems="2"')
    assert list_ids(answer) == waiting[:2]
    assert pending(answer) == 1


def test_get_status_list_selectors_restrict_the_list(
    installation: Installation, waiting: list[str]
) -> None:
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    for selector, expected in (
        (f"><wsa:MessageID>{waiting[1]}</wsa:MessageID>", waiting[1:2]),
        (' newEntry="true">', waiting[1:]),
        (' newEntry="false">', waiting),
        (f"><MsgBoxEntryTimeTo>{later}</MsgBoxEntryTimeTo>", waiting),
    ):
        assert list_ids(request(installation, LIST, selector=selector)) == expected
    nothing = request(
        installation, LIST, selector=f"><MsgBoxEntryTimeFrom>{later}</MsgBoxEntryTimeFrom>"
    )
    assert reason(nothing) == REASONS + "NoMatch"


def test_get_message_without_selector_gives_the_oldest_until_it_is_closed(
    installation: Installation, waiting: list[str]
) -> None:
    for _ in range(2):
        answer = request(installation, FETCH)
        assert answer.findtext(".//{*}Header//{*}MsgIdentification/{*}MessageID") == waiting[0]
        assert pending(answer) == 2


def test_get_message_nothing_waiting_has_an_empty_body_and_the_reason(
    installation: Installation,
) -> None:
    answer = request(installation, FETCH, mandant="cochem")
    assert reason(answer) == REASONS + "NoMatch"
    body = answer.find("{*}Body")
    assert body is not None
    assert len(body) == 0


def test_mailbox_of_another_mandant_shows_nothing(
    installation: Installation, waiting: list[str]
) -> None:
    selector = f"><wsa:MessageID>{waiting[0]}</wsa:MessageID>"
    for mandant in ("potsdam", "cochem"):
        answer = request(installation, LIST, selector=selector, mandant=mandant)
        assert reason(answer) == REASONS + "NoMatch"
        fault = fetch_fault(installation, selector, mandant)
        unknown = fetch_fault(installation, "><wsa:MessageID>urn:x:1</wsa:MessageID>", mandant)
        # The same words whether it is somebody else's or nobody's.
        assert fault.text.replace(waiting[0], "urn:x:1") == unknown.text
        assert (fault.exception, fault.code) == ("InvalidMessageIDException", "9070")


def fetch_fault(installation: Installation, selector: str, mandant: str) -> FaultView:
    certificate = installation.certificate(mandant)
    content = envelope(FETCH, "", selector)
    return read_fault(
        installation.post(installation.url("msgbox"), content, OSCI_ACTION + FETCH, certificate)
    )


def test_get_message_confirmed_one_is_known_but_no_match(
    installation: Installation, waiting: list[str]
) -> None:
    reader = installation.xta("jena")
    fetched = reader.fetch(waiting[1])
    assert fetched is not None
    reader.close(fetched.request_id, [waiting[1]])
    selector = f"><wsa:MessageID>{waiting[1]}</wsa:MessageID>"
    assert reason(request(installation, FETCH, selector=selector)) == REASONS + "NoMatch"


def test_get_next_status_list_unknown_confirmation_gets_a_declared_fault(
    installation: Installation, waiting: list[str]
) -> None:
    begun = request(installation, LIST, 'maxListItems="1"')
    content = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        f'<MsgBoxGetNextRequest xmlns="{OSCI}" MsgBoxRequestID="{request_id(begun)}">'
        "<LastMsgReceived>urn:x:1</LastMsgReceived></MsgBoxGetNextRequest>"
        "</env:Body></env:Envelope>"
    ).encode()
    action = OSCI_ACTION + "MsgBoxGetNextListRequest"
    certificate = installation.certificate("jena")
    fault = read_fault(installation.post(installation.url("msgbox"), content, action, certificate))
    assert (fault.exception, fault.code) == ("XTAWSTechnicalProblemException", "9000")
    assert "9070" in fault.text
    assert len(installation.xta("jena").list_message_ids()) == len(waiting)


def test_answer_carries_action_and_relates_to_of_the_request(installation: Installation) -> None:
    message_id = "urn:uuid:6d1f0c5f-2a54-4d2b-93f3-0c5a9d0f0002"
    content = envelope(LIST, "", "").replace(
        b"<env:Body>",
        f"<env:Header><wsa:MessageID>{message_id}</wsa:MessageID></env:Header><env:Body>".encode(),
    )
    answer = installation.post(installation.url("msgbox"), content, OSCI_ACTION + LIST)
    header = etree.fromstring(answer.content).find("{*}Header")
    assert header is not None
    assert header.findtext("{*}Action") == OSCI_ACTION + LIST
    assert header.findtext("{*}RelatesTo") == message_id


@pytest.mark.parametrize("name", [LIST, FETCH])
@pytest.mark.parametrize(
    "selector",
    [
        "><Extension/>",
        "><MsgBoxEntryTimeFrom>2026-11-02T00:00:00Z</MsgBoxEntryTimeFrom>"
        "<MsgBoxEntryTimeTo>2026-11-01T00:00:00Z</MsgBoxEntryTimeTo>",
    ],
    ids=["unknown criterion", "contradictory times"],
)
def test_selector_that_makes_no_sense_is_refused_not_ignored(
    installation: Installation, waiting: list[str], name: str, selector: str
) -> None:
    answer = request(installation, name, selector=selector)
    assert reason(answer).endswith("/SearchArgsInvalid")
    assert list_ids(answer) == []
    assert len(list_ids(request(installation, LIST))) == len(waiting)


def request_id(answer: etree._Element) -> str:
    response = answer.find(".//{*}Header/{*}MsgBoxResponse")
    assert response is not None
    return response.get("MsgBoxRequestID", "")


def go_on(
    installation: Installation, name: str, iterator: str, *received: str, mandant: str = "jena"
) -> etree._Element:
    """getNextMessage or getNextStatusList."""
    confirmed = "".join(f"<LastMsgReceived>{item}</LastMsgReceived>" for item in received)
    content = (
        '<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"><env:Body>'
        f'<MsgBoxGetNextRequest xmlns="{OSCI}" MsgBoxRequestID="{iterator}">{confirmed}'
        "</MsgBoxGetNextRequest></env:Body></env:Envelope>"
    )
    response = installation.post(
        installation.url("msgbox"),
        content.encode(),
        OSCI_ACTION + name,
        installation.certificate(mandant),
    )
    assert response.status_code == 200, response.text
    return etree.fromstring(response.content)


def head_id(answer: etree._Element) -> str:
    return answer.findtext(".//{*}Header//{*}MsgIdentification/{*}MessageID") or ""


def test_get_next_message_confirms_and_goes_on_to_the_end(
    installation: Installation, waiting: list[str]
) -> None:
    answer = request(installation, FETCH)
    iterator = request_id(answer)
    for number, message_id in enumerate(waiting):
        assert head_id(answer) == message_id
        assert pending(answer) == 2 - number
        answer = go_on(installation, "MsgBoxGetNextMsgRequest", iterator, message_id)
        assert message_id not in installation.xta("jena").list_message_ids()
    assert reason(answer) == REASONS + "NoMatch"
    assert request_id(answer) == iterator


def test_get_next_message_without_confirmation_leaves_messages_in_the_mailbox(
    installation: Installation, waiting: list[str]
) -> None:
    iterator = request_id(request(installation, FETCH))
    answers = [go_on(installation, "MsgBoxGetNextMsgRequest", iterator) for _ in range(2)]
    assert [head_id(answer) for answer in answers] == waiting[1:]
    assert installation.xta("jena").list_message_ids() == waiting


def test_get_next_status_list_gives_the_rest_in_the_same_form(
    installation: Installation, waiting: list[str]
) -> None:
    first = request(installation, LIST, 'maxListItems="2" ListForm="MsgAtrributes"')
    rest = go_on(installation, "MsgBoxGetNextListRequest", request_id(first))
    assert list_ids(rest) == waiting[2:]
    assert rest.find(".//{*}MsgAttributes") is not None
    end = go_on(installation, "MsgBoxGetNextListRequest", request_id(first))
    assert reason(end) == REASONS + "NoMatch"


@pytest.mark.parametrize("name", ["MsgBoxGetNextMsgRequest", "MsgBoxGetNextListRequest"])
def test_iterator_unknown_foreign_or_closed_is_invalid(
    installation: Installation, waiting: list[str], name: str
) -> None:
    iterator = request_id(request(installation, FETCH))
    invalid = REASONS + "RequestIdInvalid"
    assert reason(go_on(installation, name, "urn:uuid:unbekannt")) == invalid
    assert reason(go_on(installation, name, iterator, mandant="cochem")) == invalid
    installation.xta("jena").close(iterator, [])
    assert reason(go_on(installation, name, iterator)) == invalid


def test_get_message_header_shows_the_head_without_fetching(
    installation: Installation, waiting: list[str]
) -> None:
    selector = f"><wsa:MessageID>{waiting[1]}</wsa:MessageID>"
    answer = request(installation, FETCH, 'MsgPart="Header"', selector)
    assert head_id(answer) == waiting[1]
    assert answer.find("{*}Body/*") is None
    report = installation.xta("potsdam").find_report(waiting[1])
    assert "InitialFetch" not in report.times
    body = request(installation, FETCH, 'MsgPart="Body"', selector)
    assert head_id(body) == ""
    assert body.find("{*}Body/{*}GenericContentContainer") is not None


def test_selector_relates_to_finds_the_answer(installation: Installation) -> None:
    from tests.integration.test_bad_input import new_id, post_message

    question, answer, other = new_id(), new_id(), new_id()
    reply = f"<meta:In-Reply-To>{question}</meta:In-Reply-To>"
    post_message(installation, answer, identification=reply)
    post_message(installation, other)
    selector = f"><wsa:RelatesTo>{question}</wsa:RelatesTo>"
    assert list_ids(request(installation, LIST, selector=selector)) == [answer]
    installation.empty_mailbox()


def test_not_before_in_the_future_delays_delivery(installation: Installation) -> None:
    from tests.integration.test_bad_input import new_id, post_message

    message_id = new_id()
    due = datetime.now(UTC) + timedelta(seconds=3)
    post_message(installation, message_id, f"<meta:NotBefore>{due.isoformat()}</meta:NotBefore>")
    reader = installation.xta("jena")
    assert message_id not in reader.list_message_ids()
    while message_id not in reader.list_message_ids():
        assert datetime.now(UTC) < due + timedelta(seconds=30)
    assert datetime.now(UTC) >= due
    fetched = reader.fetch(message_id)
    assert fetched is not None
    reader.close(fetched.request_id, [message_id])


def test_obsolete_after_ends_a_message_with_a_yellow_report(installation: Installation) -> None:
    from tests.integration.test_bad_input import new_id, post_message

    message_id = new_id()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    post_message(installation, message_id, f"<meta:ObsoleteAfter>{yesterday}</meta:ObsoleteAfter>")
    author = installation.xta("potsdam")
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while (report := author.find_report(message_id)).status == 0:
        assert datetime.now(UTC) < deadline
    assert report.status == 2
    assert "verfallen" in report.codes
    assert message_id not in installation.xta("jena").list_message_ids()
