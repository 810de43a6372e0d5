"""Checks a household in its stored form, without the database."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.grant import Grant
from hub.certifications.rules import amount_fault, authority_refusal, faults, not_your_category
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.households.answer import HouseholdsAnswer
from hub.households.columns import OF_HOUSEHOLD
from hub.households.drafts import Fault, HouseholdDraft, MemberDraft, stated
from hub.households.refusals import (
    DuplicateHead,
    DuplicateHousehold,
    DuplicateRow,
    HeadNameMismatch,
    HeadRequired,
    HouseholdValueMismatch,
    IdentityNumberMismatch,
    TooManyMembers,
    ValueMissing,
)
from hub.model.certifications import Category
from hub.model.persons import Relation
from hub.persons.names import same_name
from hub.policy.permissions.written_fields import closed_to

MOST_MEMBERS = 100
"""A larger number of rows under one code is an error of the column."""

_REQUIRED = frozenset({"idNumber", "name", "relation"})


@dataclass(slots=True)
class CheckedMember:
    """The values of a member and of its household, by name, in their stored form; None clears a value. Values that cannot be
    used are in `faults` instead. `of_month`: only the month of the certification's first day is known."""

    row: int
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    of_month: bool = False


@dataclass(slots=True)
class CheckedHousehold:
    """The members of one household: `members` can be written, `refused` cannot. The household is written only if it still has
    `expected_version`. `content_digest` is a keyed digest of the draft and identifies a repeated request; a draft without a
    version has none. `of_file`: its members are rows of a file. `leaving`: the names of the members who leave by other rows
    of the file, by blind index."""

    code: str
    expected_version: int | None = None
    content_digest: str | None = None
    of_file: bool = False
    members: list[CheckedMember] = field(default_factory=list)
    refused: list[CheckedMember] = field(default_factory=list)
    leaving: Mapping[bytes, str] = field(default_factory=dict)

    @property
    def head(self) -> CheckedMember | None:
        """The head, if it can be written."""
        return next((member for member in self.members if member.values["relation"] is Relation.HEAD), None)

    def place(self, member: CheckedMember) -> int:
        """The place of a member in the draft, from 0."""
        return member.row - min(sibling.row for sibling in (*self.members, *self.refused))

    @property
    def refused_head(self) -> CheckedMember | None:
        """The head that was refused."""
        return next(
            (member for member in self.refused if member.values.get("relation") is Relation.HEAD),
            None,
        )

    @property
    def identified(self) -> list[CheckedMember]:
        """The members that can be written, and a refused head whose identity number is valid."""
        head = self.refused_head
        return [*self.members, *([head] if head is not None and head.values.get("idNumber") else [])]

    def refuse(self, answer: HouseholdsAnswer, member: CheckedMember, key: str, error: HubError) -> None:
        """Refuse a member."""
        self.members.remove(member)
        self.refused.append(member)
        answer.refuse(member.row, [(key, error, None)])


