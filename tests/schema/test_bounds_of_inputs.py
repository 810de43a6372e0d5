"""How many items a list of an input has, and how large its numbers are: the bound itself is stored, one beyond it is refused at
its place. The numbers are those of the fields' descriptions and of docs/values.md."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pytest

from hub.persons.identity_number import check_digit
from tests.fixtures.days import dated, day
from tests.journeys.alerts import conference, minutes
from tests.journeys.outcomes import certification
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk, errors_in, registered
from tests.schema.inputs_that_are_kept import (
    CHARITY,
    DETAILS,
    HOUSES,
    SCHOOLS,
    aid,
    disposal,
    fact,
    offer,
    overpaid,
)

COUNTIES = ("410102", "410103", "410105", "410106")
DEPARTMENTS = (
    "education", "human_resources", "urban_construction", "housing_security", "agriculture", "health", "emergency_management",
    "medical_insurance", "disabled_federation", "finance",
)  # fmt: skip
AGENCIES = [f"{department}@{county}" for county in COUNTIES for department in DEPARTMENTS]
"""40 agencies."""
NEEDS = (
    "HOUSING",
    "EDUCATION",
    "MEDICAL",
    "EMPLOYMENT",
    "DISASTER",
    "TEMPORARY",
    "SERVICE",
    "OTHER",
    "CHARITY",
)


class Bound(NamedTuple):
    """An input by how much of something is in it, and where that stands."""

    mutation: str
    agency: str
    made: Callable[[Desk, Any], ArgumentValue]
    at: tuple[str | int, ...]


def measures(desk: Desk, many: int) -> ArgumentValue:
    """Minutes with so many measures."""
    called = conference(desk.household(), externalId=desk.number(), participants=[HOUSES])
    one = {"agency": HOUSES, "kind": "HOUSING", "what": "安排公租房"}
    measures = [one | {"what": f"安排公租房{place}"} for place in range(many)]
    return minutes(desk.write(OFFICE, "openConference", called), measures=measures)


def measured(desk: Desk, amount: str) -> ArgumentValue:
    """Minutes with one measure of an amount."""
    given = measures(desk, 1)
    one = {"agency": OFFICE, "kind": "TEMPORARY", "what": "一次性救助", "amount": amount}
    return given | {"measures": [one]}


def pushed(desk: Desk, many: int) -> ArgumentValue:
    """A disposition that pushes so many needs."""
    found = [
        {"toAgency": f"{department}@{county}".replace(OFFICE, STREET), "need": need, "reason": "受损"}
        for county in ("410105", "4101")
        for need, department in zip(
            NEEDS,
            ("housing_security", "education", "medical_insurance", "human_resources", "emergency_management",
             "civil_affairs", "civil_affairs", "civil_affairs", "charity"),
            strict=True,
        )
    ]  # fmt: skip
    while len(found) < many:
        found.append(found[len(found) % len(NEEDS)] | {"reason": f"再次受损{len(found)}"})
    return disposal("INCLUDE", referrals=found[:many])(desk)


def family(desk: Desk, many: int) -> ArgumentValue:
    """A household of so many members."""
    given = registered(desk)
    serial = int(given["code"].removeprefix("GOOD-"))
    members = []
    for place in range(many):
        first17 = f"410122{1921 + place}{serial % 12 + 1:02}{serial % 28 + 1:02}{serial % 1000:03}"
        relation = "HEAD" if place == 0 else "OTHER"
        members.append(
            {
                "idNumber": first17 + check_digit(first17),
                "name": "成员" + "甲乙"[place % 2],
                "relation": relation,
            }
        )
    return {"households": [given | {"members": members}]}


def graded(desk: Desk, grade: int) -> ArgumentValue:
    """A household of a member with a grade of disability."""
    given = registered(desk)
    given["members"][0]["disabilityGrade"] = grade
    return {"households": [given]}


def detail(kind: str, name: str) -> Callable[[Desk, Any], ArgumentValue]:
    """Aid with a value in its detail."""
    return lambda desk, value: aid(desk, kind, dated(DETAILS[kind][1]) | {name: value})


def certified(desk: Desk, amount: str) -> ArgumentValue:
    """Extreme hardship with its amount a month."""
    return certification(
        desk.person(),
        "EXTREME_HARDSHIP",
        externalId=desk.number(),
        support="DISPERSED",
        certifiedAmount=amount,
    )


def earning(desk: Desk, amount: str) -> ArgumentValue:
    """A household with an income a head."""
    return {"households": [registered(desk, incomePerCapita=amount)]}


def struck(desk: Desk, amount: str) -> ArgumentValue:
    """A disaster with the sum lost."""
    return fact("DISASTER", amount=amount, note="暴雨")(desk)


def repaid(desk: Desk, amount: str) -> ArgumentValue:
    """A repayment."""
    return {
        "externalId": desk.number(), "recoveryId": desk.write(SCHOOLS, "openRecovery", overpaid(desk)), "amount": amount,
        "repaidOn": day(),
    }  # fmt: skip


DISASTERS = "emergency_management@410105"
MOST = "9999999999.99"
FROM_NOUGHT = [
    ("-0.01", False),
    ("0", True),
    ("0.01", True),
    ("0.001", False),
    (MOST, True),
    ("10000000000", False),
]
ABOVE_NOUGHT = [
    ("-0.01", False),
    ("0", False),
    ("0.01", True),
    ("0.001", False),
    (MOST, True),
    ("10000000000", False),
]
BOUNDS: list[tuple[Bound, Sequence[tuple[Any, bool]]]] = [
    (
        Bound(
            "openConference", OFFICE,
            lambda desk, many: conference(desk.household(), externalId=desk.number(), participants=AGENCIES[:many]),
            ("participants",),
        ),
        [(0, False), (1, True), (29, True), (30, True), (31, False)],
    ),
    (
        Bound(
            "disposeAlert", OFFICE,
            lambda desk, many: disposal("CONFERENCE", conference={"participants": AGENCIES[:many], "meetsOn": day})(desk),
            ("conference", "participants"),
        ),
        [(0, False), (1, True), (30, True), (31, False)],
    ),
    (Bound("closeConference", OFFICE, measures, ("measures",)), [(0, True), (30, True), (31, False)]),
    (Bound("disposeAlert", OFFICE, pushed, ("referrals",)), [(1, True), (20, True), (21, False)]),
    (Bound("upsertHouseholds", STREET, family, ("households", 0, "members")), [(100, True), (101, False)]),
    (
        Bound("offerCharity", CHARITY, lambda desk, many: offer(desk) | {"quantity": many}, ("quantity",)),
        [(0, False), (1, True), (100_000, True), (100_001, False)],
    ),
    (
        Bound("recordAid", OFFICE, detail("service", "times"), ("detail", "service", "times")),
        [(0, False), (1, True), (9999, True), (10_000, False)],
    ),
    (
        Bound("upsertHouseholds", STREET, graded, ("households", 0, "members", 0, "disabilityGrade")),
        [(0, False), (1, True), (4, True), (5, False)],
    ),
    (
        Bound(
            "reportCircumstances", "disabled_federation@410105",
            lambda desk, grade: fact("DISABILITY", disabilityType="PHYSICAL", disabilityGrade=grade)(desk),
            ("reports", 0, "disabilityGrade"),
        ),
        [(0, False), (1, True), (4, True), (5, False)],
    ),
    (Bound("certify", STREET, certified, ("certifiedAmount",)), ABOVE_NOUGHT),
    (Bound("upsertHouseholds", STREET, earning, ("households", 0, "incomePerCapita")), FROM_NOUGHT),
    (Bound("reportCircumstances", DISASTERS, struck, ("reports", 0, "amount")), ABOVE_NOUGHT),
    (Bound("closeConference", OFFICE, measured, ("measures", 0, "amount")), FROM_NOUGHT),
    (
        Bound(
            "recordAid", "medical_insurance@410105", detail("medical", "totalCost"), ("detail", "medical", "totalCost"),
        ),
        [one for one in FROM_NOUGHT if one[0] in ("-0.01", "0.001", MOST, "10000000000")],
    ),
    (Bound("recordAid", OFFICE, detail("other", "quantity"), ("detail", "other", "quantity")), FROM_NOUGHT),
    (Bound("recordAid", HOUSES, detail("housing", "floorArea"), ("detail", "housing", "floorArea")), FROM_NOUGHT),
    (
        Bound("recordRepayment", SCHOOLS, repaid, ("amount",)),
        [("-0.01", False), ("0", False), ("0.01", True), ("0.001", False), ("10000000000", False)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("bound", "value", "stored"),
    [(bound, value, stored) for bound, values in BOUNDS for value, stored in values],
    ids=lambda one: f"{one.mutation}.{one.at[-1]}" if isinstance(one, Bound) else str(one),
)
def test_what_lies_within_the_bounds_is_stored_and_what_lies_beyond_is_refused_at_its_place(
    desk: Desk, bound: Bound, value: Any, stored: bool
) -> None:
    reply = desk.send(bound.agency, bound.mutation, bound.made(desk, value))
    if stored:
        assert errors_in(reply.data[bound.mutation]) == []
        return
    path = [str(one) for one in ("input", *bound.at)]
    if "errors" in reply.body:
        (error,) = reply.body["errors"]
        assert [str(one) for one in error["extensions"]["path"]] == path
        return
    assert [one["path"] for one in errors_in(reply.data[bound.mutation])] == [path]
