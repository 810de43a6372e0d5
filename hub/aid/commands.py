"""Writing back aid. Set-based: a batch of 500 takes as many statements as one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft, content_digest, refusal
from hub.aid.rules import KIND_RULES
from hub.aid.tables import AidKind, AidRecordRow, AidStatus
from hub.aid.writing import Accepted, insert_version
from hub.database import new_id, table_of
from hub.errors import Conflict, HubError, NotFound
from hub.ledger.receipts import Claim, claim_receipts
from hub.ledger.tables import ReceiptOf
from hub.persons.subjects import Resolved, Sought, resolve_subjects
from hub.rendered import Rendered, by_columns, fetch, given_rows, render
from hub.secrecy import Secrecy

_aid = table_of(AidRecordRow)
_region = sa.table("region", sa.column("code", sa.Text))

_OVERLAPPING = ("id", "household_id", "person_id", "program", "period_from", "period_until")


def _overlaps() -> Rendered:
    mine = given_rows(*(_aid.c[name] for name in _OVERLAPPING))
    others = sa.exists().where(
        _aid.c.household_id == mine.c.household_id,
        _aid.c.person_id == mine.c.person_id,
        _aid.c.program == mine.c.program,
        _aid.c.agency_id != sa.bindparam("agency_id", type_=_aid.c.agency_id.type),
        _aid.c.superseded_at.is_(None),
        _aid.c.status != AidStatus.REVOKED,
        _aid.c.period_from <= mine.c.period_until,
        _aid.c.period_until >= mine.c.period_from,
    )
    return render(sa.select(mine.c.id).where(others))


_OVERLAPS = _overlaps()

AidKey = tuple[UUID, UUID]
"""(household id, aid record id)."""


LARGEST_BATCH = 1000


class BatchTooLarge(HubError):
    """A batch holds at most {most} outcomes; send the rest in another.
    每批最多 {most} 条,其余请另批发送。
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
    accepted: dict[int, Accepted] = {}
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
            accepted[claim.place] = Accepted(drafts[claim.place], subjects[claim.place], claim.record_id)
    await insert_version(session, grant, list(accepted.values()))
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


async def _duplicated(session: AsyncSession, grant: Grant, accepted: Iterable[Accepted]) -> set[UUID]:
    """Which of the records just written overlap another agency's record of the same person and programme."""
    rows = [
        (one.id, one.to.household_id, one.to.person_id, one.draft.program.strip(),
         one.draft.period_from, one.draft.period_until)
        for one in accepted
        if one.to.person_id
    ]  # fmt: skip
    if not rows:
        return set()
    given = {"agency_id": grant.agency, **by_columns(_OVERLAPPING, rows)}
    return {row["id"] for row in await fetch(session, _OVERLAPS, given)}
