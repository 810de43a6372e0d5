"""A referral from its sending to its end, step by step, and the reports of `hub referrals remind` (46-2.1)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from hub.foundation.calendar import after_workdays
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from hub.glossary.code_sets import term
from hub.model.referrals import ReferralStatus
from hub.referrals.reminders import ReminderCounts, remind_all
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import CREATE_REFERRAL, RECORD_AID, grant_of_a_pupil, need, step
from tests.journeys.test_alerts import chain, done, types
from tests.policy import USUALLY_ANSWERED_WITHIN

SENDER, RECEIVER, OTHER = "civil_affairs@410105", "education@410105", "education@410103"
STEPS: dict[str, tuple[str, set[str], str]] = {
    "accept": (RECEIVER, {"SENT"}, "REFERRAL_ACCEPTED"),
    "return": (RECEIVER, {"SENT", "ACCEPTED"}, "REFERRAL_RETURNED"),
    "complete": (RECEIVER, {"ACCEPTED"}, "REFERRAL_COMPLETED"),
    "forward": (SENDER, {"RETURNED"}, "REFERRAL_FORWARDED"),
    "end": (SENDER, {"RETURNED"}, "REFERRAL_ENDED"),
}
"""46-2.1, docs/referrals.md: who takes a step, from which statuses, and the event that records it. The receiving office
answers a need that was pushed to it; a returned need is the sender's again."""
LEADS_TO = {
    ReferralStatus.SENT: (),
    ReferralStatus.ACCEPTED: ("accept",),
    ReferralStatus.RETURNED: ("return",),
    ReferralStatus.COMPLETED: ("accept", "complete"),
    ReferralStatus.FORWARDED: ("return", "forward"),
    ReferralStatus.ENDED: ("return", "end"),
}
SAID: dict[str, dict[str, Any]] = {
    "accept": {},
    "return": {"reason": "非本单位职责"},
    "complete": {"outcome": "已办理"},
    "forward": {"externalId": "FORWARD-1", "toAgency": OTHER, "reason": "户籍在二七区"},
    "end": {"reason": "申请人已自行解决"},
}


MEMBERS = "query ($code: String!) { household(code: $code) { members { id } } }"


def sent(served: Served, somebody: Somebody, **changes: Any) -> dict[str, Any]:
    """A referral from 金水区 civil affairs to its education bureau."""
    given = need({"personId": somebody.person_id}, RECEIVER, **changes)
    referral: dict[str, Any] = done(served, SENDER, CREATE_REFERRAL, given)
    return referral


def take(served: Served, agency: str, name: str, key: str, version: int, **said: Any) -> Any:
    """The payload of one step."""
    given = {"id": key, "expectedVersion": version, **SAID[name], **said}
    return served.ask(agency, step(name), {"input": given}).data[f"{name}Referral"]


def bring(served: Served, somebody: Somebody, status: ReferralStatus, **changes: Any) -> tuple[str, int]:
    """A referral in a status; its id and version."""
    key, version = sent(served, somebody, **changes)["id"], 1
    for name in LEADS_TO[status]:
        agency, _, _ = STEPS[name]
        own_id = {"externalId": f"FORWARD-{changes['externalId']}"} if name == "forward" else {}
        assert take(served, agency, name, key, version, **own_id)["errors"] == []
        version += 1
    return key, version


@pytest.mark.parametrize("status", ReferralStatus)
def test_46_2_1_from_each_status_exactly_the_steps_of_the_rules_are_taken_and_by_their_side(
    writable_hub: Served, of_jinshui: list[Somebody], status: ReferralStatus
) -> None:
    for place, (name, (agency, states, event)) in enumerate(STEPS.items()):
        key, version = bring(writable_hub, of_jinshui[place], status, externalId=f"N-{name}")
        (other_side,) = {SENDER, RECEIVER} - {agency}
        before = writable_hub.everything_written()
        (wrong_side,) = take(writable_hub, other_side, name, key, version)["errors"]
        assert wrong_side["code"] in {"NOT_YOUR_REFERRAL", "NOT_REFERRAL_SENDER"}
        assert writable_hub.everything_written() == before
        own_id = {"externalId": f"NEXT-{status}-{name}"} if name == "forward" else {}
        payload = take(writable_hub, agency, name, key, version, **own_id)
        if status in states:
            assert payload["errors"] == []
            happened = types(chain(writable_hub, of_jinshui[place].household_code, 3))
            if name == "forward":
                assert happened == [event, "REFERRAL_SENT", "SIGHT_GIVEN"], (
                    "the next office is of another county"
                )
            else:
                assert happened[-1] == event
        else:
            (error,) = payload["errors"]
            assert (error["code"], error["path"]) == ("REFERRAL_STATUS_CONFLICT", ["input", "id"])
            assert term(status).en in error["message"]
            assert term(status).zh in error["messageZh"]
            assert writable_hub.everything_written() == before


