"""Writes certifications of many households at once: as the rows of a list state them, or as they were before an import (46-1,
46-4.3)."""

from collections.abc import Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from hub.certifications.changes import Certifying, Wish
from hub.certifications.rules import authority_refusal
from hub.commands.context import CommandContext
from hub.ledger.chain import append_events, lock_households


async def save_changes(context: CommandContext, certifying: Certifying) -> None:
    """Write the planned changes and their events."""
    await certifying.write(context.session)
    await append_events(context.session, context.author, certifying.events)


async def certify_listed(context: CommandContext, wishes: Sequence[Wish]) -> Certifying:
    """Certify, correct or end as the rows of a list state. The result reports the changed rows, and the changes that were
    impossible, by row."""
    households = {wish.subject[0] for wish in wishes}
    await lock_households(context.session, households)
    certifying = Certifying(context.grant)
    await certifying.read(context.session, list(households))
    for wish in wishes:
        certifying.wish(wish)
    await save_changes(context, certifying)
    return certifying


async def restore_certifications(
    context: CommandContext,
    households: Sequence[UUID],
    begun: Set[UUID],
    before: Mapping[UUID, Mapping[str, Any]],
    reason: str,
) -> None:
    """Restore the certifications of an import. First those in `begun` end on their first day, as mistakes; then the changed
    ones get their values in `before` back. The caller has locked the households. Raises the refusal if the caller is not the
    authority of a category."""
    touched = before.keys() | begun
    for withdrawing in (True, False):
        certifying = Certifying(context.grant)
        await certifying.read(context.session, households)
        for certification in certifying.every():
            if certification["id"] not in touched:
                continue
            if error := authority_refusal(context.grant, certification["category"]):
                raise error
            was_begun = certification["id"] in begun
            if withdrawing and was_begun:
                certifying.withdraw(certification, reason)
            elif not withdrawing and not was_begun:
                certifying.restore(certification, before[certification["id"]])
        await save_changes(context, certifying)
