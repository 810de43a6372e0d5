"""A hash reveals its input to everybody who can guess it, so the hash of a link needs the same scopes as its body."""

from tests.fixtures.served import Served

AMOUNTS = """{ chainEvents(first: 400) { nodes {
  number type hash previousHash aidRecord { __typename amount } } } }"""


def test_an_office_that_reads_no_bodies_gets_no_hash_to_try_amounts_against(hub: Served) -> None:
    reply = hub.ask("education@4101", AMOUNTS)
    events = reply.body["data"]["chainEvents"]["nodes"]
    closed = [
        event for event in events if event["aidRecord"] and event["aidRecord"]["__typename"] != "EducationAid"
    ]
    assert closed
    assert all(event["type"] == "AID_RECORDED" for event in closed)
    assert {(event["hash"], event["previousHash"], event["aidRecord"]["amount"]) for event in closed} == {
        (None, None, None)
    }


def test_an_auditor_reads_the_hashes_link_by_link(hub: Served) -> None:
    reply = hub.ask(
        "audit@4101",
        "{ households(first: 1) { nodes { chain { events(first: 20) { nodes { body hash previousHash } } } } } }",
    )
    (household,) = reply.data["households"]["nodes"]
    events = household["chain"]["events"]["nodes"]
    assert len(events) > 2
    assert [event["previousHash"] for event in events] == [
        "0" * 64,
        *(event["hash"] for event in events[:-1]),
    ]
