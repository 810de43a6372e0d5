"""46-3.3: urgent aid is paid first up to three months of the local standard, above that as a conference decided.

"对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”;对于救助金额较大的急难事件,可采取“一事一议”方式
确定临时救助额度。紧急情况解除后,救助对象要配合乡镇(街道)、县级民政部门按程序规定补齐相关手续或证明材料。"
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.aid.rules import KIND_RULES
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, NotFound
from hub.lines.force import At, lines_in_force
from hub.model.aid import AidKind, TemporaryForm, detail_path
from hub.model.certifications import Category
from hub.model.conferences import ConferenceMeasureRow, ConferenceRow
from hub.model.households import Residence
from hub.model.regions import RegionRow
from hub.policy.facts.aid import papers_due
from hub.policy.permissions.row_policies import visible

PAY_FIRST_MONTHS = 3
"""46-3.3: 当地3倍月低保标准."""

_TOWNSHIP = 9
_region = table_of(RegionRow)
_conference = table_of(ConferenceRow)
_measure = table_of(ConferenceMeasureRow)


class PayFirstLimitExceeded(HubError, numbers=("most", "months")):
    """Pay-first aid is limited to {most} yuan here, {months} months of the standard; above it a conference may decide (46-3.3).
    先行救助不得高于当地 {months} 倍月低保标准,此处为 {most} 元(46-3.3);超出部分按一般程序办理,可采取“一事一议”方式确定。
    """


class StandardUnknown(HubError):
    """No monthly standard of {county} is on record for {day}; civil affairs gives it by `hub import lines` (46-3.3).
    尚无该区县({county}){day} 的低保标准,请民政部门先导入标准线(46-3.3)。
    """


class ConferenceRequired(HubError):
    """Aid by case conference names the conference that decided it (46-3.3).
    “一事一议”的救助须填写会议编号(46-3.3)。
    """


class ConferenceNotHeld(HubError):
    """The conference has no minutes yet; close it before its decision is carried out (46-3.3).
    该会议尚未登记纪要,须先登记议定结果再落实(46-3.3)。
    """


class NotDecidedByConference(HubError):
    """The conference did not decide that your agency gives urgent aid of this amount (46-3.3).
    该会议未议定由您的单位给予此金额的临时救助(46-3.3)。
    """


@dataclass(frozen=True, slots=True)
class Urgent:
    """A draft of urgent aid, and the household it is for."""

    draft: AidDraft
    household_id: UUID


@dataclass(frozen=True, slots=True)
class _Decided:
    """A conference, and what it set for urgent aid by the caller's agency: None, where no measure did."""

    held: bool
    measured: bool = False
    amount: Decimal | None = None


def _region_of(draft: AidDraft) -> str:
    """Where the trouble happened."""
    return str(draft.detail["happened_at_region"])


def _is(draft: AidDraft, form: TemporaryForm) -> bool:
    return draft.kind is AidKind.TEMPORARY and draft.detail["form"] == form


def given_anywhere(draft: AidDraft) -> bool:
    """Whether it is given to whoever is in trouble, wherever registered (46-3.3). What a conference decided is given in the
    household that it was about, which is in sight of who took part."""
    return KIND_RULES[draft.kind].anywhere and not _is(draft, TemporaryForm.CASE_CONFERENCE)


async def terms_refusals(session: AsyncSession, drafts: Mapping[int, AidDraft]) -> dict[int, HubError]:
    """Why drafts of urgent aid cannot be kept, whomever they are for, by their place; one statement for each thing looked up."""
    asked = {place: one for place, one in drafts.items() if one.kind is AidKind.TEMPORARY}
    if not asked:
        return {}
    townships = await _names(session, asked)
    refused: dict[int, HubError] = {
        place: NotFound(
            path=detail_path(AidKind.TEMPORARY, "happened_at_region"), noun="region", noun_zh="区划"
        )
        for place, one in asked.items()
        if _region_of(one) not in townships
    }
    known = {place: one for place, one in asked.items() if place not in refused}
    first = {
        place: one
        for place, one in known.items()
        if _is(one, TemporaryForm.PAY_FIRST) and one.amount is not None
    }
    unnamed = {
        place: ConferenceRequired(path=detail_path(AidKind.TEMPORARY, "conference"))
        for place, one in known.items()
        if _is(one, TemporaryForm.CASE_CONFERENCE) and not one.detail.get("conference")
    }
    return {**refused, **await _above(session, first, townships), **unnamed}


async def urgent_refusals(
    session: AsyncSession, grant: Grant, asked: Mapping[int, Urgent]
) -> dict[int, HubError]:
    """Why drafts of urgent aid cannot be kept for their households, by their place: those that a conference is said to have
    decided, and did not."""
    conferred = {place: one for place, one in asked.items() if _is(one.draft, TemporaryForm.CASE_CONFERENCE)}
    return await _undecided(session, grant, conferred) if conferred else {}


