"""46-3.3: urgent aid is paid first up to three months of the local standard; above that a conference may decide, or the
county decides and states the reason.

"对于救助金额不高于当地3倍月低保标准的临时救助事项,由乡镇(街道)实行“先行救助”;对于救助金额较大的急难事件,可采取“一事一议”方式
确定临时救助额度。紧急情况解除后,救助对象要配合乡镇(街道)、县级民政部门按程序规定补齐相关手续或证明材料。"
"""

from collections.abc import Collection, Mapping, Sequence
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

OF_A_CONFERENCE = "Conference.status", "ConferenceMeasure.amount"
"""The fields of a conference that are compared with the aid that it decided."""

_COUNTY, _TOWNSHIP = 6, 9
_AT_HOME = (TemporaryForm.CASE_CONFERENCE, TemporaryForm.EXPENDITURE_TYPE)
_region = table_of(RegionRow)
_conference = table_of(ConferenceRow)
_measure = table_of(ConferenceMeasureRow)


class PayFirstLimitExceeded(HubError, numbers=("most", "months")):
    """Pay-first aid is limited to {most} yuan here, {months} months of the standard; above it a conference may decide (46-3.3).
    先行救助不得高于当地 {months} 倍月低保标准,此处为 {most} 元(46-3.3);超出部分按一般程序办理,可采取“一事一议”方式确定。
    """


class StandardUnknown(HubError):
    """No monthly standard of county {county} is on record for {day}; civil affairs imports it with `hub import lines` (46-3.3).
    尚无{county_zh} {day} 的低保标准,请民政部门先导入标准线(46-3.3)。
    """


class ConferenceRequired(HubError):
    """Aid by case conference names the conference that decided it (46-3.3).
    “一事一议”的救助须填写会议编号(46-3.3)。
    """


class ConferenceNotHeld(HubError):
    """The conference has no minutes yet; close it before its decision is carried out (46-3.3).
    该会议尚未登记纪要,须先登记议定结果再落实(46-3.3)。
    """


class ConferenceOrReasonRequired(HubError, numbers=("most", "months")):
    """Above {most} yuan here, {months} months of the standard, a conference may decide; without one give the reason (46-3.3).
    高于当地 {months} 倍月低保标准(此处为 {most} 元)的,可采取“一事一议”方式确定;未经会议确定的,须说明理由(46-3.3)。
    """


class NotDecidedByConference(HubError):
    """The conference did not decide that your agency gives urgent aid of this amount (46-3.3).
    该会议未议定由您的单位给予此金额的临时救助(46-3.3)。
    """


@dataclass(frozen=True, slots=True)
class Urgent:
    """A draft of urgent aid."""

    draft: AidDraft

    @property
    def region(self) -> str:
        """The region in which the trouble happened."""
        return str(self.draft.detail["happened_at_region"])

    @property
    def form(self) -> TemporaryForm:
        """The form of the aid."""
        return TemporaryForm(self.draft.detail["form"])

    @property
    def conference(self) -> str:
        """The number of the conference that decided the aid; empty if the draft names none."""
        return str(self.draft.detail.get("conference") or "").strip()

    @property
    def is_limited(self) -> bool:
        """Whether the limit of pay-first aid applies to the amount: the aid is paid first, or the county set the amount
        without a conference and without a reason."""
        reason = str(self.draft.detail.get("no_conference_reason") or "").strip()
        alone = self.form is TemporaryForm.EMERGENCY_TYPE and not reason
        return self.draft.amount is not None and (self.form is TemporaryForm.PAY_FIRST or alone)


@dataclass(frozen=True, slots=True)
class _Decided:
    """The decision of a conference about urgent aid by the caller's agency. `measured`: it decided that the agency gives
    aid."""

    held: bool
    measured: bool = False
    amount: Decimal | None = None


async def urgent_refusals(session: AsyncSession, drafts: Mapping[int, AidDraft]) -> dict[int, HubError]:
    """The refusals of drafts of urgent aid that do not depend on the subject, by place. Each look-up is one statement for all
    drafts."""
    asked = {place: Urgent(draft) for place, draft in drafts.items() if draft.kind is AidKind.TEMPORARY}
    if not asked:
        return {}
    townships = await _names(session, asked)
    refused: dict[int, HubError] = {
        place: NotFound(
            path=detail_path(AidKind.TEMPORARY, "happened_at_region"), noun="region", noun_zh="区划"
        )
        for place, urgent in asked.items()
        if urgent.region not in townships
    }
    limited = {place: urgent for place, urgent in asked.items() if place not in refused and urgent.is_limited}
    refused |= await _above(session, limited, townships)
    unnamed = ConferenceRequired(path=detail_path(AidKind.TEMPORARY, "conference"))
    return refused | {
        place: unnamed
        for place, urgent in asked.items()
        if place not in refused and urgent.form is TemporaryForm.CASE_CONFERENCE and not urgent.conference
    }


async def _names(session: AsyncSession, asked: Mapping[int, Urgent]) -> dict[str, str | None]:
    """The existing regions, each with the name of its township; None for a county or a wider region."""
    codes = {urgent.region for urgent in asked.values()}
    rows = await session.execute(
        sa.select(_region.c.code, _region.c.name).where(
            _region.c.code.in_(codes | {code[:_TOWNSHIP] for code in codes})
        )
    )
    name = {row.code: row.name for row in rows}
    return {
        code: name.get(code[:_TOWNSHIP]) if len(code) >= _TOWNSHIP else None for code in codes if code in name
    }


