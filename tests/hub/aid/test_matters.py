"""46-3.3: "对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”": the limit applies to a matter, that
is to the sum of all that an office paid first for it, to the cent. 3 × 733.33 yuan are 2,199.99."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.commands import AidKey, record_aids
from hub.aid.drafts import AidDraft
from hub.aid.revocation import Revocation, revoke_aid
from hub.foundation.errors import HubError
from hub.model.aid import AidStatus, CorrectionReason, TemporaryForm
from tests.hub.aid.test_urgent import LINE, MARCH, STANDARDS, urgent
from tests.hub.money import Case, Desk, grant_of, yuan

TOWNSHIP, COUNTY = "civil_affairs@410105001", "civil_affairs@410105"
FIRE, CRASH = date(2026, 2, 20), date(2026, 2, 21)
BEYOND = "MATTER_LIMIT_EXCEEDED"


def payment(number: str, amount: str | None, happened_on: date | None = FIRE, **changes: Any) -> AidDraft:
    """A payment for the fire."""
    detail = {"happened_on": happened_on, **changes.pop("detail", {})}
    unpaid: dict[str, Any] = {} if amount else {"status": AidStatus.APPROVED, "paid_on": None}
    return replace(urgent(amount, detail=detail), external_id=number, decided_on=MARCH, **unpaid, **changes)


Step = Callable[[Case], Awaitable[object]]


async def records(case: Case, *drafts: AidDraft, agency: str = TOWNSHIP) -> list[str | None]:
    """Records a batch of drafts of an office; returns for each the error code, or None."""
    outcomes = await record_aids(case.context(grant_of(agency)), drafts)
    return [outcome.error.code if outcome.error else None for outcome in outcomes]


def before(number: str, amount: str | None, happened_on: date | None = FIRE, **changes: Any) -> Step:
    """A step: an office recorded an earlier payment."""
    agency = changes.pop("agency", TOWNSHIP)

    async def step(case: Case) -> None:
        assert await records(case, payment(number, amount, happened_on, **changes), agency=agency) == [None]

    return step


async def _key(case: Case, number: str) -> AidKey:
    found = await case.session.execute(
        sa.text(
            "select household_id, id from aid_record where external_id = :number and superseded_at is null"
        ),
        {"number": number},
    )
    household_id, id = found.one()
    return household_id, id


def amended(number: str, amount: str, version: int = 1, refused: str | None = None) -> Step:
    """A step: the office corrects an amount."""

    async def step(case: Case) -> None:
        change = AidAmendment(version, "金额有误", {"amount": yuan(amount)}, {})
        code = None
        try:
            await amend_aid(case.context(grant_of(TOWNSHIP)), await _key(case, number), change)
        except HubError as error:
            code = error.code
        assert code == refused

    return step


def revoked(number: str, version: int = 1) -> Step:
    """A step: the office revokes a payment."""

    async def step(case: Case) -> None:
        revocation = Revocation(version, CorrectionReason.MISTAKE, "误录")
        await revoke_aid(case.context(grant_of(TOWNSHIP)), await _key(case, number), revocation)

    return step


CONFIRMED = {"form": TemporaryForm.EMERGENCY_TYPE}


@pytest.mark.parametrize(
    ("steps", "amount", "refused"),
    [
        ([before("1", "2000.00")], "199.98", None), ([before("1", "2000.00")], "199.99", None),
        ([before("1", "2000.00")], "200.00", BEYOND),
        ([before("1", "1000.00"), before("2", "1000.00")], "199.99", None),
        ([before("1", "1000.00"), before("2", "1000.00")], "200.00", BEYOND),
        # an event of another day is another matter; without a day the matter is unknown
        ([before("1", "2000.00", CRASH)], "2199.99", None), ([before("1", "2000.00", None)], "2199.99", None),
        # only payments that this office paid first, and that are still valid
        ([before("1", "2199.99", agency=COUNTY)], "2199.99", None),
        ([before("1", "2000.00", agency=COUNTY, detail=CONFIRMED)], "2199.99", None),
        ([before("1", "2000.00"), revoked("1")], "2199.99", None),
        ([before("1", "2000.00"), before("2", "100.00"), revoked("1")], "2099.99", None),
        ([before("1", "2000.00"), before("2", "100.00"), revoked("1")], "2100.00", BEYOND),
        ([before("1", "2000.00"), amended("1", "1000.00")], "1199.99", None),
        ([before("1", "2000.00"), amended("1", "1000.00")], "1200.00", BEYOND),
        # a record is not counted together with its own correction
        ([before("1", "2000.00"), amended("1", "2199.99"), amended("1", "2199.98", 2)], "0.01", None),
        ([before("1", "2000.00"), amended("1", "2199.99"), amended("1", "2199.98", 2)], "0.02", BEYOND),
        ([before("1", "2000.00"), before("2", "100.00"), amended("2", "199.99")], "0.01", BEYOND),
        ([before("1", "2000.00"), before("2", "100.00"), amended("2", "200.00", refused=BEYOND)], "99.99", None),
        # an amount that is not yet known counts from the time when it is known
        ([before("1", None)], "2199.99", None), ([before("1", "2199.99")], None, None),
        ([before("1", None), amended("1", "2000.00")], "200.00", BEYOND),
    ],
)  # fmt: skip
def test_46_3_3_an_office_pays_first_for_a_matter_three_times_the_standard_in_all(
    desk: Desk, steps: list[Step], amount: str | None, refused: str | None
) -> None:
    async def whole(case: Case) -> list[str | None]:
        await _home(case)
        for step in steps:
            await step(case)
        return await records(case, payment("NEW", amount))

    assert desk.run(whole) == [refused]


async def _home(case: Case) -> None:
    await case.home()
    for line in STANDARDS:
        await case.put(LINE, **line)


@pytest.mark.parametrize(
    ("amounts", "refused"),
    [
        (["2000.00", "199.99"], [None, None]),
        (["2000.00", "200.00"], [None, BEYOND]),
        # a refused draft uses nothing of the amount left for the next
        (["2000.00", "200.00", "199.99"], [None, BEYOND, None]),
        (["0.01", "2199.99", "2199.98"], [None, BEYOND, None]),
        (["2200.00", "2199.99"], ["PAY_FIRST_LIMIT_EXCEEDED", None]),
        ([None, "2199.99", "0.01"], [None, None, BEYOND]),
    ],
)
def test_46_3_3_payments_of_one_batch_count_in_their_order(
    desk: Desk, amounts: list[str | None], refused: list[str | None]
) -> None:
    drafts = [payment(str(place), amount) for place, amount in enumerate(amounts)]

    async def whole(case: Case) -> list[str | None]:
        await _home(case)
        return await records(case, *drafts)

    assert desk.run(whole) == refused


def test_46_3_3_what_the_county_confirmed_was_not_paid_first(desk: Desk) -> None:
    async def whole(case: Case) -> list[str | None]:
        await _home(case)
        assert await records(case, payment("1", "2000.00", detail=CONFIRMED), agency=COUNTY) == [None]
        return await records(
            case, payment("2", "2199.99"), payment("3", "0.01"), payment("4", "0.01", CRASH), agency=COUNTY
        )

    assert desk.run(whole) == [None, BEYOND, None]
