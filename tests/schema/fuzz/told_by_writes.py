"""What a write may reveal of data that its caller does not see: one bit each, with the clause that requires it and the
reason.

A reviewer compares this list with the policy. Everything else in the response to a write is the same, whatever is out of
sight. Each of these is revealed only if the write has no other fault: of two databases that differ outside the grant, one
saves it and the other returns the code.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ArgumentValue = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """The `codes` of errors, and the `warnings`, in which some mutations may differ. `follows`: the codes with which another
    row of the same input is refused as a consequence. `of`: words, one of which the input must contain, if only some inputs
    may reveal it."""

    mutations: frozenset[str]
    codes: frozenset[str]
    clause: str
    reason: str
    warnings: frozenset[str] = frozenset()
    follows: frozenset[str] = frozenset()
    of: Sequence[str] = ()

    def may_tell(self, mutation: str, given: ArgumentValue) -> bool:
        """Whether this applies to a mutation with an input."""
        return mutation in self.mutations and (not self.of or any(word in str(given) for word in self.of))


AID = frozenset({"recordAid", "recordAids", "recordUrgentAid", "amendAid"})
TOLD: tuple[Told, ...] = (
    Told(
        AID,
        frozenset({"EXCLUSIVE_AID"}),
        "46-2.1",
        "避免救助遗漏或重复救助: existing aid excludes the new aid, whoever gave it; mediateOverlap brings about a decision",
        warnings=frozenset({"DUPLICATE_AID"}),
    ),
    Told(
        frozenset({"mediateOverlap"}),
        frozenset({"NO_OVERLAP_TO_MEDIATE"}),
        "46-2.1",
        "civil affairs decides about an EXCLUSIVE_AID of recordAid; without that refusal there is nothing to decide",
    ),
    Told(
        frozenset({"recordAid", "recordAids"}),
        frozenset({"NOT_FOUND"}),
        "46-3.3",
        "urgent aid is given where the trouble happens, to a person registered anywhere; it is then recorded",
        of=("PAY_FIRST", "EMERGENCY_TYPE", "VAGRANT_RESCUE"),
    ),
    Told(
        frozenset({"upsertHouseholds"}),
        frozenset({"PERSON_IN_ANOTHER_HOUSEHOLD", "FOREIGN_HOUSEHOLD"}),
        "46-2.1",
        "一户(人)一条救助链: a person is a member of one household, and a code is one household's",
        follows=frozenset({"HEAD_REFUSED"}),
    ),
)

WAITS: Mapping[str, str] = {
    **dict.fromkeys(("recordAid", "recordAids", "recordUrgentAid", "amendAid", "mediateOverlap"), "46-2.1"),
    "decideOverlap": "46-4.3",
}
"""Mutations that may have to wait when they write about a household out of sight, with the clause: a case is in the chains of
both households."""


def told_codes(mutation: str, given: ArgumentValue) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The codes of errors, their consequences, and the codes of warnings, in which the responses to an input may differ."""
    about = [one for one in TOLD if one.may_tell(mutation, given)]
    none: frozenset[str] = frozenset()
    return (
        none.union(*(one.codes for one in about)),
        none.union(*(one.follows for one in about)),
        none.union(*(one.warnings for one in about)),
    )
