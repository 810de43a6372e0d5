"""A caller who may not read a value may neither compare nor overwrite it. Each value of a household and of its members needs
its own scope, before anything is looked up (46-4.2)."""

from collections.abc import Iterator, Mapping
from typing import Any

import psycopg
import pytest

from auth.departments import DEPARTMENTS, scope_of
from auth.scopes import Scope
from schema.hub_schema import build
from tests.journeys.outcomes import grant_of_a_pupil
from tests.schema.desk import NAME, STREET, ArgumentValue, Desk, contents, document, errors_in, registered
from tests.schema.inputs_that_are_kept import KEPT

NEEDED: Mapping[str, str] = {
    **dict.fromkeys(["code", "region", "residence", "expectedVersion"], "household:read"),
    "address": "household.address:read",
    **dict.fromkeys(["incomePerCapita", "account"], "household.finance:read"),
    **dict.fromkeys(["name", "relation", "head"], "person:read"),
    "idNumber": "person.identity:read",
    "phone": "person.contact:read",
    "health": "person.health:read",
    **dict.fromkeys(["disabilityType", "disabilityGrade"], "person.disability:read"),
    **dict.fromkeys(["educationStage", "school"], "person.education:read"),
    **dict.fromkeys(["employment", "labour"], "person.employment:read"),
}
"""The groups of columns, as in the permissions."""
ALWAYS = {"code", "name", "relation", "idNumber"}
OTHERWISE: Mapping[str, Any] = {
    "address": "经八路4号", "incomePerCapita": "651.00", "account": "6228480000000000002", "phone": "13800002222",
    "health": "HEALTHY", "disabilityType": "HEARING", "disabilityGrade": 3, "educationStage": "COLLEGE", "school": "别的学校",
    "employment": "EMPLOYED", "labour": "NONE", "region": "410105001", "residence": "RURAL", "name": "赵六", "head": "赵六",
}  # fmt: skip
AGRICULTURE = "agriculture@410105"


def writable() -> Iterator[tuple[str, str]]:
    """Each value that the mutation can write: household or member, and its name."""
    types: Any = build().graphql.type_map
    yield from (("household", name) for name in types["HouseholdInput"].fields if name != "members")
    yield from (("member", name) for name in types["MemberInput"].fields)


def put(given: ArgumentValue, of: str, name: str, value: Any) -> ArgumentValue:
    """A household with one member in which one value is another."""
    if of == "household":
        return {**given, name: value}
    return {**given, "members": [{**given["members"][0], name: value}]}


def without(given: ArgumentValue, of: str, name: str) -> ArgumentValue:
    """A household with one member without one value."""
    if of == "household":
        return {key: value for key, value in given.items() if key != name}
    return {
        **given,
        "members": [{key: value for key, value in given["members"][0].items() if key != name}],
    }


def refused(desk: Desk, given: ArgumentValue, lacking: str, agency: str = STREET) -> list[dict[str, Any]]:
    """The errors of a household that is sent without a scope."""
    scopes = desk.served.grant(agency).scopes - {scope_of(lacking)}
    asked = {"input": {"households": [given]}}
    reply = desk.served.ask(agency, document("upsertHouseholds"), asked, scopes=scopes)
    return errors_in(reply.body["data"]["upsertHouseholds"])


def test_every_value_that_can_be_written_belongs_to_a_group() -> None:
    assert {name for _, name in writable()} == NEEDED.keys()


BY_THE_MUTATION = {"expectedVersion", "idNumber"}
"""The first is no value of the household. The mutation as a whole needs the second, so that nothing of it runs without its
scope."""


