"""Whatever is sent again, at any time, is answered as it was the first time, and writes nothing: every mutation there is."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import hub.database
import hub.workdays.calendar
from auth.scopes import Scope
from hub.secrecy import Keys
from hub.settings import Settings
from schema.built import build
from schema.ids import decode
from tests.conftest import TestCluster
from tests.fixtures.served import serve
from tests.journeys.alerts import minutes, visit
from tests.schema.desk import OFFICE, STREET, Desk, Given, errors_in, registered
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    KEPT,
    MONTH_BEFORE,
    SCHOOLS,
    TODAY,
    aid,
    correction_of_a_fact,
    end_of_certification,
    fact,
    recorded,
)

LATER = timedelta(days=60)
"""Every deadline and day in the inputs has passed by then."""
FRESH = {"access_record", "coordinate_set", "monthly_share"}
"""Tables in which a repeat leaves its mark: the access ledger; when a list of a month last came."""
SAID_ANEW = {"upsertHouseholds"}
"""Without a version it says how a household is now, whatever was said in between; there is no number to know it again by."""


@pytest.fixture(scope="module")
def desk(cluster: TestCluster, sample_template: str, settings: Settings, keys: Keys) -> Iterator[Desk]:
    """The hub on a copy of the sample, for good inputs to stand on."""
    name = f"hub_copy_{uuid4().hex[:12]}"
    with serve(cluster.create(name, sample_template), settings, keys) as served:
        yield Desk(served)
    cluster.drop(name)


def kept(desk: Desk) -> dict[str, tuple[Any, ...]]:
    """Of every table how many rows it has, and a checksum of them."""
    with psycopg.connect(desk.served.database_url) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
        ).fetchall()
        sums = [
            f"select '{name}', count(*), sum(hashtextextended(t::text, 0)) from {name} t"
            for (name,) in tables
            if name not in FRESH
        ]
        rows = connection.execute(" union all ".join(sums).encode()).fetchall()
    return {name: tuple(told) for name, *told in rows}


def answered(desk: Desk, agency: str, mutation: str, given: Given) -> dict[str, Any]:
    """The payload of a mutation: ids, versions and errors."""
    payload = desk.send(agency, mutation, given).data[mutation]
    assert isinstance(payload, dict)
    return payload


def id_in(payload: dict[str, Any]) -> str:
    """The id of what a payload or its only outcome is about."""
    for value in payload.values():
        if isinstance(value, dict) and "id" in value:
            return str(value["id"])
        if isinstance(value, list) and value:
            return id_in(value[0])
    raise AssertionError(payload)


Follow = Callable[[Desk, Given, str], tuple[str, str, Given]]
"""What may follow a kept input (the input, the id of what it made): an agency, a mutation, its input."""


def step(agency: str, mutation: str, version: int, **said: Any) -> Follow:
    """A change of the same record."""
    return lambda _desk, _given, id: (agency, mutation, {"id": id, "expectedVersion": version, **said})


def of_the_same_agency(desk: Desk, given: Given, id: str) -> tuple[str, str, Given]:
    """An amendment of aid, by the agency that gave it."""
    key = desk.served.rows(
        "select agency_id, version from aid_record where id = %s and superseded_at is null", uuid_of(id)
    )
    ((agency, version),) = key
    return agency, "amendAid", {"id": id, "expectedVersion": version, "reason": "再核", "program": "另一项目"}


def uuid_of(id: str) -> Any:
    """The record's own id in an id of the schema."""
    return decode(id)[1][-1]


def corrected(desk: Desk, given: Given, id: str) -> tuple[str, str, Given]:
    """Another correction of the same fact."""
    ((agency, version),) = desk.served.rows(
        "select agency_id, version from circumstance where id = %s", uuid_of(id)
    )
    (report,) = given["reports"]
    before = str(date.fromisoformat(MONTH_BEFORE) - timedelta(days=1))
    return agency, "reportCircumstances", {
        "reports": [report | {"since": before, "expectedVersion": version}]
    }  # fmt: skip