async def _names(session: AsyncSession, asked: Mapping[int, AidDraft]) -> dict[str, str | None]:
    """The regions that exist, with the name of the township each is or lies in; None for a county or wider."""
    codes = {_region_of(one) for one in asked.values()}
    rows = await session.execute(
        sa.select(_region.c.code, _region.c.name).where(
            _region.c.code.in_(codes | {code[:_TOWNSHIP] for code in codes})
        )
    )
    name = {row.code: row.name for row in rows}
    return {
        code: name.get(code[:_TOWNSHIP]) if len(code) >= _TOWNSHIP else None for code in codes if code in name
    }


def _residences(township: str | None) -> Sequence[Residence]:
    """Urban in a street, rural in another township; either, where no township is told."""
    if township is None:
        return tuple(Residence)
    return (Residence.URBAN if township.endswith("街道") else Residence.RURAL,)


async def _above(
    session: AsyncSession, first: Mapping[int, AidDraft], townships: Mapping[str, str | None]
) -> dict[int, HubError]:
    limits = await _limits(session, first, townships)
    refused: dict[int, HubError] = {}
    for place, one in first.items():
        if place not in limits:
            refused[place] = StandardUnknown(path=("amount",), county=_region_of(one)[:6], day=one.decided_on)
        elif one.amount is not None and one.amount > limits[place]:
            refused[place] = PayFirstLimitExceeded(
                path=("amount",), most=limits[place], months=PAY_FIRST_MONTHS
            )
    return refused


async def most_paid_first(session: AsyncSession, asked: Mapping[int, AidDraft]) -> dict[int, Decimal]:
    """The most that is paid first where and when each draft is, in yuan; without those whose region or standard is unknown."""
    if not asked:
        return {}
    townships = await _names(session, asked)
    known = {place: one for place, one in asked.items() if _region_of(one) in townships}
    return await _limits(session, known, townships)


async def _limits(
    session: AsyncSession, first: Mapping[int, AidDraft], townships: Mapping[str, str | None]
) -> dict[int, Decimal]:
    def lines_of(one: AidDraft) -> list[At]:
        region = _region_of(one)
        return [
            (region, residence, Category.SUBSISTENCE_ALLOWANCE, one.decided_on)
            for residence in _residences(townships[region])
        ]

    lines = await lines_in_force(session, (at for one in first.values() for at in lines_of(one)))
    known = {place: [lines[at] for at in lines_of(one) if at in lines] for place, one in first.items()}
    return {place: max(found) * PAY_FIRST_MONTHS for place, found in known.items() if found}


async def _undecided(
    session: AsyncSession, grant: Grant, conferred: Mapping[int, Urgent]
) -> dict[int, HubError]:
    decided = await _conferences(session, grant, list(conferred.values()))
    refused: dict[int, HubError] = {}
    for place, one in conferred.items():
        number = str(one.draft.detail["conference"]).strip()
        found = decided.get((one.household_id, number), ())
        if not found:
            refused[place] = NotFound(
                path=detail_path(AidKind.TEMPORARY, "conference"), noun="conference", noun_zh="会议"
            )
        elif not any(each.held for each in found):
            refused[place] = ConferenceNotHeld(path=detail_path(AidKind.TEMPORARY, "conference"))
        elif not any(_covers(each, one.draft.amount) for each in found):
            refused[place] = NotDecidedByConference(path=("amount",))
    return refused


def _covers(decided: _Decided, amount: Decimal | None) -> bool:
    """Whether a conference set what is given; one that set no amount left it to the agency."""
    return decided.measured and (amount is None or decided.amount is None or amount <= decided.amount)


async def _conferences(
    session: AsyncSession, grant: Grant, conferred: Sequence[Urgent]
) -> dict[tuple[UUID, str], list[_Decided]]:
    """The conferences in sight that drafts name, by household and number, with what each set for the agency."""
    named = {(one.household_id, str(one.draft.detail["conference"]).strip()) for one in conferred}
    mine = sa.and_(
        _measure.c.household_id == _conference.c.household_id,
        _measure.c.conference_id == _conference.c.id,
        _measure.c.agency_id == grant.agency,
        _measure.c.kind == AidKind.TEMPORARY.value,
    )
    rows = await session.execute(
        sa.select(
            _conference.c.household_id,
            _conference.c.external_id,
            _conference.c.status,
            _measure.c.agency_id,
            _measure.c.amount,
        )
        .select_from(_conference.outerjoin(_measure, mine))
        .where(
            sa.tuple_(_conference.c.household_id, _conference.c.external_id).in_(list(named)),
            visible(_conference, grant),
        )
    )
    found: dict[tuple[UUID, str], list[_Decided]] = {}
    for row in rows:
        decided = _Decided(row.status == "HELD", row.agency_id is not None, row.amount)
        found.setdefault((row.household_id, row.external_id), []).append(decided)
    return found


def with_papers_due(draft: AidDraft) -> AidDraft:
    """The draft, with the day its papers are due where urgent aid was paid first and the office named none."""
    if draft.kind is not AidKind.TEMPORARY or draft.detail.get("form") != TemporaryForm.PAY_FIRST:
        return draft
    if draft.detail.get("papers_due_on") is not None:
        return draft
    return replace(draft, detail={**draft.detail, "papers_due_on": papers_due(draft.decided_on)})
