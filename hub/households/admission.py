"""Which rows of a household can be written, given what stands in the database already."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hub.foundation.errors import HubError, StaleVersion
from hub.households.answer import Answer
from hub.households.checking import Household, Member
from hub.households.refusals import (
    DuplicateHead,
    ForeignHousehold,
    HeadMissing,
    HeadRefused,
    PersonInAnotherHousehold,
    ValueMissing,
)
from hub.households.standing import Standing
from hub.model.persons import Relation
from hub.regions.places import Places


@dataclass
class Admission:
    """The checks of one batch. `indexes` has the blind index of each row's person.

    Rows are refused one by one. A household that is new needs its head's row: without it none of its rows lands.
    Where the household stands already, the other rows land and what belongs to the household stays as it is.
    """

    standing: Standing
    indexes: Mapping[int, bytes]
    places: Places
    answer: Answer
    _taken: dict[bytes, str] = field(default_factory=dict)

    def admit(self, household: Household, kept: Collection[int] = ()) -> None:
        """Move the rows that cannot be written from `members` to `refused`. `kept`: the places of those that were written
        when the same was said of the same version before; the household has another version by now, so that what was
        refused then stays refused.

        What is registered elsewhere is told last, and of rows that are right in everything else: whoever asks for it writes.
        """
        stands = self.standing.households.get(household.code)
        expected, actual = household.expected_version, 0 if stands is None else stands["version"]
        stale = None if expected in {None, actual} else StaleVersion(expected=expected, actual=actual)
        if stale and not kept:
            self._refuse_all(household, "expectedVersion", stale)
            return
        before = {one.row for one in household.members if household.place(one) in kept} if kept else set()
        self._check_head(household, stands, before)
        if household.code in self.standing.foreign:
            self._refuse_all(household, "householdCode", ForeignHousehold())
        elsewhere = [
            (member, error)
            for member in household.members
            if member.row not in before and (error := self._elsewhere(member, household.code))
        ]
        for member, error in elsewhere:
            household.refuse(self.answer, member, "idNumber", error)
        if elsewhere and household.members:
            self._check_head(household, stands, before)
        if stale:
            for member in [one for one in household.members if one.row not in before]:
                household.refuse(self.answer, member, "expectedVersion", stale)
        self._taken |= {self.indexes[member.row]: household.code for member in household.members}

    def _check_head(
        self, household: Household, stands: Mapping[str, Any] | None, before: Collection[int]
    ) -> None:
        """Refuse what leaves the household with no head or with two; `before` are rows that were written before."""
        if stands is None:
            self._check_new(household)
        elif (wrong := self._wrong_head(household, stands["id"])) and wrong[0].row not in before:
            household.refuse(self.answer, *wrong)

    def _elsewhere(self, member: Member, code: str) -> HubError | None:
        """Who is a member of another household, in the database or earlier in this batch, cannot join this one."""
        index = self.indexes[member.row]
        if self._taken.get(index, code) != code:
            return _in_another(self._taken[index])
        mine = self.standing.households.get(code, {}).get("id")
        others = [name for id, name in self.standing.elsewhere.get(index, {}).items() if id != mine]
        if not others:
            return None
        return _in_another(next((name for name in others if name is not None), None))

    def _check_new(self, household: Household) -> None:
        head = household.head
        if head is not None and head.values.get("region") is None and self.places.own() is None:
            household.refuse(self.answer, head, "region", ValueMissing())
            head = None
        if head is None:
            refused = household.refused_head
            self._refuse_all(
                household, "relation", HeadRefused(row=refused.row) if refused else HeadMissing()
            )

    def _wrong_head(self, household: Household, id: UUID) -> tuple[Member, str, HubError] | None:
        """After the batch the household must have one head: the one that stands, or its successor. Answers the row that is
        in the way of it, and why."""
        stands = self.standing.head(id)
        if stands is None:
            return None
        head = household.head
        same = next(
            (one for one in household.members if self.indexes[one.row] == stands["id_number_index"]), None
        )
        if head is not None and head is not same and same is None:
            other, other_zh = "the one registered before", "此前登记的户主"
            return head, "relation", DuplicateHead(other=other, other_zh=other_zh)
        if head is None and same is not None and same.values["relation"] is not Relation.HEAD:
            return same, "relation", HeadMissing()
        return None

    def _refuse_all(self, household: Household, key: str, error: HubError) -> None:
        for member in list(household.members):
            household.refuse(self.answer, member, key, error)


def _in_another(code: str | None) -> PersonInAnotherHousehold:
    if code is None:
        return PersonInAnotherHousehold(household="another household", household_zh="另一户")
    return PersonInAnotherHousehold(household=f"household {code}", household_zh=f"家庭 {code} ")
