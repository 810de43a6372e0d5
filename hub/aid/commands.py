"""Writing back aid: `record_aids` and `amend_aid`. Set-based: a batch of 500 takes as many statements as one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.shown import show_to
from hub.agencies.tables import ShownBecause
from hub.aid.drafts import AidDraft, Subject, content_digest, event_body, refusal
from hub.aid.rules import KIND_RULES, write_scope
from hub.aid.subjects import Resolved, Sought, resolve_subjects
from hub.aid.tables import DETAIL_OF, AidKind, AidRecordRow, AidStatus
from hub.database import copy_rows, new_id, now, table_of
from hub.errors import Conflict, ForbiddenWrite, HubError, InvalidInput, NotFound, StaleVersion
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.ledger.receipts import Claim, claim_receipts
from hub.ledger.tables import EventType, ReceiptOf
from hub.rows import visible
from hub.secrecy import Secrecy

_aid = table_of(AidRecordRow)
_region = sa.table("region", sa.column("code", sa.Text))

AidKey = tuple[UUID, UUID]
"""(household id, aid record id)."""


LARGEST_BATCH = 1000


class BatchTooLarge(HubError):
    """A batch holds at most {most} outcomes; send the rest in another.
    每批最多 {most} 条,其余请另批发送。
    """


class NotYourRecord(HubError):
    """Only the agency that wrote a record may amend it; send that agency a referral instead.
    只有写入该记录的单位可以修正,请改为向该单位转办。
    """


class DetailOfAnotherKind(HubError):
    """The record is {kind}; its detail cannot be replaced by one of another kind.
    该记录为 {kind},不能用其他种类的明细替换。
    """


class AlreadyRevoked(HubError):
    """The record was revoked and cannot be amended.
    该记录已撤销,不能再修正。
    """


@dataclass(frozen=True, slots=True)
class DuplicateAid:
    """A warning: somebody else already gives this person this programme in an overlapping period.

    It names no agency and no amount: the caller learns only that a matching record exists (46-2.1).
    """

    code: str = "DUPLICATE_AID"
    message: str = "Another agency already recorded this programme for this person in an overlapping period."
    message_zh: str = "已有其他单位在重叠期间为此人登记了同一项目的救助。"


@dataclass(frozen=True, slots=True)
class AidOutcome:
    """The answer to one draft: the record's key, or the error. `created` is False where it was there before."""

    key: AidKey | None = None
    created: bool = False
    error: HubError | None = None
    warnings: tuple[DuplicateAid, ...] = ()


@dataclass(frozen=True, slots=True)
class _Accepted:
    draft: AidDraft
    to: Resolved
    id: UUID


async def record_aids(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, drafts: Sequence[AidDraft]
) -> list[AidOutcome]:
    """Keep each draft that can be kept, in the caller's transaction; answer each in its place.

    Idempotent by (agency, externalId): the same content again answers the same record, other content `Conflict`.
    Raises BatchTooLarge; every other refusal is an outcome.
    """
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge(path=("outcomes",), most=LARGEST_BATCH)
    outcomes: list[AidOutcome | None] = [None] * len(drafts)
    for index, draft in enumerate(drafts):
        if error := refusal(grant, draft):
            outcomes[index] = AidOutcome(error=error)
    await _refuse_unknown_regions(session, drafts, outcomes)
    open_places = [index for index, outcome in enumerate(outcomes) if outcome is None]
    sought = [Sought(drafts[index].subject, KIND_RULES[drafts[index].kind].anywhere) for index in open_places]
    resolved = await resolve_subjects(session, grant, secrecy, sought)
    claims: list[Claim] = []
    for index, subject in zip(open_places, resolved, strict=True):
        if isinstance(subject, HubError):
            outcomes[index] = AidOutcome(error=subject)
        else:
            draft = drafts[index]
            digest = content_digest(draft, subject.household_id, subject.person_id)
            claims.append(Claim(index, draft.external_id, subject.household_id, new_id(), digest))
    held = await claim_receipts(session, grant.agency, ReceiptOf.AID, claims)
    subjects = {
        index: subject
        for index, subject in zip(open_places, resolved, strict=True)
        if isinstance(subject, Resolved)
    }
    accepted: dict[int, _Accepted] = {}
    for claim in claims:
        receipt = held[claim.external_id]
        if receipt.digest != claim.digest:
            outcomes[claim.place] = AidOutcome(
                error=Conflict(path=("externalId",), external_id=claim.external_id)
            )
            continue
        outcomes[claim.place] = AidOutcome(
            (receipt.household_id, receipt.record_id), created=receipt.record_id == claim.record_id
        )
        if receipt.record_id == claim.record_id:
            accepted[claim.place] = _Accepted(drafts[claim.place], subjects[claim.place], claim.record_id)
    await _insert(session, grant, list(accepted.values()))
    duplicated = await _duplicated(session, grant, accepted.values())
    return [
        replace(outcome, warnings=(DuplicateAid(),))
        if index in accepted and accepted[index].id in duplicated else outcome
        for index, outcome in enumerate(outcomes)
        if outcome is not None
    ]  # fmt: skip


