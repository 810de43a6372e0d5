"""The draft of an aid record: its content, its checks without the database, its digest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any, get_args
from uuid import UUID

from auth.grant import Grant
from hub.aid.forms import form_refusal
from hub.aid.rules import KIND_RULES
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest, plain
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import HubError, InvalidInput, camel
from hub.model.aid import DETAIL_OF, AidKind, AidStatus, CorrectionReason, Payee, detail_path
from hub.persons.subjects import Subject
from hub.policy.facts.aid import is_revoked, lacks_payment
from hub.policy.facts.periods import is_reversed

KEY = ("household_id", "id", "version")
LONGEST_OUTCOME = 1000
_PAST = frozenset({"struck_on", "happened_on", "papers_supplied_on"})
"""Columns of details with the day of a past event."""


class UseRevokeAid(HubError):
    """Revoke a record with revokeAid and give the reason; it cannot be recorded or amended as REVOKED (46-4.3).
    撤销须另行办理并填写撤销情形,不能直接登记或更正为已撤销(46-4.3)。
    """


@dataclass(frozen=True)
class AidDraft:
    """One outcome of one agency. `amount` is yuan for the whole period; `detail` holds the kind's own columns. `outcome` may be
    longer where the hub added to it what is known of somebody without papers (`longest_outcome`)."""

    external_id: str
    subject: Subject
    kind: AidKind
    program: str
    period_from: date
    period_until: date
    status: AidStatus
    decided_on: date
    detail: Mapping[str, Any]
    amount: Decimal | None = None
    paid_on: date | None = None
    outcome: str | None = None
    amendment_reason: str | None = field(default=None, compare=False)
    revoked_because: CorrectionReason | None = field(default=None, compare=False)
    longest_outcome: int = field(default=LONGEST_OUTCOME, compare=False)

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The content of the aid itself, as JSON."""
        return {
            "kind": self.kind.value,
            "program": self.program.strip(),
            "periodFrom": str(self.period_from),
            "periodUntil": str(self.period_until),
            "status": self.status.value,
            "amount": plain(self.amount),
            "decidedOn": str(self.decided_on),
            "paidOn": plain(self.paid_on),
            "outcome": self.outcome,
            "detail": {name: plain(value) for name, value in self.detail.items() if value is not None},
        }


@cache
def detail_columns(kind: AidKind) -> Mapping[str, tuple[type, bool]]:
    """The columns of a kind's detail: their Python type, and whether they are required."""
    columns: dict[str, tuple[type, bool]] = {}
    for name, info in DETAIL_OF[kind].model_fields.items():
        if name not in KEY:
            types = [
                annotation
                for annotation in (info.annotation, *get_args(info.annotation))
                if isinstance(annotation, type)
            ]
            columns[name] = (types[0], info.is_required())
    return MappingProxyType(columns)


