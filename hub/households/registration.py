"""Every write of households goes through `register(context, rules, drafts)` (46-2.2).

A draft holds the values of one household (`drafts.py`); requests and files use the same drafts. A batch of drafts is one
transaction, in the order of steps of every write:

1. authorise: check the scope;
2. shape: convert each value (`values.py`) and check each household by itself (`checking.py`);
3. subject: read and lock the registered households (`import_lock.py`, `registered.py`). A household is found by its code and
   compared with the registered one, so its receipts are looked up only now (`receipts.py`);
4. state: refuse what the registered data does not allow (`admission.py`);
5. write rows, certifications, events and receipts (`planning.py`, `coverage.py`).

The `Answer` reports refused rows one by one; the other rows are written.
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
from hub.households.answer import Answer
from hub.households.checking import Checking
from hub.households.coverage import certify_household
from hub.households.drafts import HouseholdDraft, digest_of
from hub.households.import_lock import one_at_a_time
from hub.households.planning import Planned
from hub.households.receipts import repeated_of
from hub.households.registered import read_registered
from hub.households.values import forms
from hub.ledger.chain import Author, append_events
from hub.model.changes import keep_changes
from hub.model.installation import InstallationRow
from hub.policy.permissions import write_scopes
from hub.regions.places import Places

_installation = table_of(InstallationRow)


@dataclass(frozen=True)
class RegistrationRules:
    """What a registration is checked against: the regions that the caller may write to, and whether the database is a
    sample. Only a sample accepts identity numbers of region 410199."""

    places: Places
    sample: bool

    @classmethod
    async def load(cls, connection: AsyncConnection, grant: Grant) -> "RegistrationRules":
        """Read the rules once, for any number of batches."""
        sample = await connection.scalar(sa.select(_installation.c.sample))
        return cls(await Places.load(connection, grant), bool(sample))


async def register(
    context: CommandContext, rules: RegistrationRules, drafts: Sequence[HouseholdDraft]
) -> Answer:
    """Register new households and update changed ones in the caller's transaction. The answer lists refused rows. Raises
    ForbiddenWrite."""
    context.need(write_scopes.HOUSEHOLD)
    answer = Answer()
    checking = Checking(context.grant, forms(rules.places, rules.sample), answer)
    households = [checking.check(draft, digest_of(draft, context.secrecy)) for draft in drafts]
    session = context.session
    await one_at_a_time(session)
    indexes = {
        member.row: context.secrecy.blind_index(member.values["idNumber"].number)
        for household in households
        for member in household.members
    }
    codes = [household.code for household in households]
    registered = await read_registered(session, context.grant, codes, set(indexes.values()))
    admission = Admission(registered, indexes, rules.places, answer)
    certifying = Certifying(context.grant)
    await certifying.read(session, [one["id"] for one in registered.households.values()])
    planned = Planned(context, rules.places, registered, indexes, answer)
    repeats = await repeated_of(session, context.grant.agency, households, registered)
    for household in households:
        saved = repeats.get(household.content_digest, frozenset())
        admission.admit(household, saved)
        if household.members and not saved:
            id, persons, unlisted = planned.plan(household)
            certify_household(certifying, household, id, persons, unlisted)
    await planned.write()
    await certifying.write(session)
    author = Author(context.grant.agency, context.grant.client)
    events = await append_events(session, author, planned.events + certifying.events)
    await keep_changes(
        session,
        (
            (events[place]["household_id"], events[place]["number"], *change)
            for place, changes in planned.changes.items()
            for change in changes
        ),
    )
    answer.notices += [*certifying.notices, *unlikely_rows(households, answer.changed)]
    answer.changed |= certifying.changed_rows
    return answer