async def _refuse_unknown_regions(
    session: AsyncSession, drafts: Sequence[AidDraft], outcomes: list[AidOutcome | None]
) -> None:
    """Urgent aid names the region where the trouble happened (46-3.3); it must be one that exists."""
    asked = {
        index: str(draft.detail["happened_at_region"])
        for index, draft in enumerate(drafts)
        if outcomes[index] is None and draft.kind is AidKind.TEMPORARY
    }
    if not asked:
        return
    known = set(
        (
            await session.execute(sa.select(_region.c.code).where(_region.c.code.in_(set(asked.values()))))
        ).scalars()
    )
    for index, region in asked.items():
        if region not in known:
            outcomes[index] = AidOutcome(
                error=NotFound(path=("happenedAtRegion",), noun="region", noun_zh="区划")
            )


def _record(grant: Grant, one: _Accepted, version: int) -> dict[str, Any]:
    draft = one.draft
    return {
        "household_id": one.to.household_id,
        "id": one.id,
        "version": version,
        "person_id": one.to.person_id,
        "kind": draft.kind.value,
        "program": draft.program.strip(),
        "agency_id": grant.agency,
        "period_from": draft.period_from,
        "period_until": draft.period_until,
        "status": draft.status.value,
        "amount": draft.amount,
        "decided_on": draft.decided_on,
        "paid_on": draft.paid_on,
        "outcome": draft.outcome,
        "policy_basis": KIND_RULES[draft.kind].clause,
        "external_id": draft.external_id,
        "amendment_reason": draft.amendment_reason,
        "client_id": grant.client,
        "recorded_at": now(),
    }


async def _insert(
    session: AsyncSession, grant: Grant, accepted: Sequence[_Accepted], version: int = 1
) -> None:
    """Rows, details, sight and events of what was accepted, as one version."""
    if not accepted:
        return
    author = Author(grant.agency, grant.client)
    kind = EventType.AID_RECORDED if version == 1 else EventType.AID_AMENDED
    await append_events(
        session, author,
        [
            EventDraft(one.to.household_id, kind, event_body(one.draft, version), one.to.person_id, one.id,
                       KIND_RULES[one.draft.kind].clause)
            for one in accepted
        ],
    )  # fmt: skip
    rows = [_record(grant, one, version) for one in accepted]
    await copy_rows(session, "aid_record", tuple(rows[0]), (tuple(row.values()) for row in rows))
    for aid_kind in {one.draft.kind for one in accepted}:
        table = table_of(DETAIL_OF[aid_kind])
        columns = [column.name for column in table.columns][3:]
        await copy_rows(
            session, str(table.name), ("household_id", "id", "version", *columns),
            ((one.to.household_id, one.id, version, *(one.draft.detail.get(column) for column in columns))
             for one in accepted if one.draft.kind is aid_kind),
        )  # fmt: skip
    await show_to(
        session,
        grant.agency,
        {one.to.household_id for one in accepted if not one.to.in_sight},
        ShownBecause.OWN_RECORD,
    )


