"""Names that a batch would change. One name is changed and reported; names that move between numbers are refused.

A column that was sorted or shifted alone puts each name beside another person's number. There are two signs of this: a new
name is the former name of another renamed person, or the batch renames more people than an office does in one file.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from hub.foundation.errors import HubError
from hub.households.answer import HouseholdsAnswer
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.households.refusals import NameChanged, NamesShifted
from hub.households.registered import Registered
from hub.persons.names import same_name

_MOST_RENAMED = 20
"""A batch may rename this many people, and a larger batch a fifth of its registered members."""

Renamed = list[tuple[CheckedHousehold, CheckedMember, str]]
"""The members whose registered name differs, with that name."""


def refuse_moved(
    households: Sequence[CheckedHousehold],
    saved: Collection[str | None],
    registered: Registered,
    indexes: Mapping[int, bytes],
    answer: HouseholdsAnswer,
) -> set[int]:
    """Refuse the members whose names come from other people of the batch; returns the rows of the other renamed members.
    `saved`: the digests of drafts that were written before, which are not checked again."""
    renamed: Renamed = []
    matched = 0
    for household in households:
        existing = registered.households.get(household.code)
        if existing is None or household.content_digest in saved:
            continue
        if household.expected_version not in (None, existing["version"]):
            continue  # refused as stale in any case
        members = registered.members[existing["id"]]
        for member in household.members:
            if (stands := members.get(indexes[member.row])) is not None:
                matched += 1
                if not same_name(stands["name"], member.values["name"]):
                    renamed.append((household, member, stands["name"]))
    many = len(renamed) > max(_MOST_RENAMED, matched // 5)
    former = {old for _, _, old in renamed}
    rows = set()
    for household, member, _ in renamed:
        if many or member.values["name"] in former:
            household.refuse(answer, member, "name", NamesShifted())
        else:
            rows.add(member.row)
    return rows


def renamed_rows(renamed: Collection[int], changed: Collection[int]) -> Iterator[tuple[int, HubError]]:
    """The notices of the renamed members that were written."""
    return ((row, NameChanged()) for row in sorted(renamed) if row in changed)
