"""The drafts of a conference and of its minutes: checks without the database, and the digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from hub.aid.rules import KIND_RULES
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.model.aid import AidKind
from hub.persons.subjects import Subject

LONGEST_MATTER, LONGEST_MINUTES = 1000, 20_000
MOST_PARTICIPANTS, MOST_MEASURES = 30, 30


@dataclass(frozen=True, slots=True)
class ConferenceDraft:
    """A conference to call: subject, matter, participants and day."""

    external_id: str
    subject: Subject
    matter: str
    participants: Sequence[str]
    meets_on: date


@dataclass(frozen=True, slots=True)
class Measure:
    """The task of one agency. `amount` in yuan."""

    agency: str
    kind: AidKind
    what: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Minutes:
    """The result of a conference."""

    expected_version: int
    held_on: date
    minutes: str
    decision: str
    measures: Sequence[Measure] = ()


def conference_digest(household_id: UUID, person_id: UUID | None, draft: ConferenceDraft) -> bytes:
    """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
    person = str(person_id) if person_id else None
    content = [
        str(household_id),
        person,
        draft.matter.strip(),
        sorted(set(draft.participants)),
        str(draft.meets_on),
    ]
    return canonical_digest(content)


def check_draft(draft: ConferenceDraft) -> None:
    """Raise InvalidInput for an error that shows without the database."""
    required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    required_text("matter", draft.matter, LONGEST_MATTER)
    if not 1 <= len(set(draft.participants)) <= MOST_PARTICIPANTS:
        raise InvalidInput(
            path=("participants",),
            field="participants",
            reason=f"1 to {MOST_PARTICIPANTS} agencies",
            reason_zh=f"须为 1 至 {MOST_PARTICIPANTS} 个单位",
        )


def check_minutes(minutes: Minutes) -> None:
    """Raise InvalidInput for an error of the minutes that shows without the database and the clock."""
    required_text("minutes", minutes.minutes, LONGEST_MINUTES)
    required_text("decision", minutes.decision, LONGEST_MATTER)
    if len(minutes.measures) > MOST_MEASURES:
        raise InvalidInput(
            path=("measures",),
            field="measures",
            reason=f"at most {MOST_MEASURES}",
            reason_zh=f"最多 {MOST_MEASURES} 项",
        )
    for place, measure in enumerate(minutes.measures):
        try:
            _check_measure(measure)
        except InvalidInput as error:
            raise error.at("measures", place, *error.path) from None


def _check_measure(measure: Measure) -> None:
    required_text("what", measure.what, LONGEST_MATTER)
    amount = measure.amount
    if amount is None:
        return
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -2 or not 0 <= amount <= MOST_YUAN:
        raise InvalidInput(
            path=("amount",),
            field="amount",
            reason="yuan from 0 to 9999999999.99 with at most two decimals",
            reason_zh="须为 0 至 9999999999.99 元,最多两位小数",
        )
    if not KIND_RULES[measure.kind].money:
        raise InvalidInput(
            path=("amount",),
            field="amount",
            reason="service aid is given without money (46-3.4)",
            reason_zh="服务类救助不发放资金(46-3.4)",
        )