async def _duplicated(session: AsyncSession, grant: Grant, accepted: Iterable[_Accepted]) -> set[UUID]:
    """Which of the records just written overlap another agency's record of the same person and programme."""
    ids = {one.id: one.to.household_id for one in accepted if one.to.person_id}
    if not ids:
        return set()
    mine, other = _aid.alias("mine"), _aid.alias("other")
    rows = await session.execute(
        sa.select(mine.c.id).distinct().join_from(
            mine, other,
            sa.and_(
                other.c.household_id == mine.c.household_id,
                other.c.person_id == mine.c.person_id,
                other.c.program == mine.c.program,
                other.c.agency_id != grant.agency,
                other.c.superseded_at.is_(None),
                other.c.status != AidStatus.REVOKED,
                other.c.period_from <= mine.c.period_until,
                other.c.period_until >= mine.c.period_from,
            ),
        ).where(mine.c.household_id.in_(set(ids.values())), mine.c.id.in_(ids), mine.c.superseded_at.is_(None))
    )  # fmt: skip
    return set(rows.scalars())


AMENDABLE = ("program", "period_from", "period_until", "status", "decided_on", "amount", "paid_on", "outcome")
"""What an amendment may change, besides the detail."""


@dataclass(frozen=True, slots=True)
class AidAmendment:
    """What an amendment changes; absent names stay as they were. `detail` of `kind` replaces the columns it names."""

    expected_version: int
    reason: str
    changes: Mapping[str, Any]
    detail: Mapping[str, Any]
    kind: AidKind | None = None


async def amend_aid(session: AsyncSession, grant: Grant, key: AidKey, amendment: AidAmendment) -> AidKey:
    """Add a corrected version that points at the one it corrects, which stays readable (46-4.3).

    Raises NotFound, NotYourRecord, AlreadyRevoked, DetailOfAnotherKind, ForbiddenWrite,
    StaleVersion, InvalidInput.
    """
    household_id, aid_id = key
    await lock_households(session, [household_id])
    row = (
        await session.execute(
            sa.select(_aid).where(
                _aid.c.household_id == household_id, _aid.c.id == aid_id,
                _aid.c.superseded_at.is_(None), visible(_aid, grant),
            )
        )
    ).mappings().one_or_none()  # fmt: skip
    if row is None:
        raise NotFound(path=("id",), noun="aid record", noun_zh="救助记录")
    if row["agency_id"] != grant.agency:
        raise NotYourRecord(path=("id",))
    if write_scope(row["kind"]) not in grant.scopes:
        raise ForbiddenWrite(path=("id",), scope=write_scope(row["kind"]).value)
    if row["version"] != amendment.expected_version:
        raise StaleVersion(
            path=("expectedVersion",), expected=amendment.expected_version, actual=row["version"]
        )
    if row["status"] is AidStatus.REVOKED:
        raise AlreadyRevoked(path=("id",))
    if not amendment.reason.strip() or len(amendment.reason) > 500:
        raise InvalidInput(
            path=("reason",), field="reason", reason="1 to 500 characters", reason_zh="须为 1 至 500 个字符"
        )
    if amendment.kind not in {None, row["kind"]}:
        raise DetailOfAnotherKind(path=("detail",), kind=row["kind"].value)
    draft = await _amended(session, row, amendment)
    if error := refusal(grant, draft):
        raise error
    await session.execute(
        sa.update(_aid)
        .where(_aid.c.household_id == household_id, _aid.c.id == aid_id, _aid.c.version == row["version"])
        .values(superseded_at=now())
    )
    to = Resolved(household_id, row["person_id"], in_sight=True)
    await _insert(session, grant, [_Accepted(draft, to, aid_id)], row["version"] + 1)
    return key


async def _amended(session: AsyncSession, row: sa.RowMapping, amendment: AidAmendment) -> AidDraft:
    """The draft of the next version: the current record with the changes laid over it."""
    detail = table_of(DETAIL_OF[row["kind"]])
    current = (
        await session.execute(
            sa.select(*list(detail.columns)[3:]).where(
                detail.c.household_id == row["household_id"], detail.c.id == row["id"], detail.c.version == row["version"]
            )
        )
    ).mappings().one()  # fmt: skip
    kept: dict[str, Any] = {name: row[name] for name in AMENDABLE}
    return AidDraft(
        external_id=row["external_id"],
        subject=Subject(household_id=row["household_id"]),
        kind=row["kind"],
        detail={**current, **amendment.detail},
        amendment_reason=amendment.reason.strip(),
        **{**kept, **amendment.changes},
    )
