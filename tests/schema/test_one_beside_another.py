"""Two different commands about the same record come at the same time to two processes of the hub: what both answer is what they
would answer one after the other, in one order or the other."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.fixtures.days import day
from tests.journeys.alerts import conference, found_on_the_spot, minutes, visit
from tests.journeys.outcomes import certification, need
from tests.schema.desk import OFFICE, ArgumentValue, Desk, errors_in
from tests.schema.inputs_of_offices import county_option_to_end
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    HOUSES,
    SCHOOLS,
    aid,
    end_of_certification,
    offer,
    overpaid,
    published,
    recorded,
)
from tests.schema.test_two_at_once import beside

__all__ = ["beside"]
LONGEST = 30.0
HELD = ("household", "charity_offer", "disclosure", "county_option")
WAITING = """select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"""


@dataclass(frozen=True)
class Command:
    """What an agency sends."""

    agency: str
    mutation: str
    given: ArgumentValue


Pair = tuple[Command, Command]


def of_a_referral(*before: str, one: str, other: str) -> Callable[[Desk], Pair]:
    """Two steps of a referral after those before them."""
    further: dict[str, ArgumentValue] = {
        "acceptReferral": {},
        "returnReferral": {"reason": "不属本辖区"},
        "completeReferral": {"outcome": "已办结", "aidRecordIds": []},
        "endReferral": {"reason": "已自行解决"},
        "forwardReferral": {"toAgency": "education@4101", "reason": "转办"},
    }
    by = {"endReferral": OFFICE, "forwardReferral": OFFICE}

    def made(desk: Desk) -> Pair:
        id = desk.write(OFFICE, "createReferral", need(desk.person(), SCHOOLS, externalId=desk.number()))
        for version, name in enumerate(before, 1):
            desk.write(SCHOOLS, name, {"id": id, "expectedVersion": version} | further[name])

        def step(name: str) -> Command:
            own = {"externalId": desk.number()} if name == "forwardReferral" else {}
            given = {"id": id, "expectedVersion": len(before) + 1} | further[name] | own
            return Command(by.get(name, SCHOOLS), name, given)

        return step(one), step(other)

    return made


def amended_and_revoked(desk: Desk) -> Pair:
    """A record is amended, and taken back."""
    of = {"id": recorded(desk), "expectedVersion": 1}
    return (
        Command(SCHOOLS, "amendAid", of | {"reason": "金额有误", "amount": "98.00"}),
        Command(SCHOOLS, "revokeAid", of | {"because": "MISTAKE", "reason": "重复登记"}),
    )


def answered_and_revoked(desk: Desk) -> Pair:
    """A need is met by a record, and the record is taken back."""
    person = desk.person()
    referral = desk.write(OFFICE, "createReferral", need(person, SCHOOLS, externalId=desk.number()))
    desk.write(SCHOOLS, "acceptReferral", {"id": referral, "expectedVersion": 1})
    id = recorded(desk, subject=person)
    completed = {"id": referral, "expectedVersion": 2, "outcome": "已发放", "aidRecordIds": [id]}
    revoked = {"id": id, "expectedVersion": 1, "because": "MISTAKE", "reason": "重复登记"}
    return Command(SCHOOLS, "completeReferral", completed), Command(SCHOOLS, "revokeAid", revoked)


def ended_and_certified(desk: Desk) -> Pair:
    """A certification ends, and the same household is certified from tomorrow's morning on."""
    whole = desk.household()
    ended = end_of_certification(desk, whole)
    anew = certification(whole, externalId=desk.number(), validFrom=day())
    return Command(OFFICE, "terminateCertification", ended), Command(OFFICE, "certify", anew)


def disposed_and_visited(desk: Desk) -> Pair:
    """An alert that was checked is disposed of, and checked again."""
    whole = desk.household()
    id = desk.write(OFFICE, "raiseAlert", found_on_the_spot(whole, externalId=desk.number()))
    desk.write(OFFICE, "recordVisit", visit(whole, externalId=desk.number(), alertId=id))
    disposed = {"id": id, "expectedVersion": 2, "disposition": "CARRY_OUT", "reason": "已落实"}
    again = visit(whole, externalId=desk.number(), alertId=id)
    return Command(OFFICE, "disposeAlert", disposed), Command(OFFICE, "recordVisit", again)


def objected_and_withdrawn(desk: Desk) -> Pair:
    """Somebody objects to a line of a list, and the list is withdrawn."""
    id = published(desk)
    objection = {
        "externalId": desk.number(),
        "disclosureId": id,
        "number": 1,
        "ground": "其有商铺出租",
        "objectedOn": day(),
    }
    return (
        Command(OFFICE, "objectToDisclosure", objection),
        Command(OFFICE, "withdrawDisclosure", {"id": id, "expectedVersion": 1, "reason": "名单有误"}),
    )


def used_and_withdrawn(desk: Desk) -> Pair:
    """Aid is given of an offer, and the offer is taken back."""
    offered = offer(desk)
    id = desk.write(CHARITY, "offerCharity", offered)
    detail = {
        "form": "PROJECT",
        "organisation": "慈善总会",
        "project": "送温暖",
        "offer": offered["externalId"],
    }
    gift = aid(desk, "charity", detail, status="DELIVERED", paidOn=None)
    return (
        Command(CHARITY, "recordAid", gift),
        Command(CHARITY, "withdrawOffer", {"id": id, "expectedVersion": 1}),
    )