@pytest.mark.parametrize(("of", "name"), [one for one in writable() if one[1] not in BY_THE_MUTATION])
def test_a_value_that_may_not_be_read_is_refused_alike_whatever_stands(
    desk: Desk, of: str, name: str
) -> None:
    """Another household's code, the same value, another value: the response is the same, and nothing is read, written or
    waited for."""
    lacking = NEEDED[name]
    new, stands = registered(desk, head=NAME), registered(desk, head=NAME)
    assert (
        errors_in(desk.send(STREET, "upsertHouseholds", {"households": [stands]}).data["upsertHouseholds"])
        == []
    )
    other = put(stands, of, name, OTHERWISE.get(name, stands.get(name) or stands["members"][0].get(name)))
    before = contents(desk)
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute("select id from household where code = %s for update", (stands["code"],))
        answers = [refused(desk, given, lacking) for given in (new, stands, other)]
    assert answers[0] == answers[1] == answers[2]
    assert {answer["code"] for answer in answers[0]} == {"FORBIDDEN_WRITE"}
    assert all(lacking in answer["message"] for answer in answers[0])
    place = (
        ["code"] if lacking == "household:read" else [name] if of == "household" else ["members", "0", name]
    )
    assert ["input", "households", "0", *place] in [answer["path"] for answer in answers[0]]
    assert contents(desk) == before


@pytest.mark.parametrize(("of", "name"), [one for one in writable() if one[1] not in ALWAYS])
def test_what_is_left_out_needs_no_scope(desk: Desk, of: str, name: str) -> None:
    lacking = NEEDED[name]
    if lacking in ("household:read", "person:read"):
        pytest.skip("whoever writes a household names its code and its members")
    given = registered(desk, head=NAME)
    for whose, each in writable():
        if NEEDED[each] == lacking:
            given = without(given, whose, each)
    assert refused(desk, given, lacking) == []


def test_a_duty_to_register_reaches_what_the_department_reads_and_no_further(desk: Desk) -> None:
    """46-2.2: the township uploads all data of a household; agriculture (46-1.2.2) uploads who is monitored, and where."""
    closed = {
        department: {name for name, scope in NEEDED.items() if scope not in DEPARTMENTS[department].scopes}
        for department in ("civil_affairs", "agriculture")
    }
    guarded = {
        "household.finance",
        "person.contact",
        "person.health",
        "person.disability",
        "person.education",
        "person.employment",
    }
    assert closed["civil_affairs"] == set()
    assert closed["agriculture"] == {
        name for name, scope in NEEDED.items() if scope.removesuffix(":read") in guarded
    }
    given = registered(desk)
    told = {error["path"][-1] for error in errors_in(sent(desk, AGRICULTURE, given))}
    assert told == closed["agriculture"]
    for of, name in writable():
        if name in closed["agriculture"]:
            given = without(given, of, name)
    assert errors_in(sent(desk, AGRICULTURE, given)) == []


def sent(desk: Desk, agency: str, *households: ArgumentValue) -> dict[str, Any]:
    """The payload for several households in one request."""
    payload = desk.send(agency, "upsertHouseholds", {"households": list(households)}).data["upsertHouseholds"]
    assert isinstance(payload, dict)
    return payload


def of_another_county(desk: Desk) -> ArgumentValue:
    """A household in another county than the caller's."""
    given = put(registered(desk), "household", "region", "410103001")
    assert errors_in(sent(desk, "civil_affairs@410103001", given)) == []
    return given


def test_what_is_out_of_sight_is_told_of_to_nobody_who_registers_nothing(desk: Desk) -> None:
    """A code that is used elsewhere, or a member of a household elsewhere, gets the same response as one that does not exist,
    in code, path and lock, unless the input has no other fault."""
    there, new = of_another_county(desk), registered(desk)
    child = registered(desk)["members"][0] | {"relation": "CHILD"}
    by_code = [{"code": given["code"], "members": [child]} for given in (there, new)]
    versioned = [{**registered(desk), "code": given["code"], "expectedVersion": 3} for given in (there, new)]
    by_number = [
        {"code": desk.number(), "members": [{**given["members"][0], "relation": "CHILD"}]}
        for given in (there, new)
    ]
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute("select id from household where code = %s for update", (there["code"],))
        for pair, told in (
            (by_code, "HEAD_MISSING"),
            (versioned, "STALE_VERSION"),
            (by_number, "HEAD_MISSING"),
        ):
            first, second = (errors_in(sent(desk, STREET, given)) for given in pair)
            assert first == second
            assert {error["code"] for error in first} == {told}
        taken = {**registered(desk), "code": there["code"]}
        assert [error["code"] for error in errors_in(sent(desk, STREET, taken))] == ["FOREIGN_HOUSEHOLD"]
        member = put(registered(desk), "member", "idNumber", there["members"][0]["idNumber"])
        assert [error["code"] for error in errors_in(sent(desk, STREET, member))] == [
            "PERSON_IN_ANOTHER_HOUSEHOLD"
        ]


