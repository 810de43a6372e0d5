"""Whatever a mutation's input contains that cannot be saved is refused with a code, its path and both languages, and nothing
is written. The test takes every field of every input from the schema."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import GraphQLInputObjectType, GraphQLNonNull, get_named_type, is_input_object_type

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from schema.engine.declare.input_validation import FORMS
from schema.hub_schema import build
from schema.user_errors import user_errors
from tests.conftest import TestCluster
from tests.fixtures.served import Reply, serve
from tests.schema.desk import ArgumentValue, Desk, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.values_that_cannot_be import Place, places

MUTATIONS = build().graphql.type_map["Mutation"].fields  # type: ignore[attr-defined]
SILENT = "an empty optional text is saved as null"
EMPTY_BATCH = "an empty batch writes nothing"
AHEAD = "it may be in the future"
LONGER = "its limit is higher"
ACCEPTED: dict[tuple[str, str], str] = {
    **{(f"{kind}.{name}", label): SILENT for label in ("empty", "blank") for kind, names in {
        "AmendAidInput": "outcome", "BasicLivingDetailInput": "institution", "CharityDetailInput": "project offer",
        "EducationDetailInput": "school", "EmploymentDetailInput": "employer post", "HouseholdInput": "address region",
        "MedicalDetailInput": "hospital", "MemberInput": "phone account school", "RecordAidInput": "outcome",
        "TemporaryDetailInput": "noConferenceReason", "RecordUrgentAidInput": "outcome",
    }.items() for name in names.split()},
    **{(f"{kind}Input.{name}", "empty"): EMPTY_BATCH for kind, name in (
        ("RecordAids", "outcomes"), ("UpsertHouseholds", "households"), ("ReportCircumstances", "reports"),
    )},
    ("CloseConferenceInput.measures", "empty"): "a conference may decide no measure",
    ("CompleteReferralInput.aidRecordIds", "empty"): "a need may be answered without aid",
    ("CompleteReferralInput.aidRecordIds", "too long"): "a repeated record counts once",
    ("CalledConferenceInput.participants", "too long"): "a repeated agency counts once",
    ("OpenConferenceInput.participants", "too long"): "a repeated agency counts once",
    ("MemberInput.account", "letters"): "accounts of institutions may have letters",
    ("CloseConferenceInput.minutes", "too long"): LONGER,
    ("RecordVisitInput.found", "too long"): LONGER,
    **{(name, "tomorrow"): AHEAD for name in (
        "AmendAidInput.periodFrom", "CalledConferenceInput.meetsOn", "CertifyInput.validUntil", "OfferCharityInput.until",
        "InclusionInput.validUntil",
        "OpenConferenceInput.meetsOn", "OpenRecoveryInput.dueOn", "RecordAidInput.periodFrom",
        "TemporaryDetailInput.papersDueOn", "RecordUrgentAidInput.periodFrom",
        "RecordUrgentAidInput.periodUntil", "RecordCountyOptionInput.since",
    )},
}  # fmt: skip
"""Values that an input may hold although the test tries them as wrong, with the reason."""
NEEDED = {
    "RecordAidInput.amount", "RecordAidInput.paidOn", "AmendAidInput.amount", "AmendAidInput.paidOn",  # required for PAID
    "AmendAidInput.program", "AmendAidInput.periodFrom", "AmendAidInput.periodUntil", "AmendAidInput.status",
    "AmendAidInput.decidedOn", "TemporaryDetailInput.conference", "DisposeAlertInput.conference",
    "DisposeAlertInput.termination", "CertifyInput.subtype", "DecideOverlapInput.withdrawn",
    "OpenRecoveryInput.manner", "OpenRecoveryInput.goods", "RecordLiabilityInput.measure", "InclusionInput.personId",
    "UrgentPersonInput.idNumber", "UrgentPersonInput.name", "UrgentPersonInput.knownAs",
    "RecordUrgentAidInput.amount", "RecordUrgentAidInput.paidOn",
    "CircumstanceInput.educationStage", "CircumstanceInput.school", "CircumstanceInput.disabilityType",
    "CircumstanceInput.disabilityGrade", "CircumstanceInput.amount", "CircumstanceInput.expectedVersion",
}  # fmt: skip
"""Fields that may be null, but not in the input of this test. In any other input null is as if the field were omitted."""
TOLD_ELSEWHERE = {
    ("CircumstanceInput.expectedVersion", "null"): "externalId",  # other content under a used external id
}
"""Refusals that name another field of the same input."""


@pytest.fixture(scope="module")
def desk(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Desk]:
    """The hub on a copy of the sample, where good inputs find the rows that they need."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    with serve(cluster.create(name, sample_template), settings, keys) as served:
        yield Desk(served)
    cluster.drop(name)


def written(desk: Desk) -> list[tuple[Any, ...]]:
    """For every table except the access ledger's, the number of rows and the last transaction that wrote one."""
    with psycopg.connect(desk.served.database_url) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
            " and relname not in ('access_record', 'coordinate_set', 'operation_text', 'record_event') order by 1"
        ).fetchall()
        counts = [f"select '{name}', count(*), max(xmin::text::bigint) from {name}" for (name,) in tables]
        return sorted(connection.execute(" union all ".join(counts).encode()).fetchall())


