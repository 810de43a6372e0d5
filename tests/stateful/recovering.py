"""Recovering money that was wrongly paid: a recovery is opened, repaid in parts, or waived (46-4.3)."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hub.foundation.calendar import today
from hub.model.aid import AidStatus, CorrectionReason
from hub.recoveries.commands import open_recovery, record_repayment, waive_recovery
from hub.recoveries.drafts import RecoveryDraft, RepaymentDraft
from tests.stateful.given import agencies, homes, mostly, picks, stale
from tests.stateful.giving import Giving
from tests.stateful.model import Aid, Recovery

SHARES = (Decimal("0.5"), Decimal(1), Decimal("1.01"))
"""Shares of the amount left: a part, all of it, and more than all."""
sums = st.sampled_from(SHARES)
reasons = st.one_of(st.sampled_from(CorrectionReason), st.just(CorrectionReason.FALSE_CLAIM))


FEN = Decimal("0.01")


def _part(left: Decimal, share: Decimal) -> Decimal:
    return max((left * share).quantize(FEN), FEN)


class Recovering(Giving):
    """Recoveries, repayments and waivers."""

    @initialize(at=homes, place=mostly, because=reasons, shares=st.permutations((*SHARES, Decimal("0.5"))))
    def recover_what_was_paid(
        self, at: int, place: int, because: CorrectionReason, shares: list[Decimal]
    ) -> None:
        """Every life has two amounts to recover: for a record that is revoked, and for one whose amount is lowered."""
        another = next(reason for reason in CorrectionReason if reason is not because)
        for lower in (False, True):
            self.record_aid(1, at, "OTHER", False, AidStatus.PAID, True)
            last = len(self.model.aids) - 1
            if lower:
                self.amend_aid(0, True, last, 0, True)
            else:
                self.revoke_aid(0, True, last, 0, because)
            self._recover(self.model.aids[-1], "civil_affairs@410181", because, Decimal(1))
            for share, flag in zip(shares, (False, True), strict=False):
                self.open_recovery(place, True, -1, share, flag, another)
        for recovery in self.model.recoveries:
            if recovery.because == CorrectionReason.FALSE_CLAIM:
                self._waive(recovery, "civil_affairs@4101", 0)
        for share in shares[2:]:
            if self.model.recoveries:
                self.record_repayment(place, 1, share)
        for pick in range(len(self.model.recoveries)):
            self.waive_recovery(place + 2 * pick, 2 * pick, 0)

    def _wrongly_paid(self, pick: int) -> Aid:
        """A record that was wrongly paid and is not yet being recovered in full, if there is one; else any record."""
        due = [aid for aid in self.model.aids if self.model.left_to_recover(aid) > 0]
        among = due or self.model.aids
        return among[pick % len(among)]

    @precondition(lambda self: self.model.aids)
    @rule(
        place=agencies,
        wrong=st.booleans(),
        pick=picks,
        share=sums,
        told=st.booleans(),
        because=st.sampled_from(CorrectionReason),
    )
    def open_recovery(
        self, place: int, wrong: bool, pick: int, share: Decimal, told: bool, because: CorrectionReason
    ) -> None:
        aid = self._wrongly_paid(pick) if wrong else self.model.aids[pick % len(self.model.aids)]
        agency = self.somebody(place, lambda name: self.model.may_recover(name, aid))
        reason = CorrectionReason(aid.revoked) if told and aid.revoked else because
        left = self.model.left_to_recover(aid)
        yuan = _part(left, share) if left > 0 else Decimal(100)
        self._recover(aid, agency, reason, yuan)

    def _recover(self, aid: Aid, agency: str, reason: CorrectionReason, yuan: Decimal) -> None:
        draft = RecoveryDraft(self.external(), aid.key, reason, yuan, "核查后追回")
        left = self.model.left_to_recover(aid)
        may = self.model.may_recover(agency, aid) and yuan <= left and aid.revoked in (None, reason.value)
        if key := self.run(agency, may, lambda context: open_recovery(context, draft), named="open_recovery"):
            self.model.recoveries.append(Recovery(key, aid, reason.value, yuan, yuan))

    @precondition(lambda self: self.model.recoveries)
    @rule(place=agencies, pick=picks, share=sums)
    def record_repayment(self, place: int, pick: int, share: Decimal) -> None:
        recovery = self._recovery(pick)
        agency = self.somebody(place, lambda name: self.model.may_recover(name, recovery.aid))
        yuan = _part(recovery.left, share) if recovery.left > 0 else Decimal(1)
        draft = RepaymentDraft(self.external(), recovery.key, yuan, today())
        may = self.model.may_recover(agency, recovery.aid) and yuan <= recovery.left
        if self.run(agency, may, lambda context: record_repayment(context, draft)):
            recovery.left, recovery.version = recovery.left - yuan, recovery.version + 1

    @precondition(lambda self: self.model.recoveries)
    @rule(place=agencies, pick=picks, late=stale)
    def waive_recovery(self, place: int, pick: int, late: int) -> None:
        recovery = self._recovery(pick)
        agency = self.somebody(place, lambda name: self.model.may_recover(name, recovery.aid))
        self._waive(recovery, agency, late)

    def _waive(self, recovery: Recovery, agency: str, late: int) -> None:
        may = self.model.may_waive(agency, recovery) and not late
        version = recovery.version - late
        if self.run(
            agency,
            may,
            lambda context: waive_recovery(context, recovery.key, version, "确有困难"),
            named="waive_recovery",
        ):
            recovery.waived, recovery.left, recovery.version = recovery.left, Decimal(0), recovery.version + 1

    def _recovery(self, pick: int) -> Recovery:
        """A recovery; in half of the draws one with an amount still owed."""
        owed = [recovery for recovery in self.model.recoveries if recovery.left > 0] if pick % 2 else []
        among = owed or self.model.recoveries
        return among[pick // 2 % len(among)]