def test_46_2_1_a_need_that_came_back_goes_to_another_agency_and_both_referrals_point_at_each_other(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    key, version = bring(writable_hub, somebody, ReferralStatus.RETURNED)
    (again,) = take(writable_hub, SENDER, "forward", key, version, toAgency=RECEIVER)["errors"]
    assert (again["code"], again["path"]) == ("INVALID_INPUT", ["input", "toAgency"])
    (misdirected,) = take(writable_hub, SENDER, "forward", key, version, toAgency="health@410105")["errors"]
    assert misdirected["code"] == "NOT_IN_CHARGE"
    forwarded = take(writable_hub, SENDER, "forward", key, version)["referral"]
    assert (forwarded["status"], forwarded["to"], forwarded["need"]) == ("SENT", {"code": OTHER}, "EDUCATION")
    assert forwarded["forwardedFrom"] == {
        "id": key,
        "status": "FORWARDED",
        "forwardedTo": {"id": forwarded["id"]},
    }
    written = writable_hub.everything_written()
    assert take(writable_hub, SENDER, "forward", key, version)["referral"]["id"] == forwarded["id"]
    assert writable_hub.everything_written() == written
    assert take(writable_hub, OTHER, "accept", forwarded["id"], 1)["errors"] == []
    events = chain(writable_hub, somebody.household_code, 6)
    assert types(events) == [
        "REFERRAL_SENT",
        "REFERRAL_RETURNED",
        "REFERRAL_FORWARDED",
        "REFERRAL_SENT",
        "SIGHT_GIVEN",
        "REFERRAL_ACCEPTED",
    ]
    assert "事由:户籍在二七区" in events[2]["summaryZh"]


def test_46_2_1_a_need_is_completed_only_with_aid_for_the_one_it_is_about(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    for somebody in of_jinshui:
        answered = writable_hub.ask(SENDER, MEMBERS, {"code": somebody.household_code})
        others = [
            member["id"]
            for member in answered.data["household"]["members"]
            if member["id"] != somebody.person_id
        ]
        if others:
            break
    key, version = bring(writable_hub, somebody, ReferralStatus.ACCEPTED)
    aid = [
        done(
            writable_hub, RECEIVER, RECORD_AID, grant_of_a_pupil({"personId": one}, externalId=f"AID-{place}")
        )
        for place, one in enumerate((others[0], somebody.person_id))
    ]
    before = writable_hub.everything_written()
    given = {"aidRecordIds": [aid[1]["id"], aid[0]["id"]]}
    (error,) = take(writable_hub, RECEIVER, "complete", key, version, **given)["errors"]
    assert (error["code"], error["path"]) == ("AID_DOES_NOT_MATCH_NEED", ["input", "aidRecordIds", "1"])
    assert writable_hub.everything_written() == before
    completed = take(writable_hub, RECEIVER, "complete", key, version, aidRecordIds=[aid[1]["id"]])
    assert completed["referral"]["aidRecords"] == [{"id": aid[1]["id"], "kind": "EDUCATION"}]


def test_46_2_1_the_deadline_is_so_many_working_days_ahead_as_the_need_allows(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    before = datetime.now(UTC)
    due_at = datetime.fromisoformat(sent(writable_hub, of_jinshui[0])["dueAt"])
    days = USUALLY_ANSWERED_WITHIN
    assert due_at in {after_workdays(before, days), after_workdays(datetime.now(UTC), days)}


def test_46_2_1_sixteen_clients_of_an_agency_accept_at_once_and_it_is_accepted_once(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    key = sent(writable_hub, of_jinshui[0])["id"]
    with ThreadPoolExecutor(16) as pool:
        payloads = list(pool.map(lambda _: take(writable_hub, RECEIVER, "accept", key, 1), range(16)))
    assert payloads == [payloads[0]] * 16, "the same step from the same version is the same answer"
    assert payloads[0]["errors"] == []
    assert types(chain(writable_hub, of_jinshui[0].household_code, 2)) == [
        "REFERRAL_SENT",
        "REFERRAL_ACCEPTED",
    ]


def told(served: Served) -> ReminderCounts:
    """One run of `hub referrals remind`."""

    async def run() -> ReminderCounts:
        database = Database(served.database_url, Settings())
        try:
            return await remind_all(database)
        finally:
            await database.close()

    return asyncio.run(run())


def test_46_2_1_what_is_due_is_brought_to_mind_and_what_is_overdue_is_told_to_the_agency_above_once_each(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    told(writable_hub)
    soon, late = of_jinshui[0], of_jinshui[1]
    sent(writable_hub, soon, externalId="SOON")
    overdue = sent(writable_hub, late, externalId="LATE")["id"]
    with psycopg.connect(writable_hub.database_url) as connection:
        connection.execute(
            "update referral set due_at = now() + case external_id when 'SOON' then interval '1 hour'"
            " else interval '-1 hour' end where external_id in ('SOON', 'LATE')"
        )
    assert told(writable_hub) == ReminderCounts(1, 1)
    written = writable_hub.everything_written()
    assert told(writable_hub) == ReminderCounts(0, 0)
    assert writable_hub.everything_written() == written
    assert types(chain(writable_hub, soon.household_code, 2)) == ["REFERRAL_SENT", "REFERRAL_REMINDED"]
    (event,) = chain(writable_hub, late.household_code, 1)
    assert (event["type"], event["policyBasis"]) == ("REFERRAL_ESCALATED", "46-2.1")
    look = "query ($id: ID!) { node(id: $id) { ... on Referral { overdue version escalatedTo { code } } } }"
    assert writable_hub.ask("education@4101", look, {"id": overdue}).data["node"] == {
        "overdue": True,
        "version": 1,
        "escalatedTo": {"code": "education@4101"},
    }