def input_of(mutation: str) -> GraphQLInputObjectType:
    """The type of a mutation's input."""
    kind = get_named_type(MUTATIONS[mutation].args["input"].type)
    assert isinstance(kind, GraphQLInputObjectType)
    return kind


def accepted(place: Place, label: str) -> bool:
    """Whether an input may hold the value."""
    if label == "null" and not isinstance(place.type, GraphQLNonNull) and not place.one_of:
        return place.coordinate not in NEEDED
    return (place.coordinate, label) in ACCEPTED


def told(reply: Reply, mutation: str) -> list[tuple[str, list[str], str, str]]:
    """Code, path and both languages of each error, of the request's or the payload's."""
    if "errors" in reply.body:
        assert reply.status == 400
        return [
            (
                error["extensions"]["code"],
                [str(step) for step in error["extensions"].get("path", [])],
                error["message"],
                error["extensions"]["messageZh"],
            )
            for error in reply.body["errors"]
        ]
    errors = errors_in(reply.body["data"][mutation])
    assert all(error["code"] in user_errors() for error in errors)
    return [(error["code"], error["path"], error["message"], error["messageZh"]) for error in errors]


def unlike(place: Place, label: str, reply: Reply, mutation: str) -> list[str]:
    """The faults of the response to a bad input."""
    try:
        errors = told(reply, mutation)
    except (AssertionError, KeyError, TypeError):
        return [f"{place.coordinate} {label}: {reply.status} {reply.body}"[:500]]
    path = ["input", *map(str, place.path)]
    wanted = [path, path[:-1]] if place.one_of else [path]
    if (elsewhere := TOLD_ELSEWHERE.get((place.coordinate, label))) is not None:
        wanted = [[*path[:-1], elsewhere]]
    wrong = [
        error
        for error in errors
        if not any((error[1] or [])[: len(one)] == one for one in wanted)
        or not error[2]
        or not error[3]
        or error[3].isascii()
        or misnamed(error)
    ]
    return [f"{place.coordinate} {label}: {wrong or 'accepted'}"] if wrong or not errors else []


def misnamed(error: tuple[str, list[str], str, str]) -> bool:
    """Whether the message of an error uses another name for the field than its path."""
    code, path, message, chinese = error
    if code != "INVALID_INPUT":
        return False
    name = next(step for step in reversed(path) if not step.isdigit())
    return not message.startswith(f"The value of {name} cannot") or not chinese.startswith(f"“{name}”")


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
def test_what_no_input_can_hold_is_refused_with_a_code_its_place_and_both_languages(
    desk: Desk, mutation: str
) -> None:
    kind, walked, faults = input_of(mutation), set[str](), []
    allowed: list[tuple[str, Any, Place, str]] = []
    for agency, make in [(agency, make) for name, agency, make in KEPT if name == mutation]:
        input = make(desk)
        mine = [one for one in places(kind, input) if one.coordinate not in walked]
        before = written(desk)
        for place in mine:
            walked.add(place.coordinate)
            for label, value in place.values().items():
                if accepted(place, label):
                    allowed.append((agency, make, place, label))
                else:
                    reply = desk.send(agency, mutation, place.given(input, value))
                    faults += unlike(place, label, reply, mutation)
        assert faults == []
        assert written(desk) == before, "a refused write wrote something"
        assert sent(desk, agency, mutation, input) == [], (
            "the input was good but for what was made wrong in it"
        )
    for agency, make, place, label in allowed:
        input = make(desk)
        value = next(one for one in places(kind, input) if one.path == place.path).values()[label]
        assert sent(desk, agency, mutation, place.given(input, value)) == [], (place.coordinate, label)


def sent(desk: Desk, agency: str, mutation: str, given: ArgumentValue) -> list[Any]:
    """The errors of an input."""
    return told(desk.send(agency, mutation, given), mutation)


def test_the_good_inputs_together_state_every_field_of_every_input(desk: Desk) -> None:
    stated = {place.coordinate for name, _, make in KEPT for place in places(input_of(name), make(desk))}
    missing = reachable() - stated
    assert missing == {"SubjectInput.idNumber"}, "identity numbers are walked in the sample's other tests"


def reachable() -> set[str]:
    """Every field of every input that a mutation takes."""
    found: set[str] = set()
    waiting = [input_of(name) for name in MUTATIONS]
    while waiting:
        kind = waiting.pop()
        for name, field in kind.fields.items():
            if (coordinate := f"{kind.name}.{name}") not in found:
                found.add(coordinate)
                named = get_named_type(field.type)
                waiting += [named] if is_input_object_type(named) else []
    return found


def test_every_text_of_every_input_has_its_form() -> None:
    texts = {
        name
        for kind in {coordinate.partition(".")[0] for coordinate in reachable()}
        for name, field in build().graphql.type_map[kind].fields.items()  # type: ignore[attr-defined]
        if get_named_type(field.type).name == "String"
    }
    assert texts == set(FORMS)
