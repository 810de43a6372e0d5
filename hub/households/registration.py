"""Every write of households goes through `register(context, rules, drafts)` (46-2.2).

A draft holds the values of one household (`drafts.py`); requests and files use the same drafts. A batch of drafts is one
transaction, in the order of steps of every write:

1. authorise: the scope, and the scope of each value in the draft (`written_fields.py`);
2. shape: the form of each value (`values.py`) and the household without the database (`checking.py`); a household without a
   valid member is not looked up;
3. subject: the existing rows, read and locked under the registration lock (`import_lock.py`, `registered.py`). A household is
   found by its code and compared with its rows, so its receipts can be looked up only here (`receipts.py`);
4. state: the rows that cannot be written now (`names.py`, `admission.py`, `succession.py`);
5. rows, certifications and events (`planning.py`, `coverage.py`), with the receipts.

The `HouseholdsAnswer` reports refused rows one by one; the other rows are written.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grant import Grant
from hub.certifications.changes import Certifying
from hub.commands.context import CommandContext
from hub.foundation.database import table_of
from hub.households.admission import Admission
from hub.households.ages import unlikely_rows
from hub.households.answer import HouseholdsAnswer
from hub.households.checking import Checking
from hub.households.coverage import certify_household
from hub.households.drafts import HouseholdDraft, digest_of
from hub.households.import_lock import one_at_a_time
from hub.households.leaving import Leaving, leave_households
from hub.households.names import refuse_moved, renamed_rows
from hub.households.planning import Planned
from hub.households.receipts import repeated_of
from hub.households.registered import Registered, read_registered
from hub.households.succession import read_dead_heads, succession
from hub.households.values import forms
from hub.ledger.chain import Author, append_events
from hub.model.changes import insert_changes
from hub.model.installation import InstallationRow
from hub.persons.subjects import Subject
from hub.policy.permissions import write_scopes
from hub.regions.places import Places

_installation = table_of(InstallationRow)


@dataclass(frozen=True)
class RegistrationRules:
    """The rules of a registration: the regions that the caller may write to, and whether the database is a sample. Only a
    sample accepts identity numbers of region 410199."""

    places: Places
    sample: bool

    @classmethod
    async def load(cls, connection: AsyncConnection, grant: Grant) -> "RegistrationRules":
        """Read the rules once, for any number of batches."""
        sample = await connection.scalar(sa.select(_installation.c.sample))
        return cls(await Places.load(connection, grant), bool(sample))


def _note_named(
    context: CommandContext,
    drafts: Sequence[HouseholdDraft],
    answer: HouseholdsAnswer,
    registered: Registered,
) -> None:
    """Note, for the access record, the visible households that drafts name and the members that refused rows name."""
    refused = {refusal.row for refusal in answer.refused}
    for draft in drafts:
        existing = registered.households.get(draft.code)
        if existing is not None:
            context.named.households.add(existing["id"])
            for index, member in registered.members[existing["id"]].items():
                context.named.member(index, existing["id"], member["id"], in_sight=True)
        for member_draft in draft.members:
            if member_draft.row in refused and member_draft.id_number is not None:
                number = member_draft.id_number
                context.note(Subject(id_number=number if isinstance(number, str) else number.number))


async def register(
    context: CommandContext, rules: RegistrationRules, drafts: Sequence[HouseholdDraft]
) -> HouseholdsAnswer:
    """Register new households and update changed ones, in the caller's transaction. Rows that cannot be written are refused
    in the answer. Raises ForbiddenWrite."""
    context.need(*write_scopes.REGISTERING)
    answer = HouseholdsAnswer()
    checking = Checking(context.grant, forms(rules.places, rules.sample), answer)
    checked = [checking.check(draft, digest_of(draft, context.secrecy)) for draft in drafts]
    for draft, household in zip(drafts, checked, strict=True):
        household.leaving = {
            context.secrecy.blind_index(number): name for number, name in draft.leaving.items()
        }
    households = [household for household in checked if household.members]
    session = context.session
    await one_at_a_time(session)
    indexes = {
        member.row: context.secrecy.blind_index(member.values["idNumber"].number)
        for household in households
        for member in household.identified
    }
    codes = [household.code for household in households]
    registered = await read_registered(session, context.grant, codes, set(indexes.values()))
    await read_dead_heads(session, context.grant, households, registered, indexes)
    admission = Admission(registered, indexes, rules.places, answer, context.previewed)
    certifying = Certifying(context.grant)
    await certifying.read(session, [household["id"] for household in registered.households.values()])
    planned = Planned(context, rules.places, registered, indexes, answer)
    repeats = await repeated_of(session, context.grant.agency, households, registered)
    leaving: list[Leaving] = []
    renamed = refuse_moved(households, repeats.keys(), registered, indexes, answer)
    for household in households:
        saved = repeats.get(household.content_digest, frozenset())
        admission.admit(household, saved)
        if household.members and not saved:
            id, persons, unlisted = planned.plan(household)
            if (followed := succession(household, registered, indexes)) is not None:
                leaving.append(followed)
                unlisted.remove(followed.person["id"])
            certify_household(certifying, household, id, persons, unlisted)
            answer.incomplete += bool(household.refused)
    await planned.write()
    await certifying.write(session)
    author = Author(context.grant.agency, context.grant.client)
    events = await append_events(session, author, planned.events + certifying.events)
    await insert_changes(
        session,
        (
            (events[place]["household_id"], events[place]["number"], *change)
            for place, changes in planned.changes.items()
            for change in changes
        ),
    )
    await leave_households(context, leaving)
    await context.renew_sight(*planned.moved, moved=True)
    _note_named(context, drafts, answer, registered)
    answer.notices += [
        *certifying.notices,
        *unlikely_rows(households, answer.changed),
        *renamed_rows(renamed, answer.changed),
    ]
    answer.changed |= certifying.changed_rows
    return answer
