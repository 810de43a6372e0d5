"""Whatever is sent again, at any time, is answered as it was the first time, and writes nothing: every mutation there is."""

import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from graphql import get_named_type, is_object_type

import hub.database
import hub.workdays.calendar
from hub.secrecy import Keys
from hub.settings import Settings
from schema.built import build
from tests.conftest import TestCluster
from tests.fixtures.served import serve
from tests.journeys.alerts import minutes, visit
from tests.schema.desk import OFFICE, STREET, Desk, Given, errors_in
from tests.schema.inputs_that_are_kept import CHARITY, KEPT, MONTH_BEFORE, SCHOOLS, TODAY

LATER = timedelta(days=60)
"""Every deadline and day in the inputs has passed by then."""
UNANSWERED = {"created", "changed", "warnings"}
"""What a repeat says of itself: nothing was created or changed, and what it warns of is looked at anew or not at all."""
FRESH = {"access_record", "coordinate_set", "monthly_share"}
"""Tables in which a repeat leaves its mark: the access ledger; when a list of a month last came."""


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
    from schema.ids import decode

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


@pytest.mark.parametrize("place", range(len(KEPT)), ids=[f"{name}-{at}" for at, (name, _, _) in enumerate(KEPT)])
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
    if follow := FOLLOWS.get(mutation):
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