def content_digest(draft: AidDraft, household_id: UUID, person_id: UUID | None) -> bytes:
    """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
    subject = {"household": str(household_id), "person": plain(person_id)}
    return canonical_digest({**subject, **draft.content})


def event_body(draft: AidDraft, version: int) -> dict[str, Any]:
    """The body of the chain event of a record."""
    body = {**draft.content, "externalId": draft.external_id, "version": version}
    why = {"reason": draft.amendment_reason, "because": plain(draft.revoked_because)}
    return body | {name: value for name, value in why.items() if value is not None}


def _invalid(field_name: str, reason: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(path=(field_name,), field=field_name, reason=reason, reason_zh=reason_zh)


def _text(name: str, value: str | None, most: int) -> HubError | None:
    if value is not None and len(value) > most:
        return _invalid(name, f"at most {most} characters", f"不得超过 {most} 个字符")
    return None


def _required_text(name: str, value: str, most: int) -> HubError | None:
    if not value.strip():
        return _invalid(name, "it is empty", "不能为空")
    return _text(name, value, most)


def _period(draft: AidDraft) -> HubError | None:
    if is_reversed(draft.period_from, draft.period_until):
        return _invalid("periodUntil", "it lies before periodFrom", "早于起始日期")
    return None


def _money(draft: AidDraft) -> HubError | None:
    if draft.amount is not None:
        if not KIND_RULES[draft.kind].money:
            return _invalid(
                "amount", "service aid is given without money (46-3.4)", "服务类救助不发放资金(46-3.4)"
            )
        exponent = draft.amount.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -2 or not 0 <= draft.amount <= MOST_YUAN:
            return _invalid(
                "amount",
                "yuan from 0 to 9999999999.99 with at most two decimals",
                "须为 0 至 9999999999.99 元,最多两位小数",
            )
    without_day = lacks_payment(draft.status, draft.paid_on)
    if without_day or (draft.status is AidStatus.PAID and draft.amount is None):
        missing = "amount" if draft.amount is None else "paidOn"
        return _invalid(missing, "aid that is PAID needs amount and paidOn", "已发放的救助须填金额和发放日期")
    return None


def _detail(draft: AidDraft) -> HubError | None:
    columns = detail_columns(draft.kind)
    for name in draft.detail:
        if name not in columns:
            unknown = _invalid(camel(name), f"{draft.kind.value} has no such detail", "该类救助没有此项明细")
            return unknown.at(*detail_path(draft.kind, name))
    for name, (kind, required) in columns.items():
        if error := _column(name, draft.detail.get(name), kind, required):
            return error.at(*detail_path(draft.kind, name))
    return None


def _column(name: str, value: Any, kind: type, required: bool) -> HubError | None:
    """The error of one column of a detail, or None. A required text must not be empty."""
    field = camel(name)
    if value is None:
        return _invalid(field, "it is missing", "缺少此项") if required else None
    if not isinstance(value, kind):
        return _invalid(field, f"it is not a {kind.__name__}", "类型不符")
    match value:
        case StrEnum() | bool():
            return None
        case str():
            return _required_text(field, value, 200) if required else _text(field, value, 200)
        case Decimal() if not 0 <= value <= MOST_YUAN:
            return _invalid(field, "it is out of range", "超出范围")
        case int() if not 1 <= value <= 9999:
            return _invalid(field, "it is out of range", "超出范围")
    return None


def _payee(draft: AidDraft) -> HubError | None:
    if (
        draft.detail.get("payee") == Payee.INSTITUTION
        and not str(draft.detail.get("institution") or "").strip()
    ):
        error = _invalid(
            "institution",
            "it is missing: whose account the support went to (46-3.1)",
            "缺少供养服务机构:须写明支付到哪一机构的账户(46-3.1)",
        )
        return error.at(*detail_path(draft.kind, "institution"))
    return None


def outcome_fault(draft: AidDraft) -> HubError | None:
    """The error of an outcome that is too long; None if it is not."""
    return _text("outcome", draft.outcome, draft.longest_outcome)


def _form(grant: Grant, draft: AidDraft) -> HubError | None:
    form = draft.detail.get("form")
    error = form_refusal(grant.agency, form) if isinstance(form, StrEnum) else None
    return error and error.at(*detail_path(draft.kind, "form"))


def shape_fault(grant: Grant, draft: AidDraft) -> HubError | None:
    """The first error of a draft that needs neither the database nor the clock; None if it has none."""
    if is_revoked(draft.status):
        return UseRevokeAid(path=("status",))
    return (
        _required_text("externalId", draft.external_id, 64)
        or _required_text("program", draft.program, 100)
        or outcome_fault(draft)
        or _period(draft)
        or _money(draft)
        or _detail(draft)
        or _payee(draft)
        or _form(grant, draft)
    )


def future_fault(draft: AidDraft) -> HubError | None:
    """The error of a draft whose past dates lie in the future; None if it has none."""
    for name, day in (("decidedOn", draft.decided_on), ("paidOn", draft.paid_on)):
        if day is not None and day > today():
            return _invalid(name, "it lies in the future", "晚于今天")
    for name in sorted(_PAST & draft.detail.keys()):
        day = draft.detail[name]
        if isinstance(day, date) and day > today():
            error = _invalid(camel(name), "it lies in the future", "晚于今天")
            return error.at(*detail_path(draft.kind, name))
    return None
