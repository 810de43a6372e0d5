"""Correcting aid: `amend_aid` adds a version that points at the one it corrects (46-4.3)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.charity_offers import offer_of, offer_refusals, use_up
from hub.aid.commands import AidKey
from hub.aid.drafts import LONGEST_OUTCOME, AidDraft, future_fault, shape_fault
from hub.aid.matters import beyond_matter
from hub.aid.overlapping_aid import Meeting, exclusions, meetings, save_cases
from hub.aid.urgent import OF_A_CONFERENCE, undecided, urgent_refusals
from hub.aid.versions import Accepted, insert_version
from hub.aid.warnings import warnings_of_saved
from hub.commands.context import CommandContext
from hub.commands.update import Update, Updated, update
from hub.commands.warnings import Warned
from hub.foundation.database import now, table_of
from hub.foundation.errors import HubError, NotFound, camel
from hub.foundation.texts import required_text
from hub.glossary.code_sets import term
from hub.model.aid import DETAIL_OF, AidKind, AidRecordRow
from hub.overlaps.detection import lock_subjects, subject_of
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.aid import is_revoked
from hub.policy.facts.versions import current
from hub.policy.permissions.aid_fields import AID_OF_KIND
from hub.policy.permissions.aid_scopes import write_scope
from hub.policy.permissions.row_policies import visible

_aid = table_of(AidRecordRow)
S = TypeVar("S")
"""The content of a change."""

AMENDABLE = ("program", "period_from", "period_until", "status", "decided_on", "amount", "paid_on", "outcome")
"""The fields that an amendment may change, besides the detail."""


_ON_WHICH_THE_LIMIT_RESTS = frozenset(
    {
        "amount",
        "decided_on",
        "form",
        "happened_at_region",
        "happened_on",
        "conference",
        "no_conference_reason",
    }
)
"""The fields that the limit of 46-3.3 depends on. An amendment of other fields does not check the limit again."""


class NotYourRecord(HubError):
    """Only the agency that wrote a record may amend it; send that agency a referral instead.
    只有写入该记录的单位可以更正,请改为向该单位转办。
    """


class DetailKindMismatch(HubError):
    """The record is {kind}; its detail cannot be replaced by one of another kind.
    该记录为{kind_zh},不能用其他类型的明细替换。
    """


class AlreadyRevoked(HubError):
    """The record was revoked and cannot be amended.
    该记录已撤销,不能再更正。
    """


_FIELDS = {"period_from": "period", "period_until": "period", "detail": "form"}
"""The schema's field of an amended value, where it has another name. All details of a kind need the same scopes; `form`
stands for them."""


@dataclass(frozen=True, slots=True)
class AidAmendment:
    """The changes of an amendment. Fields that are not named stay unchanged; `detail` replaces the named columns of the
    detail of `kind`."""

    expected_version: int
    reason: str
    changes: Mapping[str, Any]
    detail: Mapping[str, Any]
    kind: AidKind | None = None


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """The current version of a record of the caller's agency, and its subject."""

    row: sa.RowMapping
    to: Resolved

    @property
    def key(self) -> AidKey:
        """(household id, aid record id)."""
        return self.row["household_id"], self.row["id"]


class ChangeOfAid(Update[AidKey, S, OwnRecord]):
    """A change of an aid record of the caller's agency."""

    of = "AidRecord"

    async def find(self, context: CommandContext, key: AidKey, said: S) -> OwnRecord:
        """Find and lock the record. Raises NotFound, NotYourRecord, ForbiddenWrite."""
        session, grant = context.session, context.grant
        to = await subject_of(session, key) if await context.is_visible(_aid, key) else None
        at = sa.and_(_aid.c.household_id == key[0], _aid.c.id == key[1], current(_aid), visible(_aid, grant))
        await lock_subjects(session, [to] if to else [])
        row = (await session.execute(sa.select(_aid).where(at))).mappings().one_or_none()
        if row is None or to is None:
            raise NotFound(path=("id",), noun="aid record", noun_zh="救助记录")
        if row["agency_id"] != grant.agency:
            raise NotYourRecord(path=("id",))
        context.need(write_scope(row["kind"]), at=("id",))
        return OwnRecord(row, to)

    def version(self, record: OwnRecord) -> int:
        """The version of the row."""
        return int(record.row["version"])

    def check_state(self, context: CommandContext, record: OwnRecord, change: S) -> bool:
        """Refuse a change of a revoked record."""
        if is_revoked(record.row["status"]):
            raise AlreadyRevoked(path=("id",))
        return True


