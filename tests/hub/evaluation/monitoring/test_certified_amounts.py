"""46-3.1, 46-4.3: 按时足额. What was paid for a month is what was certified for it (核定金额), its supplements of 100 yuan a
member of a class among it, to the cent.

The home is certified for 1,480.00 yuan: three people of 300 yuan each where the standard is 760, and 100 for a minor.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

import psycopg
import pytest

from hub.model.alerts import Finding
from tests.hub.evaluation.monitoring.homes import DAY, Home, d
from tests.hub.evaluation.monitoring.test_first_and_last_days import connection, households_found

__all__ = ["connection"]

ALLOWANCE = {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON"}
SUPPORT = {"form": "EXTREME_HARDSHIP_SUPPORT", "payee": "PERSON"}
NOVEMBER = d("2026-11-01"), d("2026-11-30")
Made = Callable[[Home], Home]


def certified(yuan: str = "1480.00", **more: Any) -> Made:
    """The household as a whole, for an amount a month."""
    return lambda home: home.certified(
        "SUBSISTENCE_ALLOWANCE", of_member=False, certified_amount=yuan, **more
    )


def paid(
    yuan: str,
    first: date = NOVEMBER[0],
    last: date = NOVEMBER[1],
    supplement: str | None = "100.00",
    **more: Any,
) -> Made:
    """An allowance of the household, of which so much a month is a supplement."""
    row: dict[str, Any] = {"status": "PAID", "paid_on": first, "person_id": None} | more
    return lambda home: home.given(
        "BASIC_LIVING", first, last, ALLOWANCE | {"month_supplement": supplement}, amount=yuan, **row
    )


UNTIL_AUGUST = certified("1480.00", ended_on=d("2026-09-01"), ended_because="RECERTIFIED")
SINCE_SEPTEMBER = certified("1600.00", since=d("2026-09-01"))
AUGUST = d("2026-08-01"), d("2026-08-31")
CASES: list[tuple[str, list[Made], bool]] = [
    ("in full, the supplement among it", [certified(), paid("1480.00")], False),
    ("in full, whatever the supplement is said to be", [certified(), paid("1480.00", supplement=None)], False),
    ("without the supplement", [certified(), paid("1380.00", supplement="0.00")], True),
    ("the supplement twice", [certified(), paid("1580.00", supplement="200.00")], True),
    ("a cent less", [certified(), paid("1479.99")], True),
    ("a cent more", [certified(), paid("1480.01")], True),
    ("nothing", [certified(), paid("0.00")], True),
    ("the supplement in a payment of its own", [certified(), paid("1380.00", supplement=None), paid("100.00")], False),
    ("the supplement besides", [certified(), paid("1480.00"), paid("100.00")], True),
    # 1480.00 × 2 and × 12
    ("two months at once", [certified(), paid("2960.00", d("2026-10-01"))], False),
    ("two months, one supplement", [certified(), paid("2860.00", d("2026-10-01"))], True),
    ("two months over the turn of the year", [certified(), paid("2960.00", d("2025-12-01"), d("2026-01-31"))], False),
    ("twelve months at once", [certified(), paid("17760.00", d("2025-12-01"), d("2026-11-30"))], False),
    ("twelve months, a cent less", [certified(), paid("17759.99", d("2025-12-01"), d("2026-11-30"))], True),
    # only what was paid and stands
    ("approved, and not paid", [certified(), paid("1.00", status="APPROVED", paid_on=None)], False),
    ("revoked", [certified(), paid("1.00", status="REVOKED", revoked_because="MISTAKE")], False),
    # what is in force in the month
    ("raised since, and paid as before", [UNTIL_AUGUST, SINCE_SEPTEMBER, paid("1480.00")], True),
    ("raised since, and paid so", [UNTIL_AUGUST, SINCE_SEPTEMBER, paid("1600.00")], False),
    ("before it was raised", [UNTIL_AUGUST, SINCE_SEPTEMBER, paid("1480.00", *AUGUST)], False),
    ("raised too soon", [UNTIL_AUGUST, SINCE_SEPTEMBER, paid("1600.00", *AUGUST)], True),
    ("not in force any more", [UNTIL_AUGUST, paid("1.00")], False),
    ("no amount was certified", [lambda home: home.certified("SUBSISTENCE_ALLOWANCE", of_member=False), paid("1.00")], False),
    # support is held against support, a member's allowance against that of the member
    ("the amount of another category",
     [lambda home: home.certified("EXTREME_HARDSHIP", certified_amount="988.00"),
      lambda home: home.given("BASIC_LIVING", *NOVEMBER, ALLOWANCE, amount="1.00", status="PAID", paid_on=NOVEMBER[0])], False),
    ("support, a cent less", [
        lambda home: home.certified("EXTREME_HARDSHIP", certified_amount="988.00"),
        lambda home: home.given("BASIC_LIVING", *NOVEMBER, SUPPORT, amount="987.99", status="PAID", paid_on=NOVEMBER[0])], True),
    ("support, in full", [
        lambda home: home.certified("EXTREME_HARDSHIP", certified_amount="988.00"),
        lambda home: home.given("BASIC_LIVING", *NOVEMBER, SUPPORT, amount="988.00", status="PAID", paid_on=NOVEMBER[0])], False),
    ("of a member, where the household is certified", [
        certified(),
        lambda home: home.given("BASIC_LIVING", *NOVEMBER, ALLOWANCE, amount="1.00", status="PAID", paid_on=NOVEMBER[0])], False),
    # the last twelve months, their first and last day among them
    ("begun a year ago", [certified(), paid("1.00", d("2025-11-24"), d("2025-12-23"))], True),
    ("begun a year and a day ago", [certified(), paid("1.00", d("2025-11-23"), d("2025-12-22"))], False),
    ("begun today", [certified(), paid("1.00", DAY, d("2026-12-23"))], True),
    ("begun tomorrow", [certified(), paid("1.00", d("2026-11-25"), d("2026-12-24"))], False),
]  # fmt: skip


@pytest.mark.parametrize(("case", "steps", "found"), CASES, ids=[case[0] for case in CASES])
def test_46_4_3_what_is_paid_is_what_was_certified_its_supplements_among_it(
    connection: psycopg.Connection[Any],
    case: str,
    steps: list[Made],
    found: bool,
) -> None:
    home = Home(connection)
    for step in steps:
        step(home)
    expected = {home.id} if found else set()
    assert households_found(connection, Finding.AMOUNT_DIFFERS, DAY, home.id) == expected, case
    connection.rollback()
