"""The drafts of certifications and of their ends: checks without the database, and the digest."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from hub.certifications.rules import END_RULES, amount_fault, form_faults
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.errors import InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID, required_text
from hub.glossary.code_sets import term
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.persons.subjects import Subject

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CertificationDraft:
    """A category to certify for a household or a person. `valid_until` None: no end. `certified_amount` is yuan a month."""

    external_id: str
    subject: Subject
    category: Category
    valid_from: date
    valid_until: date | None = None
    subtype: MonitoredSubtype | None = None
    support: Support | None = None
    certified_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Termination:
    """The end of a certification: the policy's reason, and the office's own words if it adds any."""

    expected_version: int
    ended_on: date
    because: EndReason
    reason: str | None = None


def certification_digest(household_id: UUID, person_id: UUID | None, draft: CertificationDraft) -> bytes:
    """SHA-256 of the content of a draft, independent of how its subject was named. Equal content has an equal digest."""
    content: list[object] = [
        household_id,
        person_id,
        draft.category.value,
        draft.valid_from,
        draft.valid_until,
        draft.subtype,
        draft.support,
    ]
    if draft.certified_amount is not None:
        content.append(draft.certified_amount.normalize())
    return canonical_digest([None if value is None else str(value) for value in content])


def check_draft(draft: CertificationDraft) -> None:
    """Raise the first error of a draft that needs neither the database nor the clock."""
    required_text("externalId", draft.external_id, LONGEST_EXTERNAL_ID)
    found = form_faults(draft.category, draft.valid_from, draft.valid_until, draft.subtype, draft.support)
    for name, error in found:
        raise error.at(name)
    amount = draft.certified_amount
    if amount is not None and (fault := amount_fault(draft.category, amount)):
        raise fault.at("certifiedAmount")


def check_termination(termination: Termination) -> None:
    """Raise InvalidInput for an end that is invalid for every certification."""
    if not END_RULES[termination.because].stated:
        raise InvalidInput(
            path=("because",),
            field="because",
            reason="this end follows from another certification, nobody states it",
            reason_zh="此情形由新的认定产生,不能直接填写",
        )
    if termination.reason is not None:
        required_text("reason", termination.reason, _LONGEST_REASON)


def check_end(category: Category, whole: bool, termination: Termination) -> None:
    """Raise InvalidInput for an end that is invalid for the category or for the subject, household or person."""
    rule = END_RULES[termination.because]
    if rule.only not in (None, category):
        raise InvalidInput(
            path=("because",),
            field="because",
            reason=f"only {rule.only} ends so ({rule.clause})",
            reason_zh=f"不适用于该类别({rule.clause})",
        )
    if rule.whole and not whole:
        raise InvalidInput(
            path=("because",),
            field="because",
            reason=f"only a household covered whole ends so ({rule.clause})",
            reason_zh=f"仅适用于整户保障({rule.clause})",
        )


def ended_as(termination: Termination) -> tuple[date, EndReason, str]:
    """The stored values of an end: the day, the policy's code, and the office's words or else the code's name."""
    own = (termination.reason or "").strip()
    return termination.ended_on, termination.because, own or term(termination.because).zh