def moved(desk: Desk, given: Given, id: str) -> tuple[str, str, Given]:
    """The household at another address, its member with another number."""
    (household,) = given["households"]
    (member,) = household["members"]
    now = {"address": "经八路99号", "members": [member | {"phone": "13900002222"}]}
    return STREET, "upsertHouseholds", {
        "households": [{name: value for name, value in (household | now).items() if name != "expectedVersion"}]
    }  # fmt: skip


FOLLOWS: dict[str, Follow] = {
    "recordAid": of_the_same_agency,
    "recordAids": of_the_same_agency,
    "amendAid": of_the_same_agency,
    "supplyPapers": of_the_same_agency,
    "raiseAlert": lambda desk, given, id: (
        OFFICE, "recordVisit", visit(given["subject"], externalId=desk.number(), alertId=id)),
    "recordVisit": lambda desk, given, id: (OFFICE, "disposeAlert", {
        "id": given["alertId"], "expectedVersion": 2, "disposition": "CARRY_OUT", "reason": "已落实"}),
    "upsertHouseholds": moved,
    "certify": lambda desk, given, id: (
        "agriculture@410105" if given["category"] == "POVERTY_RELAPSE_MONITORED" else STREET, "terminateCertification",
        {"id": id, "expectedVersion": 1, "because": "MISTAKE", "endedOn": TODAY, "reason": "有误"}),
    "reportCircumstances": corrected,
    "openConference": lambda desk, given, id: (OFFICE, "closeConference", minutes(id)),
    "publishDisclosure": step(OFFICE, "withdrawDisclosure", 1, reason="名单有误"),
    "declareNearRelative": step(OFFICE, "endNearRelative", 1, reason="已离任"),
    "offerCharity": step(CHARITY, "withdrawOffer", 1),
    "openRecovery": step(SCHOOLS, "waiveRecovery", 1, reason="无力退还"),
    "recordRepayment": step(SCHOOLS, "waiveRecovery", 2, reason="无力退还"),
    "createReferral": step(SCHOOLS, "acceptReferral", 1),
    "acceptReferral": step(SCHOOLS, "returnReferral", 2, reason="不属本辖区"),
    "returnReferral": step(OFFICE, "endReferral", 2, reason="已自行解决"),
    "forwardReferral": step("education@4101", "acceptReferral", 1),
}  # fmt: skip
"""What another user does with the record before it is sent again; of every other mutation nothing can follow."""
NOTHING_FOLLOWS = {
    "revokeAid", "disposeAlert", "submitApplication", "terminateCertification", "closeConference", "objectToDisclosure",
    "withdrawDisclosure", "endNearRelative", "withdrawOffer", "mediateOverlap", "decideOverlap", "waiveRecovery",
    "completeReferral", "endReferral",
}  # fmt: skip


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Moves the hub's clock."""
    now, today = hub.database.now, hub.workdays.calendar.today

    def then() -> datetime:
        return now() + LATER

    def that_day() -> date:
        return today() + LATER

    def move() -> None:
        for name, module in list(sys.modules.items()):
            if name.partition(".")[0] in {"hub", "schema"}:
                for told, replaced, by in (("now", now, then), ("today", today, that_day)):
                    if getattr(module, told, None) is replaced:
                        monkeypatch.setattr(module, told, by)

    return move


def test_every_mutation_is_sent_again() -> None:
    mutations = set(build().graphql.type_map["Mutation"].fields)  # type: ignore[attr-defined]
    assert {name for name, _, _ in KEPT} == mutations == FOLLOWS.keys() | NOTHING_FOLLOWS


@pytest.mark.parametrize(
    "place", range(len(KEPT)), ids=[f"{name}-{at}" for at, (name, _, _) in enumerate(KEPT)]
)
def test_what_is_sent_again_is_answered_as_before_and_writes_nothing(
    desk: Desk, later: Callable[[], None], place: int
) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    first = answered(desk, agency, mutation, given)
    assert errors_in(first) == []
    before = kept(desk)
    assert answered(desk, agency, mutation, given) == first
    assert differing(before, kept(desk)) == {}
    follow = FOLLOWS.get(mutation)
    if follow and not (mutation in SAID_ANEW and "expectedVersion" not in str(given)):
        other, then, said = follow(desk, given, id_in(first))
        assert errors_in(answered(desk, other, then, said)) == [], "another user changed the record"
    before = kept(desk)
    assert answered(desk, agency, mutation, given) == first, "the record was changed since"
    assert differing(before, kept(desk)) == {}
    later()
    assert answered(desk, agency, mutation, given) == first, "time passed"
    assert differing(before, kept(desk)) == {}


