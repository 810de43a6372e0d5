"""The drafts of alerts and of dispositions: checks without the database, and the digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from hub.alerts.rules import FOLLOW_UPS, WITHOUT_FOLLOW_UP
from hub.certifications.drafts import Termination
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.errors import InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.model.aid import AidKind
from hub.model.alerts import Disposition
from hub.model.certifications import Category, Support
from hub.persons.subjects import Subject

LONGEST_REASON = 1000
MOST_NEEDS = 20


@dataclass(frozen=True, slots=True)
class AlertDraft:
    """A finding of an agency (46-2.3); `answers` is the object of the chain that it follows from."""

    external_id: str
    subject: Subject
    reason: str
    answers: UUID | None = None


@dataclass(frozen=True, slots=True)
class PushedNeed:
    """A need to push to the agency in charge."""

    to_agency: str
    need: AidKind
    reason: str


@dataclass(frozen=True, slots=True)
class CalledConference:
    """The conference that discusses an alert."""

    participants: Sequence[str]
    meets_on: date


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The certification by which the authority includes the household, or one `person` of it (household id, person id)."""

    category: Category
    valid_from: date
    valid_until: date | None = None
    support: Support | None = None
    person: tuple[UUID, UUID] | None = None


@dataclass(frozen=True, slots=True)
class Disposal:
    """A disposition and its follow-up: referrals, a certification, a conference or a termination."""

    expected_version: int
    disposition: Disposition
    reason: str
    needs: Sequence[PushedNeed] = ()
    conference: CalledConference | None = None
    certification: tuple[UUID, UUID] | None = None
    termination: Termination | None = None
    inclusion: Inclusion | None = None


def alert_digest(household_id: UUID, person_id: UUID | None, draft: AlertDraft) -> bytes:
    """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
    content = [str(household_id), str(person_id) if person_id else None, draft.reason.strip()]
    return canonical_digest(content)


def check_alert(draft: AlertDraft) -> None:
    """Raise InvalidInput for an error that shows without the database."""
    required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    required_text("reason", draft.reason, LONGEST_REASON)


def check_disposal(disposal: Disposal) -> None:
    """Raise InvalidInput if a disposition lacks its follow-up or has that of another disposition."""
    required_text("reason", disposal.reason, LONGEST_REASON)
    filled = {
        "referrals": bool(disposal.needs),
        "inclusion": disposal.inclusion is not None,
        "conference": disposal.conference is not None,
        "termination": disposal.termination is not None,
    }
    possible = FOLLOW_UPS[disposal.disposition]
    if disposal.disposition not in WITHOUT_FOLLOW_UP and not any(filled[name] for name in possible):
        raise InvalidInput(
            path=(possible[0],),
            field=possible[0],
            reason=f"{disposal.disposition} needs {' or '.join(possible)}",
            reason_zh="该处置须填写其后续事项",
        )
    for name in filled.keys() - set(possible):
        if filled[name]:
            raise InvalidInput(
                path=(name,),
                field=name,
                reason=f"{disposal.disposition} leads to something else",
                reason_zh="与所选处置不符",
            )
    if len(disposal.needs) > MOST_NEEDS:
        raise InvalidInput(
            path=("referrals",),
            field="referrals",
            reason=f"at most {MOST_NEEDS}",
            reason_zh=f"最多 {MOST_NEEDS} 项",
        )
