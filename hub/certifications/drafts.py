"""What an authority certifies or ends, before it is kept: the drafts, their checks that need no database, the digest."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from auth.grant import Grant
from hub.certifications.rules import END_RULES, authority_refusal, faults
from hub.foundation.canonical_json import canonical_digest
from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.texts import LONGEST_EXTERNAL_ID
from hub.glossary.code_sets import term
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.persons.subjects import Subject

_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class CertificationDraft:
    """A category to certify, for a household as a whole or for one person. `valid_until` None: without end."""

    external_id: str
    subject: Subject
    category: Category
    valid_from: date
    valid_until: date | None = None
    subtype: MonitoredSubtype | None = None
    support: Support | None = None


@dataclass(frozen=True, slots=True)
class Termination:
    """The end of a certification: the policy's reason, and the office's own words where it adds some."""

    expected_version: int
    ended_on: date
    because: EndReason
    reason: str | None = None


def certification_digest(household_id: UUID, person_id: UUID | None, draft: CertificationDraft) -> bytes:
    """SHA-256 of what a draft says, whoever's identity it was named by; equal content, equal digest."""
    said = [
        household_id,
        person_id,
        draft.category.value,
        draft.valid_from,
        draft.valid_until,
        draft.subtype,
        draft.support,
    ]
    return canonical_digest([None if one is None else str(one) for one in said])


def refusal(grant: Grant, draft: CertificationDraft) -> HubError | None:
    """Why a draft cannot be kept, as far as that shows without the database; None when nothing is wrong."""
    if error := authority_refusal(grant, draft.category):
        return error.at("category")
    if error := _text("externalId", draft.external_id, LONGEST_EXTERNAL_ID):
        return error
    wrong = faults(draft.category, draft.valid_from, draft.valid_until, draft.subtype, draft.support)
    return next((error.at(name) for name, error in wrong), None)


def termination_refusal(category: Category, whole: bool, termination: Termination) -> HubError | None:
    """Why a certification of a category, of a household as a whole or of one person, cannot be ended so; None when
    nothing is wrong."""
    rule = END_RULES[termination.because]
    if not rule.stated:
        return InvalidInput(
            path=("because",), field="because", reason="this end follows from another certification, nobody states it",
            reason_zh="此情形由新的认定产生,不能直接填写",
        )  # fmt: skip
    if rule.only not in (None, category):
        return InvalidInput(
            path=("because",), field="because", reason=f"only {rule.only} ends so ({rule.clause})",
            reason_zh=f"不适用于该类别({rule.clause})",
        )  # fmt: skip
    if rule.whole and not whole:
        return InvalidInput(
            path=("because",), field="because", reason=f"only a household covered whole ends so ({rule.clause})",
            reason_zh=f"仅适用于整户保障({rule.clause})",
        )  # fmt: skip
    return None if termination.reason is None else _text("reason", termination.reason, _LONGEST_REASON)


def ended_as(termination: Termination) -> tuple[date, EndReason, str]:
    """What stands of an end: the day, the policy's word, and the office's own words or, without any, the policy's."""
    own = (termination.reason or "").strip()
    return termination.ended_on, termination.because, own or term(termination.because).zh


def _text(name: str, value: str, most: int) -> HubError | None:
    if value.strip() and len(value) <= most and "\x00" not in value:
        return None
    return InvalidInput(
        path=(name,),
        field=name,
        reason=f"1 to {most} characters, without NUL",
        reason_zh=f"须为 1 至 {most} 个字符,不含空字符",
    )
