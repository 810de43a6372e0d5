"""Amounts: how they are written, and which are accepted (46-3, 46-4.3: money is traceable to the cent)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.aid.drafts import future_fault, shape_fault
from hub.foundation.amounts import amount_of
from hub.foundation.errors import HubError
from hub.model.aid import AidKind, AidStatus, MedicalForm, ServiceForm
from tests.hub.money import allowance, grant_of

MOST = "9999999999.99"


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("0", "0.00"), ("0.00", "0.00"), ("-0", "0.00"), ("-0.00", "0.00"), ("0.01", "0.01"), ("0.1", "0.10"),
        ("1500", "1500.00"), ("1500.5", "1500.50"), ("1500.00", "1500.00"), ("1500.000", "1500.00"), (MOST, MOST),
        ("-1.5", "-1.50"), ("999999999999999999", "999999999999999999.00"),
        # fractions of a cent are never rounded away, so that the check that refuses them can see them
        ("0.005", "0.005"), ("1.999", "1.999"), ("2280.001", "2280.001"),
    ],
)  # fmt: skip
def test_an_amount_has_one_value_with_two_decimals_and_nothing_is_rounded(text: str, yuan: str) -> None:
    assert str(amount_of(text)) == yuan


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "+1", "01", "1.", ".5", "1,000", "1e3", "1E3", "NaN", "Infinity", "1_000", "１５", "٣", "--1",
     "1.5.0", "1000000000000000000", "0x10", "1\n"],
)  # fmt: skip
def test_what_is_not_digits_and_a_point_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="not written as an amount"):
        amount_of(text)


def refused(draft: Any, agency: str = "civil_affairs@410105") -> tuple[str, ...] | None:
    error: HubError | None = shape_fault(grant_of(agency), draft) or future_fault(draft)
    return None if error is None else tuple(map(str, error.path))


@pytest.mark.parametrize(
    ("amount", "kept"),
    [("-0.01", False), ("0", True), ("0.01", True), (MOST, True), ("10000000000.00", False), ("0.001", False),
     ("760.005", False), ("760.05", True), ("Infinity", False), ("NaN", False)],
)  # fmt: skip
def test_aid_is_of_yuan_from_nought_with_at_most_two_decimals(amount: str, kept: bool) -> None:
    assert refused(allowance(amount=Decimal(amount))) == (None if kept else ("amount",))


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({}, None),
        ({"paid_on": None}, ("paidOn",)),
        ({"amount": None}, ("amount",)),
        ({"paid_on": None, "amount": None}, ("amount",)),
        ({"status": AidStatus.APPROVED, "paid_on": None}, None),
        ({"status": AidStatus.APPROVED, "paid_on": None, "amount": None}, None),
        ({"status": AidStatus.DELIVERED, "paid_on": None, "amount": None}, None),
    ],
)
def test_what_was_paid_has_an_amount_and_a_day(changes: Any, at: Any) -> None:
    assert refused(allowance(**changes)) == at


@pytest.mark.parametrize(("amount", "kept"), [(None, True), ("0", False), ("0.01", False)])
def test_service_aid_is_given_without_money(amount: str | None, kept: bool) -> None:
    """46-3.4: 服务类社会救助."""
    draft = replace(
        allowance(),
        kind=AidKind.SERVICE,
        status=AidStatus.DELIVERED,
        paid_on=None,
        detail={"form": ServiceForm.VISIT, "provider": "社工站", "times": 1},
        amount=None if amount is None else Decimal(amount),
    )
    assert refused(draft) == (None if kept else ("amount",))


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("total_cost", "-0.01", False),
        ("total_cost", "0", True),
        ("total_cost", MOST, True),
        ("total_cost", "10000000000", False),
        ("insurance_paid", "-0.01", False),
        ("insurance_paid", "0.01", True),
    ],
)
def test_the_costs_of_medical_aid_are_yuan_from_nought(name: str, value: str, kept: bool) -> None:
    """46-3.2.1."""
    draft = replace(
        allowance(), kind=AidKind.MEDICAL, detail={"form": MedicalForm.COST_AID, name: Decimal(value)}
    )
    at = ("detail", "medical", "totalCost" if name == "total_cost" else "insurancePaid")
    assert refused(draft, "medical_insurance@410105") == (None if kept else at)


def test_a_period_may_be_one_day_and_no_less() -> None:
    day = date(2026, 3, 1)
    assert refused(allowance(period_from=day, period_until=day)) is None
    assert refused(allowance(period_from=day, period_until=date(2026, 2, 28))) == ("periodUntil",)
