"""46-4.3: "依法依规追回非法获取的物资、救助金". The amounts wrongly paid, to the cent, whatever the state of the record; the
amounts repaid and waived."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.revocation import Revocation, revoke_aid
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.aid import AidStatus, CorrectionReason
from hub.model.recoveries import RecoveryRow
from hub.recoveries.commands import open_recovery, record_repayment, waive_recovery
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from hub.recoveries.overpayments import aid_in_question
from hub.recoveries.sums import outstanding, status
from tests.hub.money import OFFICE, Case, Desk, allowance, grant_of, yuan

TO_BE_PAID: dict[str, Any] = {"status": AidStatus.APPROVED, "paid_on": None}
REVOKED = "revoked"
Version = dict[str, Any] | str


async def aid_with(
    case: Case, versions: Sequence[Version], because: CorrectionReason = CorrectionReason.MISTAKE
) -> Any:
    """The key of a record with several versions."""
    await case.home()
    await case.certify("SUBSISTENCE_ALLOWANCE")
    first, *later = versions
    assert isinstance(first, dict)
    key = await case.recorded(grant_of(), allowance(**first))
    for number, change in enumerate(later, start=1):
        if isinstance(change, str):
            await revoke_aid(case.context(grant_of()), key, Revocation(number, because, "经查不符"))
        else:
            await amend_aid(case.context(grant_of()), key, AidAmendment(number, "有误", change, {}))
    return key


def paid(amount: str) -> dict[str, Any]:
    return {"amount": yuan(amount)}


@pytest.mark.parametrize(
    ("versions", "wrongly"),
    [
        ([paid("760.00")], "0.00"),
        ([paid("760.00"), REVOKED], "760.00"),
        ([paid("0.01"), REVOKED], "0.01"),
        ([paid("0.00"), REVOKED], "0.00"),
        ([paid("760.00"), paid("759.99")], "0.01"),
        ([paid("760.00"), paid("760.01")], "0.00"),
        ([paid("760.00"), paid("0.00")], "760.00"),
        # the highest amount paid, less the amount that is rightful now
        ([paid("760.00"), paid("900.00"), paid("700.00")], "200.00"),
        ([paid("760.00"), paid("700.00"), paid("760.00")], "0.00"),
        ([paid("760.00"), paid("700.00"), REVOKED], "760.00"),
        # an amount that was never paid is not recovered
        ([TO_BE_PAID, REVOKED], "0.00"),
        ([TO_BE_PAID | paid("900.00"), TO_BE_PAID | paid("700.00")], "0.00"),
        # goods and benefits with a value count as paid when they were delivered
        ([TO_BE_PAID | {"status": AidStatus.DELIVERED}, REVOKED], "760.00"),
        # a record that now states no payment was not paid
        ([paid("760.00"), TO_BE_PAID], "0.00"),
        # it ended after the payment, which stays rightful
        ([paid("760.00"), {"status": AidStatus.ENDED}], "0.00"),
        ([paid("760.00"), {"status": AidStatus.ENDED, "amount": yuan("500.00")}], "260.00"),
    ],
)
def test_what_was_wrongly_paid_is_the_most_that_went_out_less_what_is_rightful(
    desk: Desk, versions: Sequence[Version], wrongly: str
) -> None:
    async def steps(case: Case) -> Any:
        key = await aid_with(case, versions)
        aid = await aid_in_question(case.session, grant_of(), key)
        assert aid is not None
        return aid.overpaid

    assert desk.run(steps) == yuan(wrongly)


def recovery(key: Any, amount: str, **changes: Any) -> RecoveryDraft:
    whole = {
        "external_id": "追-1",
        "aid": key,
        "because": CorrectionReason.MISTAKE,
        "amount": yuan(amount),
        "reason": "多发",
    }
    return RecoveryDraft(**(whole | changes))


async def opened(case: Case, *drafts: RecoveryDraft) -> Any:
    """The key of the last recovery, or the error of the first refused one."""
    try:
        for draft in drafts:
            key = await open_recovery(case.context(grant_of()), draft)
    except HubError as error:
        return error
    return key


@pytest.mark.parametrize(
    ("amounts", "refused"),
    [
        (["0.01"], None), (["99.99"], None), (["100.00"], None), (["100.01"], "AMOUNT_EXCEEDS_PAID"),
        (["60.00", "39.99"], None), (["60.00", "40.00"], None), (["60.00", "40.01"], "AMOUNT_EXCEEDS_PAID"),
        (["100.00", "0.01"], "ALREADY_RECOVERED"), (["0.00"], "INVALID_INPUT"), (["-0.01"], "INVALID_INPUT"),
        (["0.001"], "INVALID_INPUT"), (["99.999"], "INVALID_INPUT"), (["9999999999.99"], "AMOUNT_EXCEEDS_PAID"),
        (["10000000000.00"], "INVALID_INPUT"),
    ],
)  # fmt: skip
def test_all_recoveries_of_a_record_ask_for_no_cent_more_than_was_wrongly_paid(
    desk: Desk, amounts: list[str], refused: str | None
) -> None:
    async def steps(case: Case) -> Any:
        key = await aid_with(case, [paid("760.00"), paid("660.00")])
        recoveries = (recovery(key, each, external_id=f"追-{place}") for place, each in enumerate(amounts))
        return await opened(case, *recoveries)

    answer = desk.run(steps)
    assert getattr(answer, "code", None) == refused
    if refused == "AMOUNT_EXCEEDS_PAID":
        left = {"100.01": "100.00", "40.01": "40.00"}.get(amounts[-1], "100.00")
        assert (answer.path, f" {left} " in str(answer)) == (("amount",), True)


@pytest.mark.parametrize(("days", "kept"), [(-1, False), (0, True), (1, True)])
def test_a_recovery_is_due_today_at_the_earliest(desk: Desk, days: int, kept: bool) -> None:
    async def steps(case: Case) -> Any:
        key = await aid_with(case, [paid("760.00"), REVOKED])
        return await opened(case, recovery(key, "1.00", due_on=today() + timedelta(days=days)))

    answer = desk.run(steps)
    assert getattr(answer, "path", None) == (None if kept else ("dueOn",))


def test_a_record_is_recovered_for_the_reason_it_was_revoked_for(desk: Desk) -> None:
    async def steps(case: Case) -> Any:
        key = await aid_with(case, [paid("760.00"), REVOKED], CorrectionReason.FALSE_CLAIM)
        return await opened(case, recovery(key, "1.00"))

    assert desk.run(steps).path == ("because",)


async def standing(case: Case, key: Any) -> tuple[str, str]:
    """The status of a recovery, and the amount still owed."""
    row = table_of(RecoveryRow).alias()
    found = await case.session.execute(
        sa.select(status(row, grant_of()), outstanding(row, grant_of())).where(row.c.id == key[1])
    )
    word, left = found.one()
    return str(word), str(left)


async def repay(case: Case, key: Any, *amounts: str, on: date | None = None) -> str | None:
    """The code of the first refused repayment."""
    for place, amount in enumerate(amounts):
        draft = RepaymentDraft(f"还-{amount}-{place}", key, yuan(amount), on or today())
        try:
            await record_repayment(case.context(grant_of()), draft)
        except HubError as error:
            return str(error.code)
    return None


@pytest.mark.parametrize(
    ("amounts", "refused", "then"),
    [
        ([], None, ("OPEN", "100.00")),
        (["0.01"], None, ("PARTLY_REPAID", "99.99")),
        (["99.99"], None, ("PARTLY_REPAID", "0.01")),
        (["100.00"], None, ("REPAID", "0.00")),
        (["100.01"], "AMOUNT_EXCEEDS_OUTSTANDING", ("OPEN", "100.00")),
        (["33.33", "33.33", "33.34"], None, ("REPAID", "0.00")),
        (["33.33", "33.33", "33.35"], "AMOUNT_EXCEEDS_OUTSTANDING", ("PARTLY_REPAID", "33.34")),
        (["100.00", "0.01"], "RECOVERY_SETTLED", ("REPAID", "0.00")),
        (["0.00"], "INVALID_INPUT", ("OPEN", "100.00")),
        (["0.005"], "INVALID_INPUT", ("OPEN", "100.00")),
        (["-1.00"], "INVALID_INPUT", ("OPEN", "100.00")),
    ],
)
def test_instalments_are_taken_off_to_the_cent_and_never_more_than_is_owed(
    desk: Desk, amounts: list[str], refused: str | None, then: tuple[str, str]
) -> None:
    async def steps(case: Case) -> Any:
        aid = await aid_with(case, [paid("760.00"), paid("660.00")])
        key = await opened(case, recovery(aid, "100.00"))
        return await repay(case, key, *amounts), await standing(case, key)

    assert desk.run(steps) == (refused, then)


@pytest.mark.parametrize(("days", "refused"), [(-1, "INVALID_INPUT"), (0, None), (1, "INVALID_INPUT")])
def test_money_comes_back_from_the_day_the_recovery_was_opened_to_today(
    desk: Desk, days: int, refused: str | None
) -> None:
    async def steps(case: Case) -> Any:
        aid = await aid_with(case, [paid("760.00"), REVOKED])
        key = await opened(case, recovery(aid, "100.00"))
        return await repay(case, key, "1.00", on=today() + timedelta(days=days))

    assert desk.run(steps) == refused


@pytest.mark.parametrize(
    ("back", "agency", "because", "refused", "waived"),
    [
        ([], OFFICE, "MISTAKE", None, "100.00"),
        (["0.01"], OFFICE, "MISTAKE", None, "99.99"),
        (["99.99"], OFFICE, "MISTAKE", None, "0.01"),
        (["100.00"], OFFICE, "MISTAKE", "RECOVERY_SETTLED", None),
        (["40.00"], "civil_affairs@4101", "DUPLICATE", None, "60.00"),
        # an office of a county or the city may waive, a township may not
        ([], "civil_affairs@410105001", "MISTAKE", "WAIVER_BY_COUNTY_REQUIRED", None),
        # 骗取: an amount obtained by a false claim is always recovered
        ([], OFFICE, "FALSE_CLAIM", "FALSE_CLAIM_NOT_WAIVABLE", None),
        ([], OFFICE, "NO_LONGER_ENTITLED", None, "100.00"),
        ([], OFFICE, "DECEASED", None, "100.00"),
    ],
)
def test_what_is_still_owed_is_let_go_by_the_county_unless_it_was_a_false_claim(
    desk: Desk, back: list[str], agency: str, because: str, refused: str | None, waived: str | None
) -> None:
    reason = CorrectionReason(because)

    async def steps(case: Case) -> Any:
        aid = await aid_with(case, [paid("100.00"), REVOKED], reason)
        key = await opened(case, recovery(aid, "100.00", because=reason))
        assert await repay(case, key, *back) is None
        try:
            await waive_recovery(case.context(grant_of(agency)), key, 1 + len(back), "确无能力退还")
        except HubError as error:
            return error.code, None
        (row,) = (await case.session.execute(sa.select(table_of(RecoveryRow)))).mappings()
        assert await standing(case, key) == ("WAIVED", "0.00")
        assert await repay(case, key, "0.02") == "RECOVERY_SETTLED"
        return None, str(row["waived"])

    assert desk.run(steps) == (refused, waived)
