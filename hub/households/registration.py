"""The one entry point of every write of households: `register(context, ground, drafts)` (46-2.2).

A draft is what somebody says of a household, in Python's own values (`drafts.py`); a request and a file say the same. A batch of
them is one transaction, in the order of steps of every write:

1. authorise: the scope;
2. shape: each value in its form (`values.py`), a household in itself (`checking.py`);
3. subject: what stands, read and locked under the one lock of registering (`import_lock.py`, `standing.py`). A household goes by
   its code and is compared with what stands, so that its receipts can be looked for only here (`receipts.py`);
4. state: what cannot be written as things stand (`admission.py`);
5. rows, certifications and events (`planning.py`, `coverage.py`), with the receipts.

What is refused is told by row in the `Answer`, and holds up nothing else.
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
from hub.households.standing import read_standing
from hub.households.values import forms
from hub.ledger.chain import Author, append_events
from hub.model.changes import keep_changes
from hub.model.installation import InstallationRow
from hub.policy.permissions import write_scopes
from hub.regions.places import Places

_installation = table_of(InstallationRow)


@dataclass(frozen=True)
class Ground:
    """On which households are registered: the regions as the caller may write to them, and whether the database is a sample,
    which alone accepts identity numbers of region 410199."""

    places: Places
    sample: bool

    @classmethod
    async def load(cls, connection: AsyncConnection, grant: Grant) -> "Ground":
        """Read it once for any number of batches."""
        sample = await connection.scalar(sa.select(_installation.c.sample))
        return cls(await Places.load(connection, grant), bool(sample))


async def register(context: CommandContext, ground: Ground, drafts: Sequence[HouseholdDraft]) -> Answer:
    """Register what is new and update what differs, in the caller's transaction; what cannot be written is refused in the
    answer, row by row. Raises ForbiddenWrite."""
    context.need(*write_scopes.REGISTERING)
    answer = Answer()
    checking = Checking(context.grant, forms(ground.places, ground.sample), answer)
    households = [checking.check(draft, digest_of(draft, context.secrecy)) for draft in drafts]
    session = context.session
    await one_at_a_time(session)
    indexes = {
        member.row: context.secrecy.blind_index(member.values["idNumber"].number)
        for household in households
        for member in household.members
    }
    codes = [household.code for household in households]
    standing = await read_standing(session, context.grant, codes, set(indexes.values()))
    admission = Admission(standing, indexes, ground.places, answer)
    certifying = Certifying(context.grant)
    await certifying.read(session, [one["id"] for one in standing.households.values()])
    planned = Planned(context, ground.places, standing, indexes, answer)
    repeats = await repeated_of(session, context.grant.agency, households, standing)
    for household in households:
        kept = repeats.get(household.said, frozenset())
        admission.admit(household, kept)
        if household.members and not kept:
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
