"""46-2.3: each registry reports its own facts about persons and households, and only it corrects or ends them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from auth.scopes import Scope
from tests.fixtures.days import day, tomorrow
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody

REPORT = """
mutation ($input: ReportCircumstancesInput!) {
  reportCircumstances(input: $input) {
    reports {
      created
      circumstance { id version kind sourceRegistry since until disabilityType disabilityGrade educationStage school amount
        note agency { code } }
      errors { code message messageZh path }
    }
    errors { code message messageZh path }
  }
}
"""
PERSON = """
query ($id: ID!) {
  node(id: $id) { ... on Person { circumstances { id kind until } household {
    circumstances { id }
    chain {
      verified { whole }
      events(last: 3) { totalCount nodes { type policyBasis agency { code } summary summaryZh circumstance { id version } } }
    }
  } } }
}
"""
BEGAN, LAST_WEEK = -40, -7

FIELDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "HARDSHIP_STUDENT": ("education", "46-2.3", {"educationStage": "PRIMARY", "school": "文化路小学"}),
    "REGISTERED_UNEMPLOYED": ("human_resources", "46-2.3", {}),
    "SERIOUS_ILLNESS": ("health", "46-2.3", {"note": "恶性肿瘤"}),
    "CHRONIC_ILLNESS": ("medical_insurance", "46-2.3", {"note": "高血压"}),
    "RIGID_EXPENSE": ("medical_insurance", "46-2.3", {"amount": "38000.00"}),
    "DISABILITY": ("disabled_federation", "46-2.3", {"disabilityType": "PHYSICAL", "disabilityGrade": 2}),
    "DEATH": ("civil_affairs", "46-2.2", {}),
    "DISASTER": ("emergency_management", "46-3.2.5", {"amount": "5000.00", "note": "暴雨洪涝"}),
    "MONITORED": ("agriculture", "46-2.2", {"note": "收入不稳定"}),
}
"""For each kind, a registry that reports it, its clause and its fields."""


def fact(kind: str, whom: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A report of a kind, with all required fields."""
    return (
        {"externalId": f"{kind}-1", "subject": whom, "kind": kind, "since": day(BEGAN)}
        | FIELDS[kind][2]
        | changes
    )


def reported(served: Served, agency: str, *facts: dict[str, Any], **grant: Any) -> list[Any]:
    """The results of a batch, in the order of its items."""
    answered = served.ask(agency, REPORT, {"input": {"reports": facts}}, **grant).data["reportCircumstances"]
    assert answered["errors"] == []
    found: list[Any] = answered["reports"]
    return found


def refusals(answers: list[Any]) -> list[tuple[str, list[str]]]:
    """Code and path of each refusal."""
    for answer in answers:
        assert all(error["message"] and error["messageZh"] for error in answer["errors"])
        assert not (answer["errors"] and answer["created"])
    return [(error["code"], error["path"]) for answer in answers for error in answer["errors"]]


