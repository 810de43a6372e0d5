"""The certifications that follow from the categories of a household's members.

Extreme hardship is certified by person. Subsistence allowance is certified once if the whole household is covered, and by
person if only some rows have it (非整户保). The other categories belong to the household.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from hub.certifications.changes import Certifying, Wish
from hub.foundation.calendar import today
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.model.certifications import Category, EndReason
from hub.policy.facts.certifications import COVERED_BY_MEMBER

_STATED = {"support": "support", "certifiedAmount": "certified_amount", "validUntil": "valid_until"}


def certify_household(
    certifying: Certifying,
    household: CheckedHousehold,
    id: UUID,
    persons: Mapping[int, UUID],
    unlisted: Collection[UUID],
) -> None:
    """Plan the certifications of one household.

    `persons` holds the person of each row; `unlisted` are current members without a row. While there are such members, the
    form of coverage stays unchanged. The allowance is planned first, so that categories that exclude it are checked against
    the form that the file states.
    """
    of_household: dict[Category, CheckedMember] = {}
    by_member = Category.EXTREME_HARDSHIP, *_by_member(certifying, household, id, unlisted)
    of_persons: dict[bool, list[CheckedMember]] = {True: [], False: []}
    for member in household.members:
        category = member.values.get("category")
        if category in by_member:
            of_persons[category is COVERED_BY_MEMBER].append(member)
        elif category is not None and (category not in of_household or member is household.head):
            of_household[category] = member

    def certify(members: Iterable[CheckedMember], *, whole: bool) -> None:
        for member in members:
            certifying.wish(_wish(member, (id, None if whole else persons[member.row])))

    covering = of_household.pop(COVERED_BY_MEMBER, None)
    certify(() if covering is None else (covering,), whole=True)
    certify(of_persons[True], whole=False)
    if not unlisted:
        _change_form(certifying, household, id, covering is not None, persons)
    certify(of_persons[False], whole=False)
    certify(of_household.values(), whole=True)


def _by_member(
    certifying: Certifying, household: CheckedHousehold, id: UUID, unlisted: Collection[UUID]
) -> tuple[Category, ...]:
    """The categories that this household has by member: subsistence allowance if only some members are covered, else none."""
    if unlisted:
        whole = certifying.current((id, None), COVERED_BY_MEMBER) is not None
    else:
        rows = household.members + household.refused
        whole = all(row.values.get("category", COVERED_BY_MEMBER) is COVERED_BY_MEMBER for row in rows)
    return () if whole else (COVERED_BY_MEMBER,)


def _change_form(
    certifying: Certifying, household: CheckedHousehold, id: UUID, whole: bool, persons: Mapping[int, UUID]
) -> None:
    """End the certifications of the other form, so that nobody is counted twice. If no certification of the new form exists,
    because it was refused, the old ones stay in force."""
    rows = [row for row in household.members if row.values.get("category") is COVERED_BY_MEMBER]
    of_members: list[UUID | None] = [*persons.values()]
    new, others = ([None], of_members) if whole else (of_members, [None])
    if not rows or not any(certifying.current((id, person), COVERED_BY_MEMBER) for person in new):
        return
    for other in others:
        if current := certifying.current((id, other), COVERED_BY_MEMBER):
            on = rows[0].values.get("validFrom") or today()
            because = EndReason.COVERED_WHOLE if whole else EndReason.COVERED_BY_MEMBER
            certifying.end(current, on, because, None, rows[0].row)


def _wish(member: CheckedMember, subject: tuple[UUID, UUID | None]) -> Wish:
    values = member.values
    states = {column: values[key] for key, column in _STATED.items() if key in values}
    return Wish(member.row, subject, values["category"], values.get("validFrom"), states, member.of_month)
