"""Warnings for circumstances that do not fit the person's age. The report is saved."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from auth.grant import Grant
from hub.circumstances.drafts import CircumstanceDraft
from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.model.circumstances import CircumstanceKind
from hub.persons.ages import WORKING, Ages, AgeUnlikely, StageUnlikely, stage_fits
from hub.policy.facts.ages import full_years
from hub.policy.facts.circumstances import last_known_day
from hub.policy.permissions.field_scopes import PERSON

_AT_ANY_AGE = Ages(0, None, "from birth on")
KIND_AGES: Mapping[CircumstanceKind, Ages] = MappingProxyType(
    {CircumstanceKind.REGISTERED_UNEMPLOYED: WORKING}
)


def unlikely(grant: Grant, draft: CircumstanceDraft, birth_date: date | None) -> tuple[HubError, ...]:
    """The warnings of a report for a birth date (None: no person, or unknown). Only callers who may read birth dates get
    them."""
    if birth_date is None or not grant.covers(PERSON["birthDate"]):
        return ()
    ends = last_known_day(draft.until, today())
    stage = draft.fields.get("education_stage")
    if stage is not None and not stage_fits(stage, birth_date, draft.since, ends):
        return (StageUnlikely(),)
    begins_after_birth = full_years(birth_date, draft.since) >= 0
    fits = KIND_AGES.get(draft.kind, _AT_ANY_AGE).contains(birth_date, draft.since, ends)
    return () if begins_after_birth and fits else (AgeUnlikely(),)
