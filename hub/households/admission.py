"""Decides which rows of a household can be written, by comparison with the database."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.foundation.database import new_id
from hub.foundation.errors import HubError, StaleVersion
from hub.households.answer import HouseholdsAnswer
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.households.refusals import (
    DuplicateHead,
    ForeignHousehold,
    HeadMissing,
    HeadNameMismatch,
    HeadRefused,
    PersonInAnotherHousehold,
    ValueMissing,
)
from hub.households.registered import Registered
from hub.model.persons import Relation
from hub.persons.names import same_name
from hub.policy.facts.persons import is_present
from hub.regions.places import Places


@dataclass
class Admission:
    """The checks of one batch. `indexes` holds the blind index of each row's person.

    Rows are refused one by one. A new household needs the row of its head; without it, all of its rows are refused. If the
    household exists, the other rows are written and the values of the household stay unchanged, but only if they belong to
    it: a code alone may be another household's. A row that names another head than the registered one is refused, and so are
    the rows without a head's name if another head came with them and was refused.

    What is out of sight is checked last. The caller learns that a code is used elsewhere, or that a person is a member
    elsewhere, only if the row could otherwise be written. The duty requires these two answers: a code belongs to one
    household, and a person to one household (46-2.1). A preview (`previewed`) reveals neither: the rows are checked as if
    nothing were out of sight.
    """

    registered: Registered
    indexes: Mapping[int, bytes]
    places: Places
    answer: HouseholdsAnswer
    previewed: bool = False
    _taken: dict[bytes, str] = field(default_factory=dict)

    def admit(self, household: CheckedHousehold, saved: Collection[int] = ()) -> None:
        """Move rows that cannot be written from `members` to `refused`. `saved` holds the places of members that were
        written by the same request before. The household has a newer version now, so rows that were refused then stay
        refused."""
        existing = self.registered.households.get(household.code)
        if existing is not None and not self.places.within(existing["region"]):
            self._refuse_all(household, "householdCode", ForeignHousehold())
            return
        expected, actual = household.expected_version, 0 if existing is None else existing["version"]
        stale = None if expected in {None, actual} else StaleVersion(expected=expected, actual=actual)
        if stale and not saved:
            self._refuse_all(household, "expectedVersion", stale)
            return
        before = (
            {saved_member.row for saved_member in household.members if household.place(saved_member) in saved}
            if saved
            else set()
        )
        self._refuse_members_of_others(household, before, self._in_sight_elsewhere)
        self._check_head(household, before)
        if stale:
            for member in [unsaved for unsaved in household.members if unsaved.row not in before]:
                household.refuse(self.answer, member, "expectedVersion", stale)
        if self.previewed:
            self._try_without_others(household)
        elif household.code in self.registered.out_of_sight:
            self._refuse_all(household, "householdCode", ForeignHousehold())
        if not self.previewed:
            self._refuse_members_of_others(household, before, self._out_of_sight_elsewhere)
            self._check_head(household, before)
        self._taken |= {self.indexes[member.row]: household.code for member in household.members}

    def _try_without_others(self, household: CheckedHousehold) -> None:
        """Replace a code that a household out of sight uses by an unused one."""
        if household.code in self.registered.out_of_sight:
            household.code = str(new_id())

    def _refuse_members_of_others(
        self,
        household: CheckedHousehold,
        before: Collection[int],
        elsewhere: Callable[[CheckedMember, str], HubError | None],
    ) -> None:
        """Refuse the rows of people who are members of another household."""
        for member in list(household.members):
            if member.row not in before and (error := elsewhere(member, household.code)):
                household.refuse(self.answer, member, "idNumber", error)

    def _in_sight_elsewhere(self, member: CheckedMember, code: str) -> HubError | None:
        """The refusal for a member of a household in sight, or of an earlier household of this batch; None if the person is
        in neither."""
        index = self.indexes[member.row]
        if self._taken.get(index, code) != code:
            return in_another(self._taken[index])
        mine = self.registered.households.get(code, {}).get("id")
        others = [name for id, name in self.registered.elsewhere.get(index, {}).items() if id != mine]
        seen = next((name for name in others if name is not None), None)
        return None if seen is None else in_another(seen)

    def _out_of_sight_elsewhere(self, member: CheckedMember, code: str) -> HubError | None:
        """The refusal for a member of a household out of sight; the caller learns only that it exists."""
        there = self.registered.elsewhere.get(self.indexes[member.row], {})
        return in_another(None) if None in there.values() else None

    def _check_head(self, household: CheckedHousehold, before: Collection[int]) -> None:
        """Check that the household has exactly one head after the batch."""
        existing = self.registered.households.get(household.code)
        if existing is None:
            self._check_new(household)
            return
        if (conflict := self._head_conflict(household, existing["id"])) and conflict[0].row not in before:
            household.refuse(self.answer, *conflict)
        if household.head is None and (head := self.registered.head(existing["id"])) is not None:
            self._compare_with_head(household, head, before)

    def _compare_with_head(
        self, household: CheckedHousehold, head: Mapping[str, Any], before: Collection[int]
    ) -> None:
        """Refuse the rows that are not certain to belong to the household of the registered head. If the head has died, a row
        may name any present member instead, because another file may bring the successor."""
        refused = household.refused_head
        names = [head["name"]]
        if head["id"] in self.registered.dead_heads:
            members = self.registered.members[head["household_id"]].values()
            names += [member["name"] for member in members if is_present(member["left_on"])]
        trusted = refused is None or self.indexes.get(refused.row) == head["id_number_index"]
        for member in [unsaved for unsaved in household.members if unsaved.row not in before]:
            named = member.values.get("head")
            if named is not None and not any(same_name(named, name) for name in names):
                household.refuse(self.answer, member, "head", HeadNameMismatch())
            elif named is None and refused is not None and not trusted:
                household.refuse(self.answer, member, "relation", HeadRefused(row=refused.row))

    def _check_new(self, household: CheckedHousehold) -> None:
        head = household.head
        if head is not None and head.values.get("region") is None and self.places.own() is None:
            household.refuse(self.answer, head, "region", ValueMissing())
            head = None
        if head is None:
            refused = household.refused_head
            self._refuse_all(
                household, "relation", HeadRefused(row=refused.row) if refused else HeadMissing()
            )

    def _head_conflict(
        self, household: CheckedHousehold, id: UUID
    ) -> tuple[CheckedMember, str, HubError] | None:
        """The conflict about the head, if any: (member, field, error). The household must have exactly one head after the
        batch, the present one or a successor. A head who has died needs no row in the file."""
        registered_head = self.registered.head(id)
        if registered_head is None:
            return None
        head = household.head
        leaving = household.leaving.get(registered_head["id_number_index"])
        if head is not None and leaving is not None and same_name(leaving, registered_head["name"]):
            return None
        same = next(
            (
                member
                for member in household.members
                if self.indexes[member.row] == registered_head["id_number_index"]
            ),
            None,
        )
        if head is not None and same is None and registered_head["id"] not in self.registered.dead_heads:
            other, other_zh = "the one registered before", "此前登记的户主"
            return head, "relation", DuplicateHead(other=other, other_zh=other_zh)
        if head is None and same is not None and same.values["relation"] is not Relation.HEAD:
            return same, "relation", HeadMissing()
        return None

    def _refuse_all(self, household: CheckedHousehold, key: str, error: HubError) -> None:
        for member in list(household.members):
            household.refuse(self.answer, member, key, error)


def in_another(code: str | None) -> PersonInAnotherHousehold:
    """The refusal of a person who is a member elsewhere; without a code, the household is out of sight."""
    if code is None:
        return PersonInAnotherHousehold(household="another household", household_zh="另一户")
    return PersonInAnotherHousehold(household=f"household {code}", household_zh=f"家庭 {code} ")
