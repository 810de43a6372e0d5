"""The certifications that follow from the categories of a household's members.

Extreme hardship is certified by person. Subsistence allowance is certified once if the whole household is covered, and by
person if only some rows have it (非整户保). The other categories belong to the household.
"""

from collections.abc import Collection, Mapping
from uuid import UUID

from hub.certifications.changes import Certifying, Wish
from hub.foundation.calendar import today
from hub.households.checking import Household, Member
from hub.model.certifications import Category, EndReason
from hub.policy.facts.certifications import COVERED_BY_MEMBER

_STATED = {"support": "support", "certifiedAmount": "certified_amount", "validUntil": "valid_until"}


def certify_household(
    certifying: Certifying,
    household: Household,
    id: UUID,
    persons: Mapping[int, UUID],
    unlisted: Collection[UUID],
) -> None:
    """Plan the certifications of one household.

    `persons` holds the person of each row; `unlisted` are current members without a row. While there are such members, the
    form of coverage stays unchanged.
    """
    of_household: dict[Category, Member] = {}
    by_member = Category.EXTREME_HARDSHIP, *_by_member(certifying, household, id, unlisted)
    for member in household.members:
        category = member.values.get("category")
        if category in by_member:
            certifying.wish(_wish(member, (id, persons[member.row])))
        elif category is not None and (category not in of_household or member is household.head):
            of_household[category] = member
    for member in of_household.values():
        certifying.wish(_wish(member, (id, None)))
    if not unlisted:
        _change_form(certifying, household, id, COVERED_BY_MEMBER in of_household, persons)


def _by_member(
    certifying: Certifying, household: Household, id: UUID, unlisted: Collection[UUID]
) -> tuple[Category, ...]:
    """The categories that this household has by member: subsistence allowance if only some members are covered, else none."""
    if unlisted:
        whole = certifying.current((id, None), COVERED_BY_MEMBER) is not None
    else:
        rows = household.members + household.refused
        whole = all(row.values.get("category", COVERED_BY_MEMBER) is COVERED_BY_MEMBER for row in rows)
    return () if whole else (COVERED_BY_MEMBER,)


def _change_form(
    certifying: Certifying, household: Household, id: UUID, whole: bool, persons: Mapping[int, UUID]
) -> None:
    """End the certifications of the other form, so that none is counted twice."""
    rows = [row for row in household.members if row.values.get("category") is COVERED_BY_MEMBER]
    if not rows:
        return
    others: list[UUID | None] = [*persons.values()] if whole else [None]
    for other in others:
        if current := certifying.current((id, other), COVERED_BY_MEMBER):
            on = rows[0].values.get("validFrom") or today()
            because = EndReason.COVERED_WHOLE if whole else EndReason.COVERED_BY_MEMBER
            certifying.end(current, on, because, None, rows[0].row)


def _wish(member: Member, subject: tuple[UUID, UUID | None]) -> Wish:
    values = member.values
    states = {column: values[key] for key, column in _STATED.items() if key in values}
    return Wish(member.row, subject, values["category"], values.get("validFrom"), states, member.of_month)
