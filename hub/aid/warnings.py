"""Warnings about aid that is saved, each with its clause. A warning reveals nothing that the caller's scopes do not open."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.ages import unlikely
from hub.aid.drafts import AidDraft
from hub.aid.supplements import supplements_due
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.aid import AidKind, BasicLivingForm, MedicalForm, Payee
from hub.model.certifications import Category, CertificationRow, Support
from hub.persons.subjects import Resolved
from hub.policy.facts.aid import was_paid_late
from hub.policy.facts.certifications import Validity
from hub.policy.permissions.field_scopes import CERTIFICATION
from hub.policy.permissions.row_policies import visible

_certification = table_of(CertificationRow)


@dataclass(frozen=True, slots=True)
class AidWarning:
    """A warning; `code` is stable."""

    code: str
    message: str
    message_zh: str


PAID_LATE = AidWarning(
    "PAID_LATE",
    "The allowance was paid after the 10th; it is due by the 10th of each month (46-3.1).",
    "基本生活救助金发放晚于当月10日,应在每月10日前发放到位(46-3.1)。",
)

PREMIUM_NOT_IN_FULL = AidWarning(
    "PREMIUM_NOT_IN_FULL",
    "The person is certified in extreme hardship, whose premium is paid in full (46-3.2.1).",
    "此人为特困人员,参保费用应全额资助(46-3.2.1)。",
)

PAYEE_DIFFERS = AidWarning(
    "PAYEE_DIFFERS",
    "Support in an institution is paid to the institution's account, support at home to the person's; the certification "
    "says otherwise than the payee (46-3.1).",
    "集中供养的救助供养金统一支付到供养服务机构集体账户,分散供养的支付到本人账户;发放对象与认定的供养方式不符(46-3.1)。",
)


SUPPLEMENT_DIFFERS = AidWarning(
    "SUPPLEMENT_DIFFERS",
    "The monthly supplement is not what the facts on record give: 100 yuan for each covered member of a class (46-3.1).",
    "分类施保增发金额与在册情况不符:低保对象中的五类人员每人每月增发100元(46-3.1)。",
)


def _own_warnings(draft: AidDraft) -> tuple[AidWarning, ...]:
    """The warnings that need only the draft."""
    late = draft.kind is AidKind.BASIC_LIVING and was_paid_late(
        draft.status, draft.paid_on, draft.period_from, draft.decided_on
    )
    return (PAID_LATE,) if late else ()


def _premium_not_in_full(draft: AidDraft, _: Support | None) -> bool:
    return draft.detail.get("form") == MedicalForm.PREMIUM_SUBSIDY and not draft.detail.get("premium_in_full")


_PAYEE = {Support.INSTITUTIONAL: Payee.INSTITUTION, Support.DISPERSED: Payee.PERSON}


def _payee_differs(draft: AidDraft, support: Support | None) -> bool:
    return (
        draft.detail.get("form") == BasicLivingForm.EXTREME_HARDSHIP_SUPPORT
        and support is not None
        and draft.detail.get("payee") != _PAYEE[support]
    )


_IN_EXTREME_HARDSHIP = ((PREMIUM_NOT_IN_FULL, _premium_not_in_full), (PAYEE_DIFFERS, _payee_differs))
_FORMS = (MedicalForm.PREMIUM_SUBSIDY, BasicLivingForm.EXTREME_HARDSHIP_SUPPORT)


async def _in_extreme_hardship(
    session: AsyncSession, grant: Grant, saved: Mapping[UUID, tuple[AidDraft, Resolved]]
) -> dict[UUID, tuple[AidWarning, ...]]:
    """The warnings of aid that does not match the person's certification of extreme hardship on the day of the decision: a
    premium not paid in full, or support paid to another account. Checked only for callers who may read certifications."""
    drafts = {
        key: (draft, to)
        for key, (draft, to) in saved.items()
        if draft.detail.get("form") in _FORMS and to.person_id is not None
    }
    if not drafts or not grant.covers(CERTIFICATION["support"]):
        return {}
    rows = (
        await session.execute(
            sa.select(
                _certification.c.household_id,
                _certification.c.person_id,
                _certification.c.valid_from,
                _certification.c.valid_until,
                _certification.c.ended_on,
                _certification.c.ended_because,
                _certification.c.support,
            ).where(
                sa.tuple_(_certification.c.household_id, _certification.c.person_id).in_(
                    [(to.household_id, to.person_id) for _, to in drafts.values()]
                ),
                _certification.c.category == Category.EXTREME_HARDSHIP,
                visible(_certification, grant),
            )
        )
    ).all()

    def supports(draft: AidDraft, to: Resolved) -> list[Support | None]:
        return [
            row.support
            for row in rows
            if (row.household_id, row.person_id) == (to.household_id, to.person_id)
            and Validity.of(row._mapping).is_in_force(draft.decided_on)
        ]

    warned: dict[UUID, tuple[AidWarning, ...]] = {}
    for key, (draft, to) in drafts.items():
        certified_supports = supports(draft, to)
        warned[key] = tuple(
            warning
            for warning, differs in _IN_EXTREME_HARDSHIP
            if any(differs(draft, support) for support in certified_supports)
        )
    return warned


async def _supplement_differs(
    session: AsyncSession, grant: Grant, saved: Mapping[UUID, tuple[AidDraft, Resolved]]
) -> set[UUID]:
    """The ids of subsistence allowances whose supplement differs from 46-3.1. Checked only for callers who may read every
    fact that it depends on."""
    months = {
        key: (to.household_id, to.person_id, draft.period_from.replace(day=1))
        for key, (draft, to) in saved.items()
        if draft.detail.get("form") == BasicLivingForm.SUBSISTENCE_ALLOWANCE
    }
    due = await supplements_due(session, grant, months)
    return {
        key
        for key, yuan in due.items()
        if (saved[key][0].detail.get("month_supplement") or Decimal(0)) != yuan
    }


async def warnings_of_saved(
    session: AsyncSession, grant: Grant, saved: Mapping[UUID, tuple[AidDraft, Resolved]]
) -> dict[UUID, tuple[AidWarning | HubError, ...]]:
    """The warnings of aid that was just recorded or amended, by the record's id."""
    certified = await _in_extreme_hardship(session, grant, saved)
    otherwise = await _supplement_differs(session, grant, saved)
    return {
        key: (
            *certified.get(key, ()),
            *((SUPPLEMENT_DIFFERS,) if key in otherwise else ()),
            *_own_warnings(draft),
            *unlikely(grant, draft, to),
        )
        for key, (draft, to) in saved.items()
    }