def test_46_2_3_each_registry_tells_its_own_kinds_with_their_fields_and_nobody_else_does(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    whom = {"personId": of_jinshui[0].person_id}
    every = [fact(kind, whom) for kind in FIELDS]
    for agency in ("education@410105", "health@4101", "agriculture@410105"):
        department = agency.partition("@")[0]
        before = writable_hub.everything_written()
        others = [one for one in every if department not in ("health", FIELDS[one["kind"]][0])]
        if department == "health":
            others = [one for one in every if not one["kind"].endswith("ILLNESS")]
        answers = reported(writable_hub, agency, *others)
        assert refusals(answers) == [
            ("NOT_YOUR_REGISTRY", ["input", "reports", str(place), "kind"]) for place in range(len(others))
        ]
        assert writable_hub.everything_written() == before, "a refused report wrote something"
    look = writable_hub.ask("civil_affairs@4101", PERSON, {"id": of_jinshui[0].person_id}).data["node"]
    events = look["household"]["chain"]["events"]["totalCount"]
    for kind, (department, clause, fields) in FIELDS.items():
        agency = f"{department}@410105"
        (answer,) = reported(writable_hub, agency, fact(kind, whom))
        assert (answer["errors"], answer["created"]) == ([], True), kind
        kept = answer["circumstance"]
        assert {name: kept[name] for name in fields} == fields
        assert (kept["sourceRegistry"], kept["agency"]["code"], kept["version"]) == (
            department.upper(),
            agency,
            1,
        )
        chain = writable_hub.ask("civil_affairs@4101", PERSON, {"id": of_jinshui[0].person_id}).data["node"][
            "household"
        ]["chain"]
        events += 1
        assert chain["events"]["totalCount"] == events
        last = chain["events"]["nodes"][-1]
        assert (last["type"], last["policyBasis"], last["agency"]["code"]) == (
            "CIRCUMSTANCE_REPORTED",
            clause,
            agency,
        )
        assert last["circumstance"] == {"id": kept["id"], "version": 1}
        assert day(BEGAN) in last["summary"]
        assert day(BEGAN) in last["summaryZh"]
    assert chain["verified"]["whole"]
    before = writable_hub.everything_written()
    again = [reported(writable_hub, f"{FIELDS[one['kind']][0]}@410105", one) for one in every]
    assert [(one["created"], one["errors"]) for (one,) in again] == [(False, [])] * len(every)
    assert writable_hub.everything_written() == before, "the same again wrote something"


def test_46_2_3_what_a_report_must_and_may_not_say_is_refused_where_it_stands(
    writable_hub: Served, of_jinshui: list[Somebody], of_erqi: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    whom = {"personId": somebody.person_id}
    before = writable_hub.everything_written()
    wrong: dict[str, list[tuple[dict[str, Any], str, str]]] = {
        "education": [
            ({"school": None}, "INVALID_INPUT", "school"),
            ({"amount": "10.00"}, "INVALID_INPUT", "amount"),
            ({"school": "长" * 201}, "INVALID_INPUT", "school"),
            ({"since": tomorrow()}, "INVALID_INPUT", "since"),
            ({"until": tomorrow()}, "INVALID_INPUT", "until"),
            ({"since": day(LAST_WEEK), "until": day(BEGAN)}, "INVALID_INPUT", "until"),
            ({"externalId": " "}, "INVALID_INPUT", "externalId"),
            ({"externalId": "x" * 65}, "INVALID_INPUT", "externalId"),
            ({"subject": {"householdId": somebody.household_id}}, "PERSON_REQUIRED", "subject"),
            ({"subject": {"personId": of_erqi[0].person_id}}, "NOT_FOUND", "subject"),
            ({"subject": {"idNumber": of_erqi[0].id_number}}, "NOT_FOUND", "subject"),
            ({"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND", "subject"),
        ],
        "disabled_federation": [
            ({"disabilityGrade": 5}, "INVALID_INPUT", "disabilityGrade"),
            ({"disabilityType": None}, "INVALID_INPUT", "disabilityType"),
        ],
        "emergency_management": [
            ({"amount": "0"}, "INVALID_INPUT", "amount"),
            ({"amount": "1.005"}, "INVALID_INPUT", "amount"),
            ({"note": "\x00"}, "INVALID_INPUT", "note"),
        ],
    }
    kinds = {
        "education": "HARDSHIP_STUDENT",
        "disabled_federation": "DISABILITY",
        "emergency_management": "DISASTER",
    }
    for department, cases in wrong.items():
        sent = [fact(kinds[department], whom, **changes) for changes, _, _ in cases]
        answers = reported(writable_hub, f"{department}@410105", *sent)
        assert refusals(answers) == [
            (code, ["input", "reports", str(place), field]) for place, (_, code, field) in enumerate(cases)
        ]
    held = writable_hub.grant("education@410105").scopes - {Scope.CIRCUMSTANCE_EDUCATION_WRITE}
    refused = writable_hub.ask(
        "education@410105", REPORT, {"input": {"reports": [fact("HARDSHIP_STUDENT", whom)]}}, scopes=held
    )
    assert refused.forbidden == {"Mutation.reportCircumstances"}
    many = {"input": {"reports": [fact("HARDSHIP_STUDENT", whom)] * 1001}}
    (error,) = writable_hub.ask("education@410105", REPORT, many).data["reportCircumstances"]["errors"]
    assert (error["code"], error["path"]) == ("BATCH_TOO_LARGE", ["input", "reports"])
    assert writable_hub.everything_written() == before


def test_46_2_3_a_registry_corrects_and_ends_what_it_told_and_the_chain_keeps_what_it_said_before(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    agency, whom = "education@410105", {"idNumber": of_jinshui[0].id_number}
    pupil = fact("HARDSHIP_STUDENT", whom)
    moved = {**pupil, "school": "纬五路一小"}
    first, other, right, stale, again = reported(
        writable_hub,
        agency,
        pupil,
        moved,
        {**moved, "expectedVersion": 1},
        {**pupil, "expectedVersion": 1},
        {**moved, "expectedVersion": 1},
    )
    id = first["circumstance"]["id"]
    assert (first["created"], right["created"], again["created"]) == (True, False, False)
    assert refusals([first, other, right, stale, again]) == [
        ("CONFLICT", ["input", "reports", "1", "externalId"]),
        ("STALE_VERSION", ["input", "reports", "3", "expectedVersion"]),
    ]
    assert (
        right["circumstance"]["id"],
        right["circumstance"]["school"],
        right["circumstance"]["version"],
    ) == (
        id,
        "纬五路一小",
        2,
    )
    somebody_else = {**moved, "subject": {"idNumber": of_jinshui[1].id_number}, "expectedVersion": 2}
    another_kind = {"kind": "DEATH", "school": None, "educationStage": None}
    assert [
        code for code, _ in refusals(reported(writable_hub, agency, somebody_else, moved | another_kind))
    ] == [
        "CONFLICT",
        "NOT_YOUR_REGISTRY",
    ]

    (over,) = reported(writable_hub, agency, {**moved, "until": day(LAST_WEEK)})
    assert (over["errors"], over["circumstance"]["until"], over["circumstance"]["version"]) == (
        [],
        day(LAST_WEEK),
        3,
    )
    written = writable_hub.everything_written()
    assert reported(writable_hub, agency, {**moved, "until": day(LAST_WEEK)}) == [over]
    assert refusals(reported(writable_hub, agency, {**moved, "until": day(BEGAN)}, moved)) == [
        ("CONFLICT", ["input", "reports", "0", "externalId"]),
        ("CONFLICT", ["input", "reports", "1", "externalId"]),
    ]
    assert writable_hub.everything_written() == written

    (twin,) = reported(writable_hub, "education@4101", {**pupil, "school": "another office's own"})
    assert twin["created"], "the names of one office are not another's"
    household = writable_hub.ask("civil_affairs@4101", PERSON, {"id": of_jinshui[0].person_id}).data["node"][
        "household"
    ]
    assert household["chain"]["verified"]["whole"]
    told = writable_hub.rows(
        "select type, body ->> 'school', body ->> 'until', needs from chain_event where subject_id ="
        " (select id from circumstance where external_id = %s and agency_id = %s) order by number",
        pupil["externalId"],
        agency,
    )
    needs = ["circumstance.education:read"]
    assert told == [
        ("CIRCUMSTANCE_REPORTED", "文化路小学", None, needs),
        ("CIRCUMSTANCE_REPORTED", "纬五路一小", None, needs),
        ("CIRCUMSTANCE_ENDED", "纬五路一小", day(LAST_WEEK), needs),
    ]


def test_46_2_3_sixteen_connections_report_one_fact_and_it_stands_once(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    batch = [
        fact("SERIOUS_ILLNESS", {"personId": somebody.person_id}, externalId=somebody.person_id)
        for somebody in of_jinshui[:8]
    ]
    with ThreadPoolExecutor(16) as pool:
        orders = [batch if turn % 2 else batch[::-1] for turn in range(16)]
        answers = list(pool.map(lambda facts: reported(writable_hub, "health@410105", *facts), orders))
    assert refusals([one for answer in answers for one in answer]) == []
    assert sum(one["created"] for answer in answers for one in answer) == 8
    assert len({one["circumstance"]["id"] for answer in answers for one in answer}) == 8


SEEN = """
query ($id: ID!, $code: String!) {
  node(id: $id) { ... on Person { circumstances { kind } } }
  household(code: $code) { circumstances { kind }
    chain { events(first: 1000) { totalCount nodes { type summary subject: circumstance { kind } } } } }
  chainEvents(first: 1000) { totalCount nodes { type } }
  households(filter: {circumstance: [DEATH, RIGID_EXPENSE]}, first: 100) { totalCount }
}
"""


@pytest.mark.parametrize(
    ("kind", "closed"),
    [("DEATH", "circumstance.civil_affairs:read"), ("RIGID_EXPENSE", "circumstance.medical_insurance:read")],
)
def test_46_4_2_who_does_not_read_the_registry_learns_of_no_fact_no_event_and_no_gap(
    writable_hub: Served, of_jinshui: list[Somebody], kind: str, closed: str
) -> None:
    office, somebody = "civil_affairs@410105", of_jinshui[0]
    asked = {"id": somebody.person_id, "code": somebody.household_code}
    whole = writable_hub.grant(office).scopes

    def answer(scopes: frozenset[Scope]) -> Any:
        query = (
            SEEN
            if scopes == whole
            else SEEN.replace("  households(", "  other: households(").replace(
                "DEATH, RIGID_EXPENSE", "DISASTER"
            )
        )
        return writable_hub.ask(office, query, asked, scopes=scopes).data

    without = frozenset(whole - {closed})
    before, before_whole = answer(without), answer(whole)
    agency = f"{FIELDS[kind][0]}@410105"
    given = fact(kind, {"personId": somebody.person_id})
    reported(writable_hub, agency, given, {**given, "until": day(LAST_WEEK)})
    assert answer(without) == before
    after = answer(whole)
    assert (
        after["household"]["chain"]["events"]["totalCount"]
        == before_whole["household"]["chain"]["events"]["totalCount"] + 2
    )
    assert len(after["household"]["circumstances"]) == len(before_whole["household"]["circumstances"]) + 1
    told = [node["type"] for node in after["household"]["chain"]["events"]["nodes"][-2:]]
    assert told == ["CIRCUMSTANCE_REPORTED", "CIRCUMSTANCE_ENDED"]