def repaid_and_let_go(desk: Desk) -> Pair:
    """What was paid by mistake is repaid in full, and let go."""
    owed = overpaid(desk)
    id = desk.write(SCHOOLS, "openRecovery", owed)
    repaid = {"externalId": desk.number(), "recoveryId": id, "amount": owed["amount"], "repaidOn": day()}
    return (
        Command(SCHOOLS, "recordRepayment", repaid),
        Command(SCHOOLS, "waiveRecovery", {"id": id, "expectedVersion": 1, "reason": "无力退还"}),
    )


def decided_and_carried_out(desk: Desk) -> Pair:
    """A conference decides, and what it decides is paid."""
    whole, number = desk.household(), desk.number()
    held = desk.write(OFFICE, "openConference", conference(whole, externalId=number, participants=[HOUSES]))
    detail = {
        "form": "CASE_CONFERENCE",
        "trouble": "车祸",
        "happenedAtRegion": "410105001",
        "conference": number,
    }
    paid = aid(desk, "temporary", detail, subject=whole, amount="9000.00")
    return Command(OFFICE, "closeConference", minutes(held)), Command(OFFICE, "recordAid", paid)


def in_other_words(
    agency: str, mutation: str, make: Callable[[Desk], ArgumentValue]
) -> Callable[[Desk], Pair]:
    """Something is ended for two reasons."""

    def made(desk: Desk) -> Pair:
        given = make(desk)
        return Command(agency, mutation, given), Command(agency, mutation, given | {"reason": "另有原因"})

    return made


def listed(desk: Desk) -> ArgumentValue:
    """The withdrawal of a list."""
    return {"id": published(desk), "expectedVersion": 1, "reason": "名单有误"}


PAIRS: dict[str, Callable[[Desk], Pair]] = {
    "a referral is accepted and returned": of_a_referral(one="acceptReferral", other="returnReferral"),
    "a referral is completed and returned": of_a_referral(
        "acceptReferral", one="completeReferral", other="returnReferral"
    ),
    "a referral is ended and forwarded": of_a_referral(
        "returnReferral", one="endReferral", other="forwardReferral"
    ),
    "aid is amended and revoked": amended_and_revoked,
    "aid answers a referral and is revoked": answered_and_revoked,
    "a certification is ended and given again": ended_and_certified,
    "an alert is disposed of and checked": disposed_and_visited,
    "a list is objected to and withdrawn": objected_and_withdrawn,
    "an offer is used and withdrawn": used_and_withdrawn,
    "a recovery is repaid and let go": repaid_and_let_go,
    "a conference decides and is carried out": decided_and_carried_out,
    "a list is withdrawn for two reasons": in_other_words(OFFICE, "withdrawDisclosure", listed),
    "an option is ended for two reasons": in_other_words(OFFICE, "endCountyOption", county_option_to_end),
}


def answer(desk: Desk, command: Command) -> tuple[str, ...]:
    """The codes that a command is answered."""
    reply = desk.send(command.agency, command.mutation, command.given)
    return tuple(sorted(error["code"] for error in errors_in(reply.data[command.mutation])))


def at_once(desk: Desk, other: Desk, pair: Pair) -> tuple[Any, ...]:
    """What two processes answer of which neither goes on before both have come as far as a lock."""
    answers: list[Any] = [None, None]

    def send(place: int, by: Desk) -> None:
        answers[place] = answer(by, pair[place])

    threads = [threading.Thread(target=send, args=(place, by)) for place, by in enumerate((desk, other))]
    with psycopg.connect(desk.served.database_url) as holder:
        for table in HELD:
            holder.execute(f"select id from {table} for update".encode())
        for thread in threads:
            thread.start()
        until = time.monotonic() + LONGEST
        while desk.served.rows(WAITING) != [(2,)]:
            assert time.monotonic() < until, "they do not come to a lock at once"
            time.sleep(0.01)
        holder.rollback()
    for thread in threads:
        thread.join(LONGEST)
    return tuple(answers)


@pytest.mark.parametrize("made", PAIRS.values(), ids=list(PAIRS))
def test_of_two_commands_at_once_each_is_answered_as_one_after_the_other(
    desk: Desk, beside: Desk, made: Callable[[Desk], Pair]
) -> None:
    one, other = made(desk)
    first = answer(desk, one), answer(desk, other)
    one, other = made(desk)
    second = answer(desk, other), answer(desk, one)
    in_order = {first, second[::-1]}
    assert () in first[:1] + second[:1], "either is in order where it comes first"
    assert at_once(desk, beside, made(desk)) in in_order
    one, other = made(desk)
    assert at_once(desk, beside, (other, one))[::-1] in in_order


def test_a_list_is_not_withdrawn_while_an_objection_to_it_is_under_way(desk: Desk, beside: Desk) -> None:
    objection, withdrawal = objected_and_withdrawn(desk)
    answers: dict[str, tuple[str, ...]] = {}

    def send(by: Desk, command: Command) -> threading.Thread:
        thread = threading.Thread(target=lambda: answers.update({command.mutation: answer(by, command)}))
        thread.start()
        return thread

    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute("select id from household for update")
        until = time.monotonic() + LONGEST
        threads = [send(desk, objection)]
        for waiting, further in ((1, withdrawal), (2, None)):
            while desk.served.rows(WAITING) != [(waiting,)]:
                assert time.monotonic() < until, "it does not wait"
                assert answers == {}
                time.sleep(0.01)
            threads += [send(beside, further)] if further else []
        holder.rollback()
    for thread in threads:
        thread.join(LONGEST)
    assert answers == {"objectToDisclosure": (), "withdrawDisclosure": ()}
