"""The things that can be ended, and what an agency tries with them after they have ended."""

from collections.abc import Callable
from typing import Any

from schema.engine.declare.ids import decode
from tests.fixtures.days import day
from tests.journeys.alerts import found_on_the_spot
from tests.journeys.outcomes import certification, need
from tests.schema.desk import OFFICE, ArgumentValue, Desk, errors_in
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    HOUSES,
    MONTH_BEFORE,
    SCHOOLS,
    SOON,
    alert,
    declaration,
    fact,
    of_an_offer,
    offer,
    overlap,
    overpaid,
    revocation,
    step,
)

Then = Callable[[Desk, ArgumentValue, str], tuple[str, str, ArgumentValue]]
"""What an agency tries with something that has ended (the input that ended it, its id): an agency, a mutation, its input."""


def certified(agency: str, category: str, **states: Any) -> Callable[[Desk], ArgumentValue]:
    """The end of an agency's certification of a household in a category."""

    def made(desk: Desk) -> ArgumentValue:
        given = certification(
            desk.household(), category, externalId=desk.number(), validFrom=day(MONTH_BEFORE), **states
        )
        id = desk.write(agency, "certify", given)
        return {
            "id": id,
            "expectedVersion": 1,
            "because": "NO_LONGER_ELIGIBLE",
            "endedOn": day(),
            "reason": "收入已超标准",
        }

    return made


def again_from_within(agency: str, category: str, **states: Any) -> Then:
    """A new certification of the same household, for days on which it was certified until the end."""

    def then(desk: Desk, given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
        query = "query ($id: ID!) { node(id: $id) { ... on Certification { household { id } } } }"
        found = desk.served.ask(agency, query, {"id": id}).data["node"]["household"]
        whom = {"householdId": found["id"]}
        return (
            agency,
            "certify",
            certification(whom, category, externalId=desk.number(), validFrom=day(MONTH_BEFORE), **states),
        )

    return then


def taken(agency: str, mutation: str, version: int, **said: Any) -> Then:
    """A change of the same record, with the version that it has since it ended."""

    def then(desk: Desk, _given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
        own = {"externalId": desk.number()} if "toAgency" in said else {}
        return agency, mutation, {"id": id, "expectedVersion": version, **said, **own}

    return then


def waiting(*before: str) -> Callable[[Desk], ArgumentValue]:
    """The completion of a referral that was not accepted."""

    def made(desk: Desk) -> ArgumentValue:
        return step(*before)(desk) | {"outcome": "已办结", "aidRecordIds": []}

    return made


def gift_of(_desk: Desk, given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """A donation from the offer."""
    ((number,),) = _desk.served.rows("select external_id from charity_offer where id = %s", _uuid(id))
    gift = of_an_offer(_desk)
    gift["detail"]["charity"]["offer"] = number
    return CHARITY, "recordAid", gift


def _uuid(id: str) -> Any:
    return decode(id)[1][-1]


def answers_a_need(desk: Desk, _given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """A need of the same household, completed by the record."""
    query = "query ($id: ID!) { node(id: $id) { ... on EducationAid { household { id } } } }"
    whole = {"householdId": desk.served.ask(SCHOOLS, query, {"id": id}).data["node"]["household"]["id"]}
    referral = desk.write(OFFICE, "createReferral", need(whole, SCHOOLS, externalId=desk.number()))
    desk.write(SCHOOLS, "acceptReferral", {"id": referral, "expectedVersion": 1})
    return (
        SCHOOLS,
        "completeReferral",
        {"id": referral, "expectedVersion": 2, "outcome": "已发放", "aidRecordIds": [id]},
    )


def objection_to_it(desk: Desk, _given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """An objection to a line of the list."""
    said = {"disclosureId": id, "number": 1, "ground": "其有商铺出租", "objectedOn": day()}
    return OFFICE, "objectToDisclosure", {"externalId": desk.number(), **said}


def instalment(desk: Desk, _given: ArgumentValue, id: str) -> tuple[str, str, ArgumentValue]:
    """A repayment of a waived recovery."""
    return (
        SCHOOLS,
        "recordRepayment",
        {"externalId": desk.number(), "recoveryId": id, "amount": "1.00", "repaidOn": day()},
    )


def recovery(desk: Desk) -> str:
    """The id of a recovery."""
    return desk.write(SCHOOLS, "openRecovery", overpaid(desk))


def of_a_false_claim(desk: Desk) -> ArgumentValue:
    """The waiver of a recovery after a false claim."""
    taken_back = revocation(desk) | {"because": "FALSE_CLAIM"}
    desk.write(SCHOOLS, "revokeAid", taken_back)
    opened = {
        "externalId": desk.number(),
        "aidRecordId": taken_back["id"],
        "because": "FALSE_CLAIM",
        "amount": "500.00",
        "reason": "骗取",
        "dueOn": day(SOON),
    }
    return {"id": desk.write(SCHOOLS, "openRecovery", opened), "expectedVersion": 1, "reason": "无力退还"}


def repaid(desk: Desk) -> ArgumentValue:
    """The waiver of a recovery that was repaid in full."""
    owed = overpaid(desk)
    id = desk.write(SCHOOLS, "openRecovery", owed)
    desk.write(
        SCHOOLS,
        "recordRepayment",
        {"externalId": desk.number(), "recoveryId": id, "amount": owed["amount"], "repaidOn": day()},
    )
    return {"id": id, "expectedVersion": 2, "reason": "无力退还"}


def disposal(desk: Desk) -> ArgumentValue:
    """A disposition that ends an alert which was checked at home."""
    return {
        "id": alert(desk, desk.household()),
        "expectedVersion": 2,
        "disposition": "CARRY_OUT",
        "reason": "已落实",
    }


def unvisited(desk: Desk) -> ArgumentValue:
    """The disposition of an alert that was not visited."""
    id = desk.write(OFFICE, "raiseAlert", found_on_the_spot(desk.household(), externalId=desk.number()))
    return {"id": id, "expectedVersion": 1, "disposition": "CARRY_OUT", "reason": "已落实"}


def ended_fact(desk: Desk) -> ArgumentValue:
    """A report that ends a fact that the registry reported before."""
    given = fact("HARDSHIP_STUDENT", educationStage="PRIMARY", school="文化路小学")(desk)
    (report,) = given["reports"]
    begun = {name: value for name, value in report.items() if name != "until"}
    payload = desk.send(SCHOOLS, "reportCircumstances", {"reports": [begun]}).data["reportCircumstances"]
    assert errors_in(payload) == []
    return given


def decided(desk: Desk) -> ArgumentValue:
    """The decision that ends a case of overlapping aid."""
    return {
        "id": desk.write(HOUSES, "mediateOverlap", overlap(desk)),
        "expectedVersion": 1,
        "disposition": "CORRECT",
        "reason": "同一救助",
        "withdrawn": "SECOND",
    }


def end_of_declaration(desk: Desk) -> ArgumentValue:
    """The end of a declaration."""
    return {
        "id": desk.write(OFFICE, "declareNearRelative", declaration(desk)),
        "expectedVersion": 1,
        "reason": "已离任",
    }


def withdrawn_offer(desk: Desk) -> ArgumentValue:
    """The withdrawal of an offer."""
    return {"id": desk.write(CHARITY, "offerCharity", offer(desk)), "expectedVersion": 1}
