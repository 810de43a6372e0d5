"""Correcting aid: `amend_aid` adds a version that points at the one it corrects (46-4.3)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.commands import AidKey, Told
from hub.aid.drafts import AidDraft, refusal
from hub.aid.offered import offer_of, offer_refusals, use_up
from hub.aid.overlapping import Meeting, exclusions, keep_cases, meetings
from hub.aid.rules import write_scope
from hub.aid.urgent import Urgent, urgent_refusals
from hub.aid.warnings import kept_warnings
from hub.aid.writing import Accepted, insert_version
from hub.foundation.database import now, table_of
from hub.foundation.errors import ForbiddenWrite, HubError, NotFound, StaleVersion
from hub.foundation.texts import said
from hub.glossary.code_sets import term
from hub.ledger.receipts import Change, repeated
from hub.model.aid import DETAIL_OF, AidKind, AidRecordRow, AidStatus
from hub.overlaps.found import lock_subjects, subject_of
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.versions import current
from hub.policy.permissions.row_policies import visible

_aid = table_of(AidRecordRow)

AMENDABLE = ("program", "period_from", "period_until", "status", "decided_on", "amount", "paid_on", "outcome")
"""What an amendment may change, besides the detail."""


_ON_WHICH_THE_LIMIT_RESTS = frozenset({"amount", "decided_on", "form", "happened_at_region", "conference"})
"""What 46-3.3 looks at; an amendment of something else leaves what was kept before as it is."""


class NotYourRecord(HubError):
    """Only the agency that wrote a record may amend it; send that agency a referral instead.
    只有写入该记录的单位可以更正,请改为向该单位转办。
    """


class DetailKindMismatch(HubError):
    """The record is {kind}; its detail cannot be replaced by one of another kind.
    该记录为{kind_zh},不能用其他种类的明细替换。
    """


class AlreadyRevoked(HubError):
    """The record was revoked and cannot be amended.
    该记录已撤销,不能再更正。
    """


@dataclass(frozen=True, slots=True)
class AidAmendment:
    """What an amendment changes; absent names stay as they were. `detail` of `kind` replaces the columns it names."""

    expected_version: int
    reason: str
    changes: Mapping[str, Any]
    detail: Mapping[str, Any]
    kind: AidKind | None = None


@dataclass(frozen=True, slots=True)
class Amended:
    """The record that was amended, what the amendment made it meet, and what is worth a second look in it as it is now."""

    key: AidKey
    warnings: tuple[Told, ...] = ()


async def amend_aid(session: AsyncSession, grant: Grant, key: AidKey, amendment: AidAmendment) -> Amended:
    """Add a corrected version that points at the one it corrects, which stays readable (46-4.3). The same amendment of the same
    version again, and one that says what stands already, write nothing and answer the record; they warn of nothing.

    Raises NotFound, NotYourRecord, AlreadyRevoked, DetailKindMismatch, ForbiddenWrite,
    StaleVersion, InvalidInput, ExclusiveAid.
    """
    row, to = await own_record(session, grant, key)
    reason = said("reason", amendment.reason, 500)
    if amendment.kind not in {None, row["kind"]}:
        raise DetailKindMismatch(path=("detail",), kind=term(row["kind"]).en, kind_zh=term(row["kind"]).zh)
    if await repeated(session, grant.agency, Change("amendAid", key, amendment.expected_version, amendment)):
        return Amended(key)
    check_version(row, amendment.expected_version)
    check_standing(row)
    before = await draft_of(session, row)
    draft = replace(
        before, amendment_reason=reason, detail={**before.detail, **amendment.detail},
        **amendment.changes,
    )  # fmt: skip
    if error := refusal(grant, draft):
        raise error
    if draft.content == before.content:
        return Amended(key)
    if _ON_WHICH_THE_LIMIT_RESTS & {*amendment.changes, *amendment.detail}:
        for error in (await urgent_refusals(session, grant, {0: Urgent(draft, key[0])})).values():
            raise error
    met = await _newly_met(session, grant, before, draft, to, key[1])
    await supersede(session, grant, row, to, draft)
    overlapping = await keep_cases(session, grant.agency, {0: (draft, to, key[1])}, {0: met})
    shown = await kept_warnings(session, grant, {key[1]: (draft, to)})
    return Amended(key, (*overlapping[0], *shown[key[1]]))


async def own_record(session: AsyncSession, grant: Grant, key: AidKey) -> tuple[sa.RowMapping, Resolved]:
    """The last version of a record of the caller's own, and whom it is about, locked.

    Raises NotFound, NotYourRecord, ForbiddenWrite.
    """
    to = await subject_of(session, key)
    await lock_subjects(session, [to] if to else [])
    row = (
        await session.execute(
            sa.select(_aid).where(
                _aid.c.household_id == key[0], _aid.c.id == key[1],
                current(_aid), visible(_aid, grant),
            )
        )
    ).mappings().one_or_none()  # fmt: skip
    if row is None or to is None:
        raise NotFound(path=("id",), noun="aid record", noun_zh="救助记录")
    if row["agency_id"] != grant.agency:
        raise NotYourRecord(path=("id",))
    if write_scope(row["kind"]) not in grant.scopes:
        raise ForbiddenWrite(path=("id",), scope=write_scope(row["kind"]).value)
    return row, to


def check_version(row: sa.RowMapping, expected_version: int) -> None:
    """Raise StaleVersion where the caller read another version."""
    if row["version"] != expected_version:
        raise StaleVersion(path=("expectedVersion",), expected=expected_version, actual=row["version"])


def check_standing(row: sa.RowMapping) -> None:
    """Raise AlreadyRevoked where nothing can follow this version."""
    if row["status"] is AidStatus.REVOKED:
        raise AlreadyRevoked(path=("id",))


async def supersede(
    session: AsyncSession, grant: Grant, row: sa.RowMapping, to: Resolved, draft: AidDraft
) -> None:
    """Keep a draft as the version after `row`; the offer of charity that it uses, or no longer uses, follows.

    Raises NotFound, OfferExhausted.
    """
    await _offer_instead(session, grant, row, draft)
    at = (_aid.c[name] == row[name] for name in ("household_id", "id", "version"))
    await session.execute(sa.update(_aid).where(*at).values(superseded_at=now()))
    await insert_version(session, grant, [Accepted(draft, to, row["id"])], row["version"] + 1)


async def _newly_met(
    session: AsyncSession, grant: Grant, before: AidDraft, draft: AidDraft, to: Resolved, aid_id: UUID
) -> list[Meeting]:
    """What a record meets that it did not meet before it was amended, since what stood beside it may stay so; raises
    ExclusiveAid."""
    met = await meetings(session, grant, {0: (before, to), 1: (draft, to)}, aid_id)
    had = {(one.rule.code, one.found.id) for one in met.get(0, ())}
    new = [one for one in met.get(1, ()) if (one.rule.code, one.found.id) not in had]
    for error in exclusions({0: new}).values():
        raise error
    return new


async def _offer_instead(session: AsyncSession, grant: Grant, row: sa.RowMapping, draft: AidDraft) -> None:
    """Give back the offer that a record used, and take the one that it now uses; raises NotFound, OfferExhausted."""
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
    unwritten = replace(draft, external_id=f"{draft.external_id}/{row['version']}")
    for error in (await offer_refusals(session, grant, {0: unwritten})).values():
        raise error
    await use_up(
        session, grant, Counter({number: count for number, count in ((before, -1), (after, 1)) if number})
    )


async def draft_of(session: AsyncSession, row: sa.RowMapping) -> AidDraft:
    """The current version of a record, as a draft."""
    detail = table_of(DETAIL_OF[row["kind"]])
    current = (
        await session.execute(
            sa.select(*list(detail.columns)[3:]).where(
                detail.c.household_id == row["household_id"], detail.c.id == row["id"], detail.c.version == row["version"]
            )
        )
    ).mappings().one()  # fmt: skip
    return AidDraft(
        external_id=row["external_id"],
        subject=Subject(household_id=row["household_id"]),
        kind=row["kind"],
        detail=dict(current),
        **{name: row[name] for name in AMENDABLE},
    )
