"""What one agency asks of another, before it is kept: the draft, its digest, what the chain keeps of it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub.foundation.canonical_json import canonical_digest
from hub.model.aid import AidKind
from hub.persons.subjects import Subject


@dataclass(frozen=True, slots=True)
class ReferralDraft:
    """A need to push. `due_at` None means the usual time to answer."""

    external_id: str
    subject: Subject
    to_agency: str
    need: AidKind
    reason: str
    due_at: datetime | None = None


def referral_digest(
    household_id: UUID, person_id: UUID | None, draft: ReferralDraft, *, forwarded_from: UUID | None = None
) -> bytes:
    """SHA-256 of what a draft says, whoever's identity it was named by; equal content, equal digest."""
    due = draft.due_at.astimezone(UTC).isoformat() if draft.due_at else None
    person = str(person_id) if person_id else None
    content = [str(household_id), person, draft.to_agency, draft.need.value, draft.reason.strip(), due]
    if forwarded_from:
        content.append(str(forwarded_from))
    return canonical_digest(content)


def sent_body(from_agency: str, draft: ReferralDraft, due_at: datetime) -> dict[str, Any]:
    """What the chain keeps of a referral that was sent."""
    return {
        "need": draft.need.value,
        "from": from_agency,
        "to": draft.to_agency,
        "reason": draft.reason.strip(),
        "dueAt": due_at.astimezone(UTC).isoformat(timespec="seconds"),
        "externalId": draft.external_id,
    }
