"""The draft of a circumstance: checks without the database, and its content as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from auth.grant import Grant
from hub.circumstances.rules import FIELDS, KIND_RULES, registry_refusal
from hub.foundation.calendar import today
from hub.foundation.canonical_json import canonical_digest, plain
from hub.foundation.database import MOST_YUAN
from hub.foundation.errors import HubError, InvalidInput, camel
from hub.foundation.texts import LONGEST_EXTERNAL_ID
from hub.glossary.code_sets import term
from hub.model.circumstances import CircumstanceKind
from hub.persons.subjects import Subject
from hub.policy.facts.circumstances import has_future_day
from hub.policy.facts.periods import is_reversed

_LONGEST = {"school": 200, "note": 500}


@dataclass(frozen=True)
class CircumstanceDraft:
    """One fact of one registry. Without `external_id` the fact is named by kind, day and subject, as in lists
    (`name_in_lists`). `fields` holds columns of `CircumstanceRow` among `rules.FIELDS`.

    `expected_version` makes the draft a correction of that version. `newest` makes it a correction of any version: a list
    is the newest state of its registry. A list does not change the columns in `silent`.
    """

    external_id: str | None
    subject: Subject
    kind: CircumstanceKind
    since: date
    until: date | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    expected_version: int | None = None
    newest: bool = False
    silent: frozenset[str] = frozenset()

    @property
    def content(self) -> dict[str, Any]:
        """The stored values, by column."""
        values = {name: self.fields.get(name) for name in FIELDS}
        return {"since": self.since, "until": self.until, **values}


def name_in_lists(kind: CircumstanceKind, since: date, subject_id: UUID) -> str:
    """The name of a fact without an external id, at most 64 characters."""
    return f"{kind}.{since:%Y%m%d}.{subject_id.hex}"


def content_digest(
    kind: CircumstanceKind, household_id: UUID, person_id: UUID | None, content: Mapping[str, Any]
) -> bytes:
    """SHA-256 of a fact as it was first reported; equal content, equal digest."""
    values = {name: plain(value) for name, value in content.items()}
    subject = {"kind": kind.value, "household": str(household_id), "person": plain(person_id)}
    return canonical_digest({**subject, **values})


def event_body(
    registry: str, kind: CircumstanceKind, content: Mapping[str, Any], version: int
) -> dict[str, Any]:
    """The body of the chain event: each version in full, so that earlier values stay readable (46-4.3)."""
    names = {name: plain(value) for name, value in content.items() if value is not None}
    return {"registry": registry, "kind": kind.value, "version": version, **names}


def refusal(grant: Grant, draft: CircumstanceDraft) -> HubError | None:
    """The first error of a draft that needs neither the database nor the clock; None if it has none."""
    if error := registry_refusal(grant, draft.kind):
        return error.at("kind")
    return _name(draft) or _belonging(draft) or _values(draft)


def days_fault(draft: CircumstanceDraft) -> HubError | None:
    """The error of a draft's days: both must be in the past and in order. None if they are valid."""
    if name := has_future_day(draft.since, draft.until, today()):
        return _invalid(name, "it lies in the future", "晚于今天")
    if is_reversed(draft.since, draft.until):
        return _invalid("until", "it lies before since", "早于起始日期")
    return None


def _invalid(name: str, reason: str, reason_zh: str) -> InvalidInput:
    return InvalidInput(path=(name,), field=name, reason=reason, reason_zh=reason_zh)


def _name(draft: CircumstanceDraft) -> HubError | None:
    name = draft.external_id
    if name is None or (name.strip() and len(name) <= LONGEST_EXTERNAL_ID):
        return None
    return _invalid(
        "externalId",
        f"1 to {LONGEST_EXTERNAL_ID} characters",
        f"须为 1 至 {LONGEST_EXTERNAL_ID} 个字符",
    )


def _belonging(draft: CircumstanceDraft) -> HubError | None:
    """Check that a draft has the fields of its kind and no others."""
    rule, kind = KIND_RULES[draft.kind], term(draft.kind)
    for name in FIELDS:
        filled = draft.fields.get(name) is not None
        if not filled and name in rule.must:
            return _invalid(camel(name), f"a report of {kind.en} needs it", f"报送{kind.zh}须填此项")
        if filled and name not in rule.must + rule.may:
            return _invalid(camel(name), f"a report of {kind.en} has no such field", f"{kind.zh}没有此项")
    return None


def _values(draft: CircumstanceDraft) -> HubError | None:
    for name, most in _LONGEST.items():
        text = draft.fields.get(name)
        if text is not None and (not text.strip() or len(text) > most):
            return _invalid(name, f"1 to {most} characters", f"须为 1 至 {most} 个字符")
    grade = draft.fields.get("disability_grade")
    if grade is not None and grade not in range(1, 5):
        return _invalid("disabilityGrade", "a grade is 1 (the most severe) to 4", "残疾等级为 1(最重)至 4")
    amount = draft.fields.get("amount")
    if amount is not None:
        exponent = amount.as_tuple().exponent
        if not isinstance(exponent, int) or exponent < -2 or not 0 < amount <= MOST_YUAN:
            return _invalid(
                "amount",
                "yuan above 0, at most 9999999999.99, with at most two decimals",
                "须大于 0 且不超过 9999999999.99 元,最多两位小数",
            )
    return None
