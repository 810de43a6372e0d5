"""Each text of each input at its longest is stored, and with one character more it is refused at its place.

The numbers are those of the contract: the description of the field, or the table of docs/values.md.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLInputField, GraphQLInputObjectType, build_schema, get_named_type

from tests.schema.desk import ArgumentValue, Desk, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.values_that_cannot_be import Place, places

ROOT = Path(__file__).parents[2]
VALUES = ROOT / "docs" / "values.md"
SDL = build_schema((ROOT / "schema" / "schema.graphql").read_text("utf-8"), assume_valid=True)
BY_NAME = {
    "externalId": 64, "code": 64, "program": 100, "matter": 1000, "found": 4000, "visitors": 200, "office": 100, "post": 100,
    "said": 1000, "ground": 800, "note": 500, "measure": 1000, "school": 200, "name": 100,
}  # fmt: skip
"""The longest text of a name that means the same in several inputs."""
LONGEST = {
    **{f"{kind}.reason": most for most, kinds in {
        500: "AmendAid RevokeAid TerminateCertification EndNearRelative WithdrawDisclosure EndCountyOption OpenRecovery"
             " WaiveRecovery",
        1000: "CreateReferral ForwardReferral ReturnReferral EndReferral RaiseAlert DisposeAlert DecideOverlap RecordLiability"
              " Need PushedNeed",
    }.items() for kind in (f"{one}Input" for one in kinds.split())},
    **{f"{kind}DetailInput.{name}": 200 for kind, names in {
        "RelapsePrevention": "measure", "Charity": "organisation project", "Service": "provider",
        "Temporary": "trouble noConferenceReason", "Disaster": "disaster", "Employment": "employer post",
        "Education": "school", "Medical": "hospital", "BasicLiving": "institution",
    }.items() for name in names.split()},
    "RecordAidInput.outcome": 1000, "RecordUrgentAidInput.outcome": 1000, "AmendAidInput.outcome": 1000,
    "CompleteReferralInput.outcome": 1000, "CloseConferenceInput.minutes": 20_000, "CloseConferenceInput.decision": 1000,
    "ConferenceMeasureInput.what": 1000, "OfferCharityInput.organisation": 200, "OfferCharityInput.what": 200,
    "RecordCountyOptionInput.document": 500, "OpenRecoveryInput.goods": 500, "HouseholdInput.address": 500,
    "UrgentPersonInput.knownAs": 200, "MemberInput.account": 34,
}  # fmt: skip
"""The longest text of each other field."""
OF_A_FORM = {
    **dict.fromkeys(
        ("toAgency", "agency", "participants", "region", "happenedAtRegion"), "a code that exists"
    ),
    **dict.fromkeys(("idNumber", "phone", "month"), "digits of a form of their own"),
    **dict.fromkeys(("conference", "offer"), "the externalId of another object"),
    "head": "the registered name, compared",
}
"""Texts whose form has the bound in it."""
ASCII = {"account", "code"}
COMPARED = {"RecordAidInput.name", "CircumstanceInput.name"}
"""A name that is compared with the registered one: at its longest it is another one, which is told otherwise."""


def longest(coordinate: str) -> int | None:
    """The longest text of a field; None where it has a form of its own."""
    coordinate = coordinate.removesuffix("[]")
    name = coordinate.rpartition(".")[2]
    return None if name in OF_A_FORM else LONGEST.get(coordinate) or BY_NAME[name]


def text(desk: Desk, place: Place, length: int) -> str:
    """A text of a length, used nowhere else where it must be."""
    letter = "6" if place.name in ASCII else "长"
    head = desk.number() if place.name in ("externalId", "code") else ""
    return head.ljust(length, letter)


def input_of(mutation: str) -> GraphQLInputObjectType:
    """The type of a mutation's input."""
    assert SDL.mutation_type is not None
    kind = get_named_type(SDL.mutation_type.fields[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


def texts(mutation: str, given: ArgumentValue) -> Iterator[Place]:
    """The texts of an input that have a longest."""
    for place in places(input_of(mutation), given):
        if get_named_type(place.type).name == "String" and isinstance(place.value, str):
            yield place


def cases() -> list[tuple[str, str, Callable[[Desk], ArgumentValue]]]:
    """Each mutation with the inputs that are stored."""
    return [one for one in KEPT if one[0] != "recordAids"]


def fields() -> Iterator[tuple[str, GraphQLInputField]]:
    """Every text of every input, by its coordinate."""
    assert SDL.mutation_type is not None
    waiting, found = [input_of(name) for name in SDL.mutation_type.fields], set[str]()
    while waiting:
        kind = waiting.pop()
        if kind.name in found:
            continue
        found.add(kind.name)
        for name, field in kind.fields.items():
            named = get_named_type(field.type)
            if isinstance(named, GraphQLInputObjectType):
                waiting.append(named)
            elif named.name == "String":
                yield f"{kind.name}.{name}", field


def documented() -> dict[str, int]:
    """The lengths that docs/values.md states, by the field's name or coordinate."""
    chapter = VALUES.read_text("utf-8").partition("## 长度")[2].partition("\n## ")[0]
    return {
        name: int(most.replace(",", ""))
        for names, most in re.findall(r"^\| (.+) \| ([\d,]+) \|$", chapter, re.M)
        for name in re.findall(r"`([A-Za-z.]+)`", names)
    }


def test_the_contract_states_the_length_of_each_text() -> None:
    in_docs, stated = documented(), {}
    for coordinate, field in fields():
        if longest(coordinate) is not None:
            here = re.search(r"(?:1|up) to ([\d,]+) characters", field.description or "")
            name = coordinate.rpartition(".")[2]
            stated[coordinate] = (
                int(here[1].replace(",", "")) if here else in_docs.get(coordinate, in_docs.get(name))
            )
    assert stated == {one: longest(one) for one in stated}
    assert len(stated) > 60


WALKED: set[str] = set()
"""The fields that were tried."""


@pytest.mark.parametrize(
    ("mutation", "agency", "good"),
    cases(),
    ids=[f"{mutation} {place}" for place, (mutation, *_) in enumerate(cases())],
)
def test_a_text_is_stored_at_its_longest_and_refused_with_one_character_more(
    desk: Desk, mutation: str, agency: str, good: Callable[[Desk], ArgumentValue]
) -> None:
    given = good(desk)
    tried = [
        (place, most)
        for place in texts(mutation, given)
        if (most := longest(place.coordinate)) and place.coordinate not in WALKED
    ]
    full: Any = given
    for place, most in tried:
        WALKED.add(place.coordinate)
        payload = desk.send(agency, mutation, place.given(given, text(desk, place, most + 1)))
        (error, *_) = errors_in(payload.data[mutation])
        assert error["path"] == ["input", *map(str, place.path)], (place.coordinate, error)
        assert str(most) in error["message"] or place.name == "account", (place.coordinate, error)
        assert error["code"] != "NAME_MISMATCH", place.coordinate
        if place.coordinate in COMPARED:
            at_most = place.given(given, text(desk, place, most))
            codes = {one["code"] for one in errors_in(desk.send(agency, mutation, at_most).data[mutation])}
            assert codes == {"NAME_MISMATCH"}, place.coordinate
        else:
            full = place.given(full, text(desk, place, most))
    if tried:
        assert errors_in(desk.send(agency, mutation, full).data[mutation]) == []