def differing(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The tables that were written into."""
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def amended(desk: Desk, id: str, version: int, agency: str = SCHOOLS, **changes: Any) -> dict[str, Any]:
    """The payload of an amendment."""
    asked = (
        "mutation ($input: AmendAidInput!) { amendAid(input: $input) {"
        " aidRecord { version history { version } ... on EducationAid { amount } } errors { code path } warnings { code } } }"
    )
    given = {"id": id, "expectedVersion": version, "reason": "金额有误"} | changes
    payload = desk.served.ask(agency, asked, {"input": given}).data["amendAid"]
    assert isinstance(payload, dict)
    return payload


def codes(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload's errors."""
    return [one["code"] for one in errors_in(payload)]


def test_46_4_3_the_same_amendment_of_the_same_version_is_answered_whatever_came_after(desk: Desk) -> None:
    id = recorded(desk)
    first = amended(desk, id, 1, amount="700.00")
    assert (first["errors"], first["aidRecord"]["version"]) == ([], 2)
    assert amended(desk, id, 2, amount="500.00")["aidRecord"]["version"] == 3, (
        "back to what it was: a change of its own"
    )
    assert amended(desk, id, 3, amount="700.00")["aidRecord"]["version"] == 4
    before = kept(desk)
    assert (
        amended(desk, id, 1, amount="700.00")["aidRecord"] == amended(desk, id, 3, amount="700")["aidRecord"]
    )
    for other in (
        {"amount": "701.00"},
        {"reason": "另一理由", "amount": "700.00"},
        {"amount": "700.00", "outcome": "x"},
    ):
        assert codes(amended(desk, id, 1, **other)) == ["STALE_VERSION"], other
    assert codes(amended(desk, id, 1, "education@4101", amount="700.00")) == ["NOT_YOUR_RECORD"]
    assert codes(amended(desk, id, 1, "education@410103", amount="700.00")) == ["NOT_FOUND"]
    assert differing(before, kept(desk)) == {}


def test_46_4_3_an_amendment_that_says_what_stands_writes_no_version(desk: Desk) -> None:
    given = aid(desk, "education")
    id = desk.write(SCHOOLS, "recordAid", given)
    whole = {name: value for name, value in given.items() if name not in {"externalId", "subject"}}
    before = kept(desk)
    for says in (
        {},
        {"amount": given["amount"]},
        {"amount": given["amount"].removesuffix("0")},
        {"detail": given["detail"]},
        whole,
    ):
        payload = amended(desk, id, 1, **says)
        assert (payload["errors"], payload["aidRecord"]["version"]) == ([], 1), says
        assert codes(amended(desk, id, 2, **says)) == ["STALE_VERSION"], "of a version that never was"
    assert codes(amended(desk, id, 1, amount="-1")) == ["INVALID_INPUT"]
    assert differing(before, kept(desk)) == {}


def test_46_4_3_a_revoked_record_answers_its_amendment_of_before(desk: Desk) -> None:
    id = recorded(desk)
    amended(desk, id, 1, amount="700.00")
    given = {"id": id, "expectedVersion": 2, "because": "MISTAKE", "reason": "错发"}
    desk.write(SCHOOLS, "revokeAid", given)
    before = kept(desk)
    assert codes(amended(desk, id, 1, amount="700.00")) == []
    assert codes(answered(desk, SCHOOLS, "revokeAid", given)) == []
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"expectedVersion": 3})) == [], (
        "it says what stands"
    )
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"expectedVersion": 1})) == ["STALE_VERSION"]
    assert codes(answered(desk, SCHOOLS, "revokeAid", given | {"reason": "另"})) == ["STALE_VERSION"]
    assert differing(before, kept(desk)) == {}


def test_sixteen_connections_send_one_amendment_and_it_is_made_once(desk: Desk) -> None:
    id = recorded(desk)
    with ThreadPoolExecutor(16) as pool:
        payloads = list(pool.map(lambda _: amended(desk, id, 1, amount="700.00"), range(16)))
    assert payloads == [payloads[0]] * 16
    assert (payloads[0]["errors"], payloads[0]["aidRecord"]["history"]) == (
        [],
        [{"version": 1}, {"version": 2}],
    )
    told = desk.served.rows("select count(*) from chain_event where subject_id = %s", uuid_of(id))
    assert told == [(2,)]


