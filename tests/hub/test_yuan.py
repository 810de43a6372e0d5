"""Amounts in each draft that has some: from zero or more than zero, to the cent, up to 9,999,999,999.99 yuan."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from hub.circumstances.drafts import CircumstanceDraft, refusal
from hub.conferences.drafts import Measure, Minutes, check_minutes
from hub.foundation.errors import HubError
from hub.model.aid import AidKind, CorrectionReason
from hub.model.circumstances import CircumstanceKind
from hub.model.recoveries import RecoveryManner
from hub.persons.subjects import Subject
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from tests.hub.money import HOME, grant_of, person_id

ANSWERS = [
    ("-0.01", False), ("0.01", True), ("0.10", True), ("0.001", False), ("760.005", False), ("9999999999.98", True),
    ("9999999999.99", True), ("9999999999.991", False), ("10000000000.00", False), ("Infinity", False), ("NaN", False),
]  # fmt: skip
DAY, RECORD = date(2026, 3, 1), (HOME, person_id(1))


def rigid_expense(amount: Decimal) -> None:
    """A household's rigid expense, as medical insurance reports it (46-2.3)."""
    draft = CircumstanceDraft(
        "F-1",
        Subject(household_id=HOME),
        CircumstanceKind.RIGID_EXPENSE,
        DAY,
        fields={"amount": amount},
    )
    if error := refusal(grant_of("medical_insurance@410105"), draft):
        raise error


def measure(amount: Decimal) -> None:
    """An amount that a conference decides for an office (46-3.3), in the second of two measures."""
    first = Measure("education@410105", AidKind.EDUCATION, "助学")
    second = Measure("civil_affairs@410105", AidKind.TEMPORARY, "救助", amount)
    check_minutes(Minutes(1, DAY, "议定", "救助", [first, second]))


def money_recovered(amount: Decimal) -> None:
    """Money to be recovered (46-4.3)."""
    RecoveryDraft("追-1", RECORD, CorrectionReason.MISTAKE, amount, "多发").check()


def goods_recovered(amount: Decimal) -> None:
    """Goods to be recovered by their value (46-4.3)."""
    by_value, goods = RecoveryManner.BY_VALUE, "轮椅1辆"
    reason = CorrectionReason.FALSE_CLAIM
    RecoveryDraft("追-1", RECORD, reason, amount, "冒领", manner=by_value, goods=goods).check()


def repaid(amount: Decimal) -> None:
    """Money that was repaid (46-4.3)."""
    RepaymentDraft("还-1", RECORD, amount, DAY).check()


@pytest.mark.parametrize(
    ("check", "nought", "place"),
    [
        (rigid_expense, False, ("amount",)),
        (measure, True, ("measures", 1, "amount")),
        (money_recovered, False, ("amount",)),
        (goods_recovered, False, ("amount",)),
        (repaid, False, ("amount",)),
    ],
)
def test_yuan_are_written_to_the_cent_and_may_be_nought_where_nothing_may_be_decided(
    check: Callable[[Decimal], None], nought: bool, place: tuple[str | int, ...]
) -> None:
    for amount, accepted in [*ANSWERS, ("0", nought), ("0.00", nought)]:
        path = None
        try:
            check(Decimal(amount))
        except HubError as error:
            path = (error.code, tuple(error.path))
        assert path == (None if accepted else ("INVALID_INPUT", place)), amount