class AmendAid(ChangeOfAid[AidAmendment]):
    """An amendment that changes nothing writes nothing."""

    name = "amendAid"

    def check_shape(self, context: CommandContext, amendment: AidAmendment) -> None:
        """Check the reason. The corrected record is checked by `write`."""
        _reason(amendment)

    async def find(self, context: CommandContext, key: AidKey, amendment: AidAmendment) -> OwnRecord:
        """Find and lock the record. Raises DetailKindMismatch as well."""
        record = await super().find(context, key, amendment)
        kind = record.row["kind"]
        if amendment.kind not in {None, kind}:
            raise DetailKindMismatch(path=("detail",), kind=term(kind).en, kind_zh=term(kind).zh)
        for name in (*amendment.changes, *(["detail"] if amendment.detail else [])):
            context.need_to_read(AID_OF_KIND[kind][_FIELDS.get(name, camel(name))], at=(camel(name),))
        if kind is AidKind.TEMPORARY and _ON_WHICH_THE_LIMIT_RESTS & {*amendment.changes, *amendment.detail}:
            context.check_reading(*OF_A_CONFERENCE)
        return record

    async def write(
        self, context: CommandContext, record: OwnRecord, amendment: AidAmendment
    ) -> Sequence[Warned]:
        """Write the corrected version. Raises every refusal of `recordAid`."""
        session, grant, (household_id, id) = context.session, context.grant, record.key
        before = await draft_of(session, record.row)
        unchanged = None if "outcome" in amendment.changes else before.outcome
        draft = replace(
            before,
            amendment_reason=_reason(amendment),
            longest_outcome=len(unchanged) if unchanged else LONGEST_OUTCOME,
            detail={**before.detail, **amendment.detail},
            **amendment.changes,
        )
        if error := shape_fault(grant, draft) or future_fault(draft):
            raise error
        if draft.content == before.content:
            return ()
        if _ON_WHICH_THE_LIMIT_RESTS & {*amendment.changes, *amendment.detail}:
            alone = await urgent_refusals(session, {0: draft})
            of_household = {0: (draft, household_id)}
            found = alone or await undecided(session, grant, of_household)
            for error in (found or await beyond_matter(session, grant, of_household, id)).values():
                raise error
        met = await _newly_met(session, grant, before, draft, record.to, id)
        await supersede(session, grant, record.row, record.to, draft)
        overlapping = await save_cases(session, grant.agency, {0: (draft, record.to, id)}, {0: met})
        shown = await warnings_of_saved(session, grant, {id: (draft, record.to)})
        return *overlapping[0], *shown[id]


_AMEND_AID = AmendAid()


async def amend_aid(context: CommandContext, key: AidKey, amendment: AidAmendment) -> Updated[AidKey]:
    """Add a corrected version of a record. The corrected version stays readable (46-4.3). A repeated amendment, or one that
    changes nothing, writes nothing, returns the record and gives no warnings.

    Raises NotFound, NotYourRecord, AlreadyRevoked, DetailKindMismatch, ForbiddenWrite, StaleVersion, InvalidInput,
    ExclusiveAid.
    """
    return await update(context, _AMEND_AID, key, amendment.expected_version, amendment)


def _reason(amendment: AidAmendment) -> str:
    return required_text("reason", amendment.reason, 500)


async def supersede(
    session: AsyncSession, grant: Grant, row: sa.RowMapping, to: Resolved, draft: AidDraft
) -> None:
    """Save a draft as the version after `row`, and update the charity offer that it uses or no longer uses.

    Raises NotFound, OfferExhausted.
    """
    await _offer_instead(session, grant, row, draft)
    at = (_aid.c[name] == row[name] for name in ("household_id", "id", "version"))
    await session.execute(sa.update(_aid).where(*at).values(superseded_at=now()))
    await insert_version(session, grant, [Accepted(draft, to, row["id"])], row["version"] + 1)


async def _newly_met(
    session: AsyncSession, grant: Grant, before: AidDraft, draft: AidDraft, to: Resolved, aid_id: UUID
) -> list[Meeting]:
    """The overlaps that an amendment adds; overlaps that existed before it stay allowed. Raises ExclusiveAid."""
    met = await meetings(session, grant, {0: (before, to), 1: (draft, to)}, aid_id)
    had = {(meeting.rule.code, meeting.found.id) for meeting in met.get(0, ())}
    new = [meeting for meeting in met.get(1, ()) if (meeting.rule.code, meeting.found.id) not in had]
    for error in exclusions({0: new}).values():
        raise error
    return new


async def _offer_instead(session: AsyncSession, grant: Grant, row: sa.RowMapping, draft: AidDraft) -> None:
    """Return the offer that the record used and take the one that it uses now. Raises NotFound, OfferExhausted."""
    if draft.kind is not AidKind.CHARITY:
        return
    detail = table_of(DETAIL_OF[AidKind.CHARITY])
    before = await session.scalar(
        sa.select(detail.c.offer).where(
            *(detail.c[name] == row[name] for name in ("household_id", "id", "version"))
        )
    )
    after = offer_of(draft)
    if before == after:
        return
    for error in (await offer_refusals(session, grant, {0: draft})).values():
        raise error
    await use_up(
        session, grant, Counter({number: count for number, count in ((before, -1), (after, 1)) if number})
    )


async def draft_of(session: AsyncSession, row: sa.RowMapping) -> AidDraft:
    """The current version of a record, as a draft."""
    detail = table_of(DETAIL_OF[row["kind"]])
    current = (
        (
            await session.execute(
                sa.select(*list(detail.columns)[3:]).where(
                    detail.c.household_id == row["household_id"],
                    detail.c.id == row["id"],
                    detail.c.version == row["version"],
                )
            )
        )
        .mappings()
        .one()
    )
    return AidDraft(
        external_id=row["external_id"],
        subject=Subject(household_id=row["household_id"]),
        kind=row["kind"],
        detail=dict(current),
        **{name: row[name] for name in AMENDABLE},
    )
