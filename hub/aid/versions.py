"""Writing versions of aid records: rows, details, visibility and events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.agencies.shown import renew_sight_beyond
from hub.aid.drafts import AidDraft, event_body
from hub.aid.referral_links import answered_by
from hub.aid.rules import CORRECTION_RULES, KIND_RULES
from hub.foundation.database import copy_rows, now, table_of
from hub.ledger.chain import Author, EventDraft, append_events
from hub.model.aid import DETAIL_OF
from hub.model.ledger import EventType
from hub.persons.subjects import Resolved


@dataclass(frozen=True, slots=True)
class Accepted:
    """A checked draft, its subject and the id of its record."""

    draft: AidDraft
    to: Resolved
    id: UUID


def _record(grant: Grant, accepted_aid: Accepted, version: int) -> dict[str, Any]:
    draft = accepted_aid.draft
    return {
        "household_id": accepted_aid.to.household_id,
        "id": accepted_aid.id,
        "version": version,
        "person_id": accepted_aid.to.person_id,
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
        "revoked_because": None if draft.revoked_because is None else draft.revoked_because.value,
        "client_id": grant.client,
        "recorded_at": now(),
    }


def _event(accepted_aid: Accepted, version: int, referrals: Mapping[UUID, Sequence[UUID]]) -> EventDraft:
    """The event of a version. It follows from the referrals that the record fulfils and from the version that it corrects."""
    draft, clause = accepted_aid.draft, KIND_RULES[accepted_aid.draft.kind].clause
    kind = EventType.AID_RECORDED if version == 1 else EventType.AID_AMENDED
    if draft.revoked_because is not None:
        kind, clause = EventType.AID_REVOKED, CORRECTION_RULES[draft.revoked_because].clause
    answers = (*referrals.get(accepted_aid.id, ()), *((accepted_aid.id,) if version > 1 else ()))
    return EventDraft(
        accepted_aid.to.household_id,
        kind,
        event_body(draft, version),
        accepted_aid.to.person_id,
        accepted_aid.id,
        clause,
        answers=answers,
    )


async def insert_version(
    session: AsyncSession, grant: Grant, accepted: Sequence[Accepted], version: int = 1
) -> None:
    """Write rows, details, visibility and events of checked drafts, as one version."""
    if not accepted:
        return
    author = Author(grant.agency, grant.client)
    of = [
        (
            accepted_aid.to.household_id,
            accepted_aid.id,
            accepted_aid.to.person_id,
            accepted_aid.draft.kind.value,
        )
        for accepted_aid in accepted
    ]
    referrals = await answered_by(session, grant.agency, of)
    await append_events(
        session, author, [_event(accepted_aid, version, referrals) for accepted_aid in accepted]
    )
    rows = [_record(grant, accepted_aid, version) for accepted_aid in accepted]
    await copy_rows(session, "aid_record", tuple(rows[0]), (tuple(row.values()) for row in rows))
    for aid_kind in {accepted_aid.draft.kind for accepted_aid in accepted}:
        table = table_of(DETAIL_OF[aid_kind])
        columns = [column.name for column in table.columns][3:]
        await copy_rows(
            session,
            str(table.name),
            ("household_id", "id", "version", *columns),
            (
                (
                    accepted_aid.to.household_id,
                    accepted_aid.id,
                    version,
                    *(accepted_aid.draft.detail.get(column) for column in columns),
                )
                for accepted_aid in accepted
                if accepted_aid.draft.kind is aid_kind
            ),
        )
    await renew_sight_beyond(session, author, grant.agency, {record.to.household_id for record in accepted})
