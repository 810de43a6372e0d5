"""What lies within the input of a write is guarded as it is elsewhere, however deep it lies and in whichever list: by its scope,
before anything is looked up or written (46-4.2). Every input type within another is on a list here, and is tried in each
mutation in which it lies; a new one fails until it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from auth.departments import scope_of
from schema.hub_schema import build
from tests.schema.desk import ArgumentValue, Desk, contents, differing, document, errors_in, registered
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.test_writing_follows_reading import NEEDED

TYPES: Any = build().graphql.type_map
KINDS = {
    "basicLiving": "basic_living", "medical": "medical", "education": "education", "housing": "housing",
    "employment": "employment", "disaster": "disaster", "temporary": "temporary", "service": "service", "other": "other",
    "charity": "charity", "relapsePrevention": "relapse_prevention",
}  # fmt: skip
SENDING, CERTIFYING = ("referral:write", "household:read"), ("certification:write", "certification:read")
GUARDED: Mapping[str, Mapping[str, Sequence[str]]] = {
    "SubjectInput": {"idNumber": ["person.identity:read"]},
    "UrgentPersonInput": {"idNumber": ["person.identity:read"], "name": ["person:read"]},
    "RecordAidInput": {"name": ["person:read"]},
    "AidDetailInput": {name: [f"aid.{kind}:write"] for name, kind in KINDS.items()},
    "TemporaryDetailInput": {"conference": ["conference:read"]},
    "CharityDetailInput": {"offer": ["aid.charity:read"]},
    "CircumstanceInput": {"name": ["person:read"]},
    "PushedNeedInput": dict.fromkeys(TYPES["PushedNeedInput"].fields, SENDING),
    "ConferenceMeasureInput": dict.fromkeys(TYPES["ConferenceMeasureInput"].fields, SENDING),
    "CalledConferenceInput": dict.fromkeys(
        TYPES["CalledConferenceInput"].fields, ("conference:write", "household:read")
    ),
    "TerminateCertificationInput": dict.fromkeys(
        TYPES["TerminateCertificationInput"].fields, (*CERTIFYING, "household:read")
    ),
    "InclusionInput": dict.fromkeys(TYPES["InclusionInput"].fields, CERTIFYING),
    **{
        kind: {name: [scope] for name, scope in NEEDED.items() if name in TYPES[kind].fields}
        for kind in ("HouseholdInput", "MemberInput")
    },
}
"""By input type and field: what nobody may say who lacks one of these scopes. Where every field is guarded the whole is another
write, which follows from the first."""
OPEN: Mapping[str, str] = {
    "NeedInput": "an application, which the mutation is guarded by",
    **{f"{name[0].upper()}{name[1:]}DetailInput": "told of a kind, which is guarded" for name in KINDS},
}
"""Types of which no field is guarded by itself, or only those above, and why."""
NOT_LOOKED_UP = {
    ("recordUrgentAid", "TemporaryDetailInput", "conference"), ("mediateOverlap", "TemporaryDetailInput", "conference"),
    ("mediateOverlap", "CharityDetailInput", "offer"),
}  # fmt: skip
"""No conference is held on somebody whom nobody knows; and what excludes aid does so whoever decided it or pays for it."""
ANOTHER = {"aid.charity:write", "aid.other:write"}
"""Any scope of a kind opens these writes: who lacks the one of this kind has that of another."""
BY_KIND = {"recordAid", "recordAids", "amendAid", "mediateOverlap"}
UNSEEN = {("amendAid", "CharityDetailInput", "offer")}
"""To who does not read a kind that no fact stands for, a record of it is as if it were not."""
Make = Callable[[Desk], ArgumentValue]


def input_of(mutation: str) -> GraphQLInputObjectType:
    """The type of a mutation's input."""
    kind = get_named_type(TYPES["Mutation"].fields[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


def within(kind: GraphQLInputObjectType) -> dict[str, GraphQLInputObjectType]:
    """The input types within one, by name."""
    found: dict[str, GraphQLInputObjectType] = {}
    waiting = [kind]
    while waiting:
        for field in waiting.pop().fields.values():
            named = get_named_type(field.type)
            if isinstance(named, GraphQLInputObjectType) and named.name not in found:
                found[named.name] = named
                waiting.append(named)
    return found


NESTED = {name: within(input_of(name)) for name in TYPES["Mutation"].fields if within(input_of(name))}
"""The mutations with inputs within their input."""


@dataclass(frozen=True)
class Place:
    """A guarded field that an input states: its type, its name, and the path to it."""

    kind: str
    name: str
    path: tuple[str, ...]


def stated(kind: GraphQLInputObjectType, value: Any, path: tuple[str, ...] = ("input",)) -> Iterator[Place]:
    """The guarded fields that an input states in those within it."""
    for name, part in value.items():
        if len(path) > 1 and name in GUARDED.get(kind.name, {}):
            yield Place(kind.name, name, (*path, name))
        of = get_named_type(kind.fields[name].type)
        if isinstance(of, GraphQLInputObjectType) and part is not None:
            if isinstance(part, list):
                for number, one in enumerate(part):
                    yield from stated(of, one, (*path, name, str(number)))
            else:
                yield from stated(of, part, (*path, name))


def by_number(kind: GraphQLInputObjectType, value: Any, number: str) -> Any:
    """The same input, in which everybody is named by an identity number."""
    if isinstance(value, list):
        return [by_number(kind, one, number) for one in value]
    if kind.name == "SubjectInput":
        return {"idNumber": number}
    named = {name: get_named_type(field.type) for name, field in kind.fields.items()}
    return {
        name: by_number(of, part, number) if isinstance(of := named[name], GraphQLInputObjectType) else part
        for name, part in value.items()
    }


def amended(agency: str, make: Make) -> Make:
    """An amendment of everything that is told of the kind of a record."""

    def made(desk: Desk) -> ArgumentValue:
        record = make(desk)
        id = desk.write(agency, "recordAid", record)
        return {"id": id, "expectedVersion": 1, "reason": "更正", "detail": record["detail"]}

    return made


def part_of(make: Make, whole: Callable[[ArgumentValue], ArgumentValue]) -> Make:
    """An input of which another is a part."""
    return lambda desk: whole(make(desk))


def cases(mutation: str) -> Iterator[tuple[str, Make]]:
    """Inputs of a mutation, and agencies that may send them; of every kind of aid whichever way it is sent."""
    yield from ((agency, make) for name, agency, make in KEPT if name == mutation)
    for agency, make in [(agency, make) for name, agency, make in KEPT if name == "recordAid"]:
        if mutation == "recordAids":
            yield agency, part_of(make, lambda record: {"outcomes": [record]})
        elif mutation == "mediateOverlap":
            yield agency, part_of(make, lambda record: {"outcome": record, "said": "请核实"})
        elif mutation == "amendAid":
            yield agency, amended(agency, make)


def refused(
    desk: Desk, agency: str, mutation: str, given: ArgumentValue, lacking: str
) -> list[dict[str, Any]]:
    """What is refused of an input for a client without a scope."""
    scopes = desk.served.grant(agency).scopes - {scope_of(lacking)}
    if mutation in BY_KIND:
        scopes |= {scope_of(next(one for one in sorted(ANOTHER) if one != lacking))}
    reply = desk.served.ask(agency, document(mutation), {"input": given}, scopes=scopes)
    if reply.body["data"][mutation] is None:
        assert reply.forbidden == {f"Mutation.{mutation}"}
        return [{"code": "FORBIDDEN_WRITE", "message": lacking, "path": ["input"]}]
    return errors_in(reply.body["data"][mutation])


def lies_near(path: Sequence[str], place: Place) -> bool:
    """Whether an error names the input as a whole, the record that it changes, or the same part of it as a place."""
    return tuple(path) in {("input",), ("input", "id")} or tuple(path[:2]) == place.path[:2]


def test_every_input_within_an_input_is_on_a_list() -> None:
    there = {name for within_it in NESTED.values() for name in within_it}
    assert there == GUARDED.keys() | OPEN.keys()
    assert len(NESTED) == 16
    for kind in ("HouseholdInput", "MemberInput"):
        assert GUARDED[kind].keys() | {"members"} >= TYPES[kind].fields.keys()
    assert GUARDED["AidDetailInput"].keys() == TYPES["AidDetailInput"].fields.keys()


@pytest.mark.parametrize("mutation", NESTED)
def test_a_guarded_field_of_an_input_within_an_input_is_refused_without_its_scope(
    desk: Desk, mutation: str
) -> None:
    kind = input_of(mutation)
    not_looked_up = {(one, name) for of, one, name in NOT_LOOKED_UP if of == mutation}
    tried: set[tuple[str, str]] = set()
    for agency, make in cases(mutation):
        given = make(desk)
        (member,) = registered(desk)["members"]
        for input in (given, by_number(kind, given, member["idNumber"])):
            places = [
                place
                for place in stated(kind, input)
                if (place.kind, place.name) not in tried | not_looked_up
            ]
            before = contents(desk) if places else {}
            for place in places:
                for lacking in GUARDED[place.kind][place.name]:
                    errors = refused(desk, agency, mutation, input, lacking)
                    if (mutation, place.kind, place.name) in UNSEEN:
                        assert [(one["code"], one["path"]) for one in errors] == [
                            ("NOT_FOUND", ["input", "id"])
                        ]
                        continue
                    assert {error["code"] for error in errors} == {"FORBIDDEN_WRITE"}, (place, lacking)
                    assert any(lacking in error["message"] for error in errors), (place, lacking, errors)
                    assert any(lies_near(error["path"], place) for error in errors), (place, lacking, errors)
                tried.add((place.kind, place.name))
            if places:
                assert differing(before, contents(desk)) == {}
                payload = desk.send(agency, mutation, input).data[mutation]
                assert "FORBIDDEN_WRITE" not in {error["code"] for error in errors_in(payload)}
    wanted = {(one, name) for one in NESTED[mutation] for name in GUARDED.get(one, {})}
    assert tried == wanted - not_looked_up
