"""Ends the memberships of people who move out of a household (46-2.2).

`left_on` is the first day on which the person is no member. The household and its other members stay. A person who comes back
is the same person (`planning.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from hub.commands.context import CommandContext
from hub.foundation.database import now, table_of, update_rows
from hub.households.planning import CLAUSE
from hub.ledger.before import Stood, columns_of, save_before
from hub.ledger.chain import EventDraft
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.model.persons import PersonRow
from hub.policy.permissions import write_scopes

_household, _person = table_of(HouseholdRow), table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A person who leaves a household; `person` is the row of the table."""

    person: Mapping[str, Any]
    on: date


async def leave_households(context: CommandContext, leaving: Sequence[Leaving]) -> None:
    """End memberships, in the caller's transaction. The caller holds the registration lock, found the persons in its
    jurisdiction, and made sure that no household with other members loses its head. Raises ForbiddenWrite."""
    if not leaving:
        return
    context.need(*write_scopes.REGISTERING)
    at, agency = now(), context.grant.agency
    rows = [
        {
            "household_id": membership.person["household_id"],
            "id": membership.person["id"],
            "left_on": membership.on,
            "source_agency": agency,
            "version": membership.person["version"] + 1,
            "updated_at": at,
        }
        for membership in leaving
    ]
    before: Stood = {
        ("person", membership.person["id"]): (
            membership.person["household_id"],
            columns_of("person", membership.person),
        )
        for membership in leaving
    }
    await save_before(context.session, context.grant.client, before)
    await update_rows(context.session, _person, ("household_id", "id"), rows)
    await context.session.execute(
        sa.update(_household)
        .where(_household.c.id.in_({row["household_id"] for row in rows}))
        .values(version=_household.c.version + 1, source_agency=agency, updated_at=at)
    )
    await context.append_events(*(_event(membership) for membership in leaving))


def _event(membership: Leaving) -> EventDraft:
    household_id, id = membership.person["household_id"], membership.person["id"]
    body = {"changed": ["left"], "leftOn": membership.on.isoformat()}
    return EventDraft(household_id, EventType.HOUSEHOLD_UPDATED, body, id, id, CLAUSE)
