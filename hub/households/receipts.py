"""The receipts of requests that name a version of a household: of the whole, or of each saved member."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from hub.households.checking import CheckedHousehold
from hub.households.registered import Registered
from hub.ledger.receipts import Change, changes_made, claim_changes


def change_from(household: CheckedHousehold, id: UUID, *places: int) -> Change | None:
    """A draft, or its members at these places, as a change of the version that it names; None if it names none."""
    if household.content_digest is None or household.expected_version is None:
        return None
    return Change("upsertHouseholds", (id,), household.expected_version, [household.content_digest, *places])


async def repeated_of(
    session: AsyncSession, agency: str, households: Sequence[CheckedHousehold], registered: Registered
) -> Mapping[str | None, Collection[int]]:
    """The repeated drafts among those with an old version, by content digest, with the places of the members that were
    saved then."""
    contents: dict[bytes, tuple[str | None, range]] = {}
    for household in households:
        existing = registered.households.get(household.code)
        if existing is None or household.expected_version == existing["version"]:
            continue
        all_rows = range(len(household.members) + len(household.refused))
        for saved, named in ((all_rows, ()), *((range(place, place + 1), (place,)) for place in all_rows)):
            if change := change_from(household, existing["id"], *named):
                contents[change.digest] = household.content_digest, saved
    repeats: dict[str | None, set[int]] = {}
    for digest in await changes_made(session, agency, contents):
        content_digest, saved = contents[digest]
        repeats.setdefault(content_digest, set()).update(saved)
    return repeats


async def save_receipts(
    session: AsyncSession, agency: str, written: Sequence[tuple[CheckedHousehold, UUID]]
) -> None:
    """Save a receipt of each whole household, even if nothing changed. If some members were refused, save one receipt for
    each saved member."""
    made: list[Change] = []
    for household, id in written:
        saved = [(household.place(member),) for member in household.members] if household.refused else [()]
        made += filter(None, (change_from(household, id, *places) for places in saved))
    await claim_changes(session, agency, made)
