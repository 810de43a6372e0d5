"""`upsertHouseholds`: households and their members by request, each of them answered by itself (46-2.2).

What is said is compared with what stands: the same again writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from hub.commands.context import CommandContext
from hub.commands.warnings import Warned
from hub.foundation.errors import HubError
from hub.households.answer import Answer
from hub.households.checking import MOST_MEMBERS
from hub.households.columns import OF_HOUSEHOLD
from hub.households.drafts import HouseholdDraft
from hub.households.refusals import TooManyHouseholds, TooManyMembers, ValueMissing
from hub.households.registration import Ground, register
from hub.households.standing import ids_by_code
from hub.households.values import code
from hub.policy.permissions import write_scopes

MOST_HOUSEHOLDS = 500

_NAMES_OF_THE_WHOLE = {name: name for name in (*OF_HOUSEHOLD, "expectedVersion")} | {"householdCode": "code"}
"""By the name of what is refused of the household as a whole, its name in the input."""


@dataclass(slots=True)
class HouseholdOutcome:
    """The answer to one draft: the household's key where it stands now, and what was refused of it, each with its place in the
    draft (`code`, or `members`, 3, `idNumber`)."""

    key: tuple[UUID] | None = None
    changed: bool = False
    refused: list[tuple[tuple[str | int, ...], HubError]] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


async def upsert_households(
    context: CommandContext, drafts: Sequence[HouseholdDraft]
) -> list[HouseholdOutcome]:
    """Register what is new and update what differs, in the caller's transaction; answer each draft in its place.

    Raises ForbiddenWrite, TooManyHouseholds; every other refusal is part of an outcome.
    """
    context.need(*write_scopes.REGISTERING)
    if len(drafts) > MOST_HOUSEHOLDS:
        raise TooManyHouseholds(path=("households",), most=MOST_HOUSEHOLDS)
    ground = await Ground.load(await context.session.connection(), context.grant)
    outcomes = [HouseholdOutcome() for _ in drafts]
    rows: list[tuple[int, int]] = []
    right: dict[int, HouseholdDraft] = {}
    for place, draft in enumerate(drafts):
        if fault := _fault(draft):
            name, error = fault
            outcomes[place].refused.append(((name,), error))
            continue
        members = [replace(one, row=row) for row, one in enumerate(draft.members, len(rows) + 1)]
        rows += [(place, at) for at in range(len(members))]
        right[place] = replace(draft, code=code(draft.code) or "", members=members)
    answer = await register(context, ground, list(right.values()))
    _tell(answer, outcomes, rows)
    refused = {one.row for one in answer.refused}
    landed = {place for row, (place, _) in enumerate(rows, 1) if row not in refused}
    ids = await ids_by_code(context.session, context.grant, [right[place].code for place in landed])
    for place in landed:
        id = ids.get(right[place].code)
        outcomes[place].key = None if id is None else (id,)
    return outcomes


def _fault(draft: HouseholdDraft) -> tuple[str, HubError] | None:
    """Why a household is not even looked at, and where: it has no code, or not a household's number of members."""
    try:
        if code(draft.code) is None:
            return "code", ValueMissing()
    except HubError as error:
        return "code", error
    if not draft.members:
        return "members", ValueMissing()
    if len(draft.members) > MOST_MEMBERS:
        return "members", TooManyMembers(most=MOST_MEMBERS)
    return None


def _tell(answer: Answer, outcomes: Sequence[HouseholdOutcome], rows: Sequence[tuple[int, int]]) -> None:
    """Put the answer to rows, from 1, into the outcomes; `rows` says whose row is whose (draft, member)."""
    for row in answer.changed:
        outcomes[rows[row - 1][0]].changed = True
    of_whole: set[tuple[int, str, str]] = set()
    for one in answer.refused:
        place, member = rows[one.row - 1]
        name = _NAMES_OF_THE_WHOLE.get(one.field)
        if name is None:
            outcomes[place].refused.append((("members", member, one.field), one.error))
        elif (place, name, one.error.code) not in of_whole:  # it stands in the way of each of its members
            of_whole.add((place, name, one.error.code))
            outcomes[place].refused.append(((name,), one.error))
    for row, fact in answer.notices:
        outcomes[rows[row - 1][0]].warnings.append(fact)