CHANGES: Mapping[str, str] = {
    **dict.fromkeys(["amendAid", "revokeAid", "supplyPapers", "waiveRecovery"], "aid:read"),
    **dict.fromkeys(["acceptReferral", "returnReferral", "completeReferral", "endReferral"], "referral:read"),
    "terminateCertification": "certification:read",
    "endNearRelative": "certification.near_relative:read",
    "disposeAlert": "alert:read",
    "closeConference": "conference:read",
    "decideOverlap": "overlap:read",
    "withdrawOffer": "aid.charity:read",
    "withdrawDisclosure": "disclosure:read",
}
"""The mutations that change a record from a version that the caller read, and the scope that reveals that the record exists."""


def test_every_change_of_a_version_is_on_the_list() -> None:
    inputs: Any = build().graphql.type_map
    named = {
        name for name, field in inputs["Mutation"].fields.items() if "expectedVersion" in _fields_of(field)
    }
    # A forwarded need is a new referral and ends the one before; the options of counties are public.
    assert named <= CHANGES.keys() | {"forwardReferral", "endCountyOption"}


def _fields_of(mutation: Any) -> set[str]:
    return set(mutation.args["input"].type.of_type.fields)


@pytest.mark.parametrize(
    "place",
    [place for place, (name, _, _) in enumerate(KEPT) if name in CHANGES],
    ids=lambda place: f"{KEPT[place][0]}-{place}",
)
def test_who_may_not_read_a_record_changes_none(desk: Desk, place: int) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    before = contents(desk)
    scopes = desk.served.grant(agency).scopes - {scope_of(CHANGES[mutation])}
    reply = desk.served.ask(agency, document(mutation), {"input": given}, scopes=scopes)
    (error,) = errors_in(reply.body["data"][mutation])
    assert error["code"] == "FORBIDDEN_WRITE"
    assert CHANGES[mutation] in error["message"]
    assert contents(desk) == before


AMENDED: Mapping[str, Any] = {
    "program": "别的项目",
    "periodFrom": "2026-02-01",
    "periodUntil": "2026-06-30",
    "status": "APPROVED",
    "decidedOn": "2026-02-02",
    "paidOn": "2026-02-03",
    "amount": "1.00",
    "outcome": "别的结果",
    "detail": {"education": {"form": "GRANT", "schoolYear": 2025, "stage": "PRIMARY", "school": "别的学校"}},
}
OF_THE_KIND = {"amount", "outcome", "detail"}


def test_every_value_of_an_amendment_is_tried() -> None:
    types: Any = build().graphql.type_map
    assert types["AmendAidInput"].fields.keys() == AMENDED.keys() | {"id", "expectedVersion", "reason"}


@pytest.mark.parametrize("name", AMENDED)
def test_what_is_told_of_a_kind_of_aid_is_amended_by_those_alone_who_read_it(desk: Desk, name: str) -> None:
    schools = "education@410105"
    aid = desk.write(schools, "recordAid", grant_of_a_pupil(desk.person(), externalId=desk.number()))
    scopes = desk.served.grant(schools).scopes - {Scope.AID_EDUCATION_READ}
    given = {"id": aid, "expectedVersion": 1, "reason": "更正", name: AMENDED[name]}
    reply = desk.served.ask(schools, document("amendAid"), {"input": given}, scopes=scopes)
    told = [(error["code"], error["path"]) for error in errors_in(reply.body["data"]["amendAid"])]
    refused = [("FORBIDDEN_WRITE", ["input", name])]
    assert (told == refused) == (name in OF_THE_KIND)
