"""`upsertHouseholds`: registers households and their members by request, with one outcome for each household (46-2.2).

Drafts are compared with the registered households; a repeated draft writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from hub.commands.context import CommandContext
from hub.commands.warnings import Warned
from hub.foundation.errors import HubError
from hub.households.answer import HouseholdsAnswer
from hub.households.checking import MOST_MEMBERS
from hub.households.columns import OF_HOUSEHOLD
from hub.households.drafts import HouseholdDraft
from hub.households.refusals import TooManyHouseholds, TooManyMembers, ValueMissing
from hub.households.registered import ids_by_code
from hub.households.registration import RegistrationRules, register
from hub.households.values import code
from hub.policy.permissions import write_scopes

MOST_HOUSEHOLDS = 500

_NAMES_OF_THE_WHOLE = {name: name for name in (*OF_HOUSEHOLD, "head", "expectedVersion")} | {
    "householdCode": "code"
}
"""The input names of values that belong to the household as a whole."""


@dataclass(slots=True)
class HouseholdOutcome:
    """The outcome of one draft: the key of the household if it is registered, and the refusals, each with its path in the
    draft (`code`, or `members`, 3, `idNumber`)."""

    key: tuple[UUID] | None = None
    changed: bool = False
    refused: list[tuple[tuple[str | int, ...], HubError]] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)


async def upsert_households(
    context: CommandContext, drafts: Sequence[HouseholdDraft]
) -> list[HouseholdOutcome]:
    """Register new households and update changed ones, in the caller's transaction; returns one outcome for each draft, in
    order.

    Raises ForbiddenWrite, TooManyHouseholds; every other refusal is part of an outcome.
    """
    context.need(*write_scopes.REGISTERING)
    if len(drafts) > MOST_HOUSEHOLDS:
        raise TooManyHouseholds(path=("households",), most=MOST_HOUSEHOLDS)
    rules = await RegistrationRules.load(await context.session.connection(), context.grant)
    outcomes = [HouseholdOutcome() for _ in drafts]
    rows: list[tuple[int, int]] = []
    right: dict[int, HouseholdDraft] = {}
    for place, draft in enumerate(drafts):
        if fault := _fault(draft):
            name, error = fault
            outcomes[place].refused.append(((name,), error))
            continue
        members = [replace(member, row=row) for row, member in enumerate(draft.members, len(rows) + 1)]
        rows += [(place, at) for at in range(len(members))]
        right[place] = replace(draft, code=code(draft.code) or "", members=members)
    answer = await register(context, rules, list(right.values()))
    _report_outcomes(answer, outcomes, rows)
    refused = {refusal.row for refusal in answer.refused}
    landed = {place for row, (place, _) in enumerate(rows, 1) if row not in refused}
    ids = await ids_by_code(context.session, context.grant, [right[place].code for place in landed])
    for place in landed:
        id = ids.get(right[place].code)
        outcomes[place].key = None if id is None else (id,)
    return outcomes


def _fault(draft: HouseholdDraft) -> tuple[str, HubError] | None:
    """The error of a draft that is not processed, and its field: no code, or an invalid number of members."""
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


def _report_outcomes(
    answer: HouseholdsAnswer, outcomes: Sequence[HouseholdOutcome], rows: Sequence[tuple[int, int]]
) -> None:
    """Add the results of rows, from 1, to the outcomes; `rows` holds (draft, member) of each row."""
    for row in answer.changed:
        outcomes[rows[row - 1][0]].changed = True
    of_whole: set[tuple[int, str, str]] = set()
    for refusal in answer.refused:
        place, member = rows[refusal.row - 1]
        name = _NAMES_OF_THE_WHOLE.get(refusal.field)
        if name is None:
            outcomes[place].refused.append((("members", member, refusal.field), refusal.error))
        elif (place, name, refusal.error.code) not in of_whole:  # the error comes once for each member
            of_whole.add((place, name, refusal.error.code))
            outcomes[place].refused.append(((name,), refusal.error))
    for row, fact in answer.notices:
        outcomes[rows[row - 1][0]].warnings.append(fact)