async def _county_names(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    if not codes:
        return {}
    rows = await session.execute(sa.select(_region.c.code, _region.c.name).where(_region.c.code.in_(codes)))
    return {row.code: row.name for row in rows}


def _residences(township: str | None) -> Sequence[Residence]:
    """URBAN for a street, RURAL for another township, both if the township is unknown."""
    if township is None:
        return tuple(Residence)
    return (Residence.URBAN if township.endswith("街道") else Residence.RURAL,)


async def _above(
    session: AsyncSession, limited: Mapping[int, Urgent], townships: Mapping[str, str | None]
) -> dict[int, HubError]:
    limits = await _limits(session, limited, townships)
    counties = await _county_names(
        session, {urgent.region[:_COUNTY] for place, urgent in limited.items() if place not in limits}
    )
    refused: dict[int, HubError] = {}
    for place, urgent in limited.items():
        if place not in limits:
            county = urgent.region[:_COUNTY]
            refused[place] = StandardUnknown(
                path=("amount",),
                county=county,
                county_zh=counties.get(county, ""),
                day=urgent.draft.decided_on,
            )
        elif urgent.draft.amount is not None and urgent.draft.amount > limits[place]:
            refused[place] = _above_limit(urgent, limits[place])
    return refused


def _above_limit(urgent: Urgent, most: Decimal) -> HubError:
    if urgent.form is TemporaryForm.PAY_FIRST:
        return PayFirstLimitExceeded(path=("amount",), most=most, months=PAY_FIRST_MONTHS)
    reason = detail_path(AidKind.TEMPORARY, "no_conference_reason")
    return ConferenceOrReasonRequired(path=reason, most=most, months=PAY_FIRST_MONTHS)


async def most_paid_first(session: AsyncSession, asked: Mapping[int, Urgent]) -> dict[int, Decimal]:
    """The limit of pay-first aid at the place and day of each draft, in yuan. Drafts with an unknown region or standard are
    left out."""
    if not asked:
        return {}
    townships = await _names(session, asked)
    known = {place: urgent for place, urgent in asked.items() if urgent.region in townships}
    return await _limits(session, known, townships)


async def _limits(
    session: AsyncSession, first: Mapping[int, Urgent], townships: Mapping[str, str | None]
) -> dict[int, Decimal]:
    def lines_of(urgent: Urgent) -> list[At]:
        day = urgent.draft.decided_on
        return [
            (urgent.region, residence, Category.SUBSISTENCE_ALLOWANCE, day)
            for residence in _residences(townships[urgent.region])
        ]

    lines = await lines_in_force(session, (at for urgent in first.values() for at in lines_of(urgent)))
    known = {place: [lines[at] for at in lines_of(urgent) if at in lines] for place, urgent in first.items()}
    return {place: max(found) * PAY_FIRST_MONTHS for place, found in known.items() if found}


def found_anywhere(draft: AidDraft) -> bool:
    """Whether the person is searched for in all households: "取消户籍地、居住地申请限制,在急难发生地" (46-3.3). Aid that a
    conference decided goes to the conference's household, which its agency sees. Heavy expense does not happen at a place:
    people apply where the household lives."""
    return KIND_RULES[draft.kind].anywhere and draft.detail.get("form") not in _AT_HOME


async def undecided(
    session: AsyncSession, grant: Grant, drafts: Mapping[int, tuple[AidDraft, UUID]]
) -> dict[int, HubError]:
    """The refusals of drafts that no conference of their household decided, by place; `drafts` holds each draft with its
    household."""
    conferred = {
        place: (urgent, household_id)
        for place, (draft, household_id) in drafts.items()
        if draft.kind is AidKind.TEMPORARY and (urgent := Urgent(draft)).form is TemporaryForm.CASE_CONFERENCE
    }
    decided = await _conferences(
        session, grant, {(household_id, urgent.conference) for urgent, household_id in conferred.values()}
    )
    refused: dict[int, HubError] = {}
    for place, (urgent, household_id) in conferred.items():
        found = decided.get((household_id, urgent.conference), ())
        if not found:
            refused[place] = NotFound(
                path=detail_path(AidKind.TEMPORARY, "conference"), noun="conference", noun_zh="会议"
            )
        elif not any(each.held for each in found):
            refused[place] = ConferenceNotHeld(path=detail_path(AidKind.TEMPORARY, "conference"))
        elif not any(_covers(each, urgent.draft.amount) for each in found):
            refused[place] = NotDecidedByConference(path=("amount",))
    return refused


def _covers(decided: _Decided, amount: Decimal | None) -> bool:
    """Whether the decision covers the amount. A decision without an amount leaves it to the agency."""
    return decided.measured and (amount is None or decided.amount is None or amount <= decided.amount)


async def _conferences(
    session: AsyncSession, grant: Grant, named: Collection[tuple[UUID, str]]
) -> dict[tuple[UUID, str], list[_Decided]]:
    """The visible conferences by household and number, with the decision of each about urgent aid by the caller's agency."""
    if not named:
        return {}
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
    """The draft; pay-first aid without a due date for the documents gets the default one."""
    if draft.kind is not AidKind.TEMPORARY or draft.detail.get("form") != TemporaryForm.PAY_FIRST:
        return draft
    if draft.detail.get("papers_due_on") is not None:
        return draft
    return replace(draft, detail={**draft.detail, "papers_due_on": papers_due(draft.decided_on)})