def test_what_is_sent_again_is_held_to_right_and_sight_like_the_first(desk: Desk) -> None:
    id = recorded(desk)
    amended(desk, id, 1, amount="700.00")
    given = {"input": {"id": id, "expectedVersion": 1, "reason": "金额有误", "amount": "700.00"}}
    asked = "mutation ($input: AmendAidInput!) { amendAid(input: $input) { errors { code path } } }"
    scopes = desk.served.grant(SCHOOLS).scopes - {Scope.AID_EDUCATION_WRITE} | {Scope.AID_MEDICAL_WRITE}
    refused = desk.served.ask(SCHOOLS, asked, given, scopes=scopes).data["amendAid"]
    assert refused["errors"] == [{"code": "FORBIDDEN_WRITE", "path": ["input", "id"]}]

    given = end_of_certification(desk)
    desk.write(OFFICE, "terminateCertification", given)
    again = "mutation ($input: TerminateCertificationInput!) { terminateCertification(input: $input) { errors { code } } }"
    token = desk.served.token(OFFICE, regions=("410103",))
    answer = desk.served.http.post(
        "/graphql", json={"query": again, "variables": {"input": given}}, headers={"authorization": f"Bearer {token}"}
    ).json()  # fmt: skip
    assert answer["data"]["terminateCertification"]["errors"] == [{"code": "NOT_FOUND"}], "out of sight since"


def test_46_2_2_a_household_has_another_version_once_a_member_changed(desk: Desk) -> None:
    given = registered(desk)
    answered(desk, STREET, "upsertHouseholds", {"households": [given]})
    (member,) = given["members"]

    def sent(version: int, phone: str, *more: Given) -> Any:
        changed = {
            "code": given["code"],
            "expectedVersion": version,
            "members": [member | {"phone": phone}, *more],
        }
        return answered(desk, STREET, "upsertHouseholds", {"households": [changed]})

    assert codes(sent(1, "13900000001")) == []
    assert codes(sent(1, "13900000002")) == ["STALE_VERSION"]
    assert codes(sent(2, "13900000002")) == []
    before = kept(desk)
    assert codes(sent(1, "13900000001")) == [], "sent again, it does not undo what came after"
    assert differing(before, kept(desk)) == {}
    stranger = registered(desk)["members"][0] | {"idNumber": "410105195001010000", "relation": "SPOUSE"}
    assert codes(sent(3, "13900000003", stranger)) == ["INVALID_IDENTITY_NUMBER"]
    assert "STALE_VERSION" in codes(sent(3, "13900000003", stranger)), "what was kept in part has no receipt"


def test_46_2_3_of_a_batch_each_report_is_known_again_by_itself(desk: Desk) -> None:
    agency, given = "health@410105", correction_of_a_fact(desk)
    (right,) = given["reports"]
    first = {name: value for name, value in right.items() if name != "expectedVersion"} | {"note": "高血压"}
    new = fact("CHRONIC_ILLNESS", note="肾病")(desk)["reports"][0]
    batch = {"reports": [right, right, first, new, new, right | {"note": "哮喘"}]}
    payload = answered(desk, agency, "reportCircumstances", batch)
    assert [codes({"errors": one["errors"]}) for one in payload["reports"]] == [
        [],
        [],
        [],
        [],
        [],
        ["STALE_VERSION"],
    ]
    before = kept(desk)
    assert answered(desk, agency, "reportCircumstances", batch) == payload
    assert differing(before, kept(desk)) == {}
    last = {"reports": [right | {"note": "哮喘", "expectedVersion": 2}]}
    assert codes(answered(desk, agency, "reportCircumstances", last)) == []
    before = kept(desk)
    again = answered(desk, agency, "reportCircumstances", batch)
    assert again["reports"][:-1] == payload["reports"][:-1], "corrected since"
    assert codes(again) == ["STALE_VERSION"], "what was refused is looked at anew"
    assert differing(before, kept(desk)) == {}
