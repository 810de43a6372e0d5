"""The drafts of recoveries and repayments: checks without the database, and the digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest, plain
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.model.aid import CorrectionReason
from hub.model.recoveries import RecoveryManner
from hub.policy.facts.recoveries import deadline_passed

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class RecoveryDraft:
    """A recovery of a record (household id, aid record id): amount in yuan, reason and deadline. For goods or services,
    `manner` and `goods` describe the return, and the amount is their value."""

    external_id: str
    aid: tuple[UUID, UUID]
    because: CorrectionReason
    amount: Decimal
    reason: str
    due_on: date | None = None
    manner: RecoveryManner | None = None
    goods: str | None = None

    def check(self) -> None:
        """Raise InvalidInput for an error that shows without the database."""
        required_text("externalId", self.external_id, LONGEST_EXTERNAL_ID)
        required_text("reason", self.reason, LONGEST_REASON)
        if self.manner is not None:
            required_text("goods", self.goods or "", LONGEST_REASON)
        elif self.goods is not None:
            raise InvalidInput(
                path=("manner",),
                field="manner",
                reason="goods or services come back as such, or by value",
                reason_zh="追回物资或服务须填写追回方式",
            )
        _check_yuan(self.amount)

    def check_deadline(self) -> None:
        """Raise InvalidInput for a deadline that has passed."""
        if deadline_passed(self.due_on, today()):
            raise InvalidInput(path=("dueOn",), field="dueOn", reason="it has passed", reason_zh="日期已过")

    def digest(self) -> bytes:
        """SHA-256 of the content; equal content has an equal digest."""
        money = (*self.aid, self.because, self.amount, self.reason.strip(), self.due_on)
        return _digest(money if self.goods is None else (*money, self.manner, self.goods.strip()))


@dataclass(frozen=True, slots=True)
class RepaymentDraft:
    """A repayment of a recovery (household id, recovery id), in yuan."""

    external_id: str
    recovery: tuple[UUID, UUID]
    amount: Decimal
    repaid_on: date

    def check(self) -> None:
        """Raise InvalidInput for an error that shows without the database."""
        required_text("externalId", self.external_id, LONGEST_EXTERNAL_ID)
        _check_yuan(self.amount)

    def digest(self) -> bytes:
        """The SHA-256 of the content; equal content has an equal digest."""
        return _digest((*self.recovery, self.amount, self.repaid_on))


def _check_yuan(amount: Decimal) -> None:
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or not 0 < amount <= MOST_YUAN:
        raise InvalidInput(
            path=("amount",),
            field="amount",
            reason="yuan above 0, with at most two decimals",
            reason_zh="须为大于 0 的金额(元),最多两位小数",
        )


def _digest(content: Sequence[object]) -> bytes:
    return canonical_digest([plain(value) for value in content])
