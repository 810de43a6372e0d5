"""Everything that a client can end: by whom, not too early, only once, and for good. For agencies that do not see it, it does
not exist."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from schema.engine.declare.ids import decode, encode
from schema.hub_schema import build
from tests.fixtures.days import dated
from tests.fixtures.served import Reply
from tests.schema.desk import ArgumentValue, Desk, contents, differing, errors_in
from tests.schema.endings import BEGINS_OR_CHANGES, ENDING_WORDS, ENDINGS, Ending
from tests.schema.what_follows import id_in

MUTATIONS = set(build().graphql.type_map["Mutation"].fields)  # type: ignore[attr-defined]
every_ending = pytest.mark.parametrize(
    "ending", ENDINGS, ids=[f"{ending.mutation} {ending.name}".strip() for ending in ENDINGS]
)


def codes(reply: Reply, mutation: str) -> list[str]:
    """The codes of the request's errors or of the payload's errors."""
    return reply.codes or [error["code"] for error in errors_in(reply.body["data"][mutation])]


def sent(desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> list[str]:
    """The codes for the input of an agency."""
    return codes(desk.send(agency, mutation, given), mutation)


def otherwise(given: ArgumentValue, words: ArgumentValue, version: int) -> ArgumentValue:
    """The same ending with other words, and with a version."""
    said: ArgumentValue = dated(words)
    if "reports" in given:
        return {"reports": [report | said for report in given["reports"]]}
    return given | said | {"expectedVersion": version}


def ended(desk: Desk, ending: Ending) -> tuple[ArgumentValue, str]:
    """Something that has ended: the input that ended it, and its id."""
    given = ending.make(desk)
    payload = desk.send(ending.by, ending.mutation, given).data[ending.mutation]
    assert errors_in(payload) == []
    return given, str(given.get("id") or id_in(payload))


def of_nobody(given: ArgumentValue) -> Iterator[ArgumentValue]:
    """The same input about something that does not exist, or about a person who does not exist."""
    if "reports" in given:
        (report,) = given["reports"]
        yield {"reports": [report | {"subject": {"personId": _made_up(report["subject"]["personId"])}}]}
    else:
        yield given | {"id": _made_up(given["id"])}


def _made_up(id: str) -> str:
    """An id of the same kind that belongs to nothing."""
    kind, key = decode(id)
    return encode(kind, [*key[:-1], uuid4()])


PUBLIC = {"endCountyOption"}
"""The result of these is public: a county publishes its options."""


def test_every_mutation_either_ends_something_or_is_known_to_end_nothing() -> None:
    ending = {one.mutation for one in ENDINGS}
    assert ending | BEGINS_OR_CHANGES == MUTATIONS, (
        "a new mutation has its row among the endings, or ends nothing"
    )
    assert not ending & BEGINS_OR_CHANGES
    assert {name for name in BEGINS_OR_CHANGES if name.startswith(ENDING_WORDS)} == set()
    assert all(one.refused and (one.unseen or one.mutation in PUBLIC) for one in ENDINGS)


@every_ending
def test_nobody_else_ends_it_and_who_does_not_see_it_is_told_as_of_nothing(
    desk: Desk, ending: Ending
) -> None:
    given = ending.make(desk)
    before = contents(desk)
    told = {agency: sent(desk, agency, ending.mutation, given)[0] for agency in ending.refused}
    assert told == ending.refused
    for agency in ending.unseen:
        replies = [desk.send(agency, ending.mutation, one) for one in (given, *of_nobody(given))]
        assert codes(replies[0], ending.mutation) == ["NOT_FOUND"], agency
        assert replies[0] == replies[1], f"{agency} learns that it is there"
    assert differing(before, contents(desk)) == {}
    assert sent(desk, ending.by, ending.mutation, given) == [], "it was still there to be ended"


@every_ending
def test_what_has_ended_does_not_end_again_in_other_words(desk: Desk, ending: Ending) -> None:
    given, _ = ended(desk, ending)
    before = contents(desk)
    version = given.get("expectedVersion", 0)
    assert sent(desk, ending.by, ending.mutation, otherwise(given, ending.words, version + 1)) == [
        ending.twice
    ]
    if ending.words:
        passed = sent(desk, ending.by, ending.mutation, otherwise(given, ending.words, version))
        assert passed in ([ending.twice], ["STALE_VERSION"])
    assert differing(before, contents(desk)) == {}


@pytest.mark.parametrize(
    ("ending", "place"),
    [(ending, place) for ending in ENDINGS for place in range(len(ending.early))],
    ids=[f"{ending.mutation}-{place}" for ending in ENDINGS for place in range(len(ending.early))],
)
def test_what_is_not_so_far_does_not_end(desk: Desk, ending: Ending, place: int) -> None:
    make, code = ending.early[place]
    given = make(desk)
    before = contents(desk)
    assert sent(desk, ending.by, ending.mutation, given) == [code]
    assert differing(before, contents(desk)) == {}


@pytest.mark.parametrize(
    "ending",
    [ending for ending in ENDINGS if ending.bars],
    ids=[f"{ending.mutation} {ending.name}" for ending in ENDINGS if ending.bars],
)
def test_nothing_goes_on_with_what_has_ended(desk: Desk, ending: Ending) -> None:
    given, id = ended(desk, ending)
    for code, then in ending.bars:
        agency, mutation, input = then(desk, given, id)
        before = contents(desk)
        found: Any = sent(desk, agency, mutation, input)
        assert found == [code], (agency, mutation)
        assert differing(before, contents(desk)) == {}