@dataclass
class Checking:
    """The checks of one batch that do not need the database. `forms` comes from `values.forms`."""

    grant: Grant
    forms: Mapping[str, Callable[[Any], Any]]
    answer: HouseholdsAnswer
    _codes: set[str] = field(default_factory=set)
    _closed: Mapping[str, HubError] = field(init=False)
    """Why the caller may not write a value, by its name."""

    def __post_init__(self) -> None:
        closed = closed_to(self.grant)
        self._closed = {name: ForbiddenWrite(scope=scope.value) for name, scope in closed.items()}

    def check(self, draft: HouseholdDraft, content_digest: str | None) -> CheckedHousehold:
        """The household of a draft. Its members are checked alone and against each other. Errors are added to the answer."""
        household = CheckedHousehold(draft.code, draft.expected_version, content_digest, draft.in_form)
        rows: dict[str, int] = {}
        for member in self._members(draft):
            _check_alone(member, self.grant)
            if not member.faults:
                _check_beside(member, rows, household.head)
            if member.faults:
                self.answer.refuse(member.row, member.faults)
                household.refused.append(member)
            else:
                rows[member.values["idNumber"].number] = member.row
                household.members.append(member)
        _check_agreement(household, self.answer)
        return household

    def _members(self, draft: HouseholdDraft) -> list[CheckedMember]:
        """The members of a draft; the values of the household go with the head."""
        if closed := self._closed.get("code"):
            return [
                CheckedMember(member.row, {}, [("householdCode", closed, None)]) for member in draft.members
            ]
        whole = stated(draft.whole)
        compared = {"head": whole.pop("head")} if "head" in whole else {}
        head = next((member for member in draft.members if member.relation is Relation.HEAD), None)
        forms = {} if draft.in_form else self.forms
        members = [
            self._member(member, {**compared, **(whole if member is head else {})}, forms)
            for member in draft.members
        ]
        fault: Fault | None = None
        if len(members) > MOST_MEMBERS:
            fault = "householdCode", TooManyMembers(most=MOST_MEMBERS), draft.code
        elif draft.code in self._codes:
            fault = "householdCode", DuplicateHousehold(), None
        elif whole and head is None:
            fault = "relation", HeadRequired(), None
        elif compared.get("head") is not None and not str(compared["head"]).strip():
            fault = "head", ValueMissing(), None
        self._codes.add(draft.code)
        for member in members:
            member.faults += [] if fault is None else [fault]
        return members

    def _member(
        self, draft: MemberDraft, whole: Mapping[str, Any], forms: Mapping[str, Callable[[Any], Any]]
    ) -> CheckedMember:
        """The member with each value that the caller may write, in its stored form."""
        values = {**stated(draft), **stated(draft.of_whole), **whole}
        closed: list[Fault] = [(name, self._closed[name], None) for name in values if name in self._closed]
        unread = {name for name, _, _ in draft.faults} | {name for name, _, _ in closed}
        faults = [fault for fault in draft.faults if fault[0] not in self._closed]
        member = CheckedMember(draft.row, {}, [*closed, *faults], draft.of_month)
        for name, own_value in values.items():
            if name in unread:
                continue
            try:
                value = forms[name](own_value) if own_value is not None and name in forms else own_value
            except HubError as error:
                member.faults.append((name, error, None))
                continue
            if value is None and name in _REQUIRED:
                member.faults.append((name, ValueMissing(), None))
            member.values[name] = value
        return member


def _check_beside(member: CheckedMember, rows: Mapping[str, int], head: CheckedMember | None) -> None:
    """Check a valid member against the members before it."""
    number = member.values["idNumber"].number
    if number in rows:
        member.faults.append(("idNumber", DuplicateRow(row=rows[number]), number))
    elif head is not None and member.values["relation"] is Relation.HEAD:
        other, other_zh = f"row {head.row}", f"第 {head.row} 行"
        member.faults.append(("relation", DuplicateHead(other=other, other_zh=other_zh), None))


def _check_alone(member: CheckedMember, grant: Grant) -> None:
    """Check the values of one member against each other."""
    values, found = member.values, member.faults
    identity = values.get("idNumber")
    if identity is not None:
        for key, derived in (("gender", identity.gender), ("birthDate", identity.birth_date)):
            if values.get(key) not in (None, derived):
                found.append((key, IdentityNumberMismatch(), None))
    category = values.get("category")
    if category is None:
        return
    if category is Category.POVERTY_RELAPSE_MONITORED:  # only the monitored list has the subtype
        found.append(("category", not_your_category(category), category.value))
        return
    if error := authority_refusal(grant, category):
        found.append(("category", error, category.value))
    begins, ends = values.get("validFrom"), values.get("validUntil")
    for key, error in faults(category, begins, ends, None, values.get("support")):
        found.append((key, error, str(values[key])))
    amount = values.get("certifiedAmount")
    if amount is not None and (error := amount_fault(category, amount)):
        found.append(("certifiedAmount", error, str(amount)))
    if ends and begins is None:
        found.append(("validFrom", ValueMissing(), None))


def _check_agreement(household: CheckedHousehold, answer: HouseholdsAnswer) -> None:
    """Check values of the household: they come with the head, and other rows leave them out or repeat them."""
    head = household.head
    if head is None:
        return
    if not _same_head(head.values.get("head"), head.values["name"]):
        error = HouseholdValueMismatch(row=head.row) if household.of_file else HeadNameMismatch()
        household.refuse(answer, head, "head", error)
        return
    of_household = {key: head.values.get(key) for key in OF_HOUSEHOLD}
    for member in list(household.members):
        if not _same_head(member.values.get("head"), head.values["name"]):
            household.refuse(answer, member, "head", HouseholdValueMismatch(row=head.row))
            continue
        for key, value in of_household.items():
            if member.values.get(key) not in (None, value):
                household.refuse(answer, member, key, HouseholdValueMismatch(row=head.row))
                break


def _same_head(written: str | None, name: str) -> bool:
    """Whether a row names this head, or none."""
    return written is None or same_name(written, name)
