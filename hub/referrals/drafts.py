"""The draft of a referral: its digest and its event body."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hub.foundation.canonical_json import canonical_digest
from hub.model.aid import AidKind
from hub.persons.subjects import Subject


@dataclass(frozen=True, slots=True)
class ReferralDraft:
    """A need to refer. `due_at` None: the usual deadline."""

    external_id: str
    subject: Subject
    to_agency: str
    need: AidKind
    reason: str
    due_at: datetime | None = None


def referral_digest(
    household_id: UUID, person_id: UUID | None, draft: ReferralDraft, *, forwarded_from: UUID | None = None
) -> bytes:
    """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
    due = draft.due_at.astimezone(UTC).isoformat() if draft.due_at else None
    person = str(person_id) if person_id else None
    content = [str(household_id), person, draft.to_agency, draft.need.value, draft.reason.strip(), due]
    if forwarded_from:
        content.append(str(forwarded_from))
    return canonical_digest(content)


def sent_body(from_agency: str, draft: ReferralDraft, due_at: datetime) -> dict[str, Any]:
    """The event body of a sent referral."""
    return {
        "need": draft.need.value,
        "from": from_agency,
        "to": draft.to_agency,
        "reason": draft.reason.strip(),
        "dueAt": due_at.astimezone(UTC).isoformat(timespec="seconds"),
        "externalId": draft.external_id,
    }
