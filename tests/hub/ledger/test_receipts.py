"""Writes under an agency's own number, and the changes that were made: each stored once, with the record concerned."""

import pytest

from hub.foundation.database import Database, new_id
from hub.ledger.receipts import Change, changes_made, claim_changes
from hub.model.ledger import ReceiptOf
from tests.fixtures.served import Owner

pytestmark = pytest.mark.anyio
OFFICE = "civil_affairs@410105001"


async def test_the_receipt_of_a_change_names_the_record_and_its_household(
    database: Database, database_url: str
) -> None:
    household, record, offer = new_id(), new_id(), new_id()
    of_household, of_none = Change("endReferral", (household, record), 1), Change("endOffer", (offer,), 1)
    both = {of_household.digest, of_none.digest}
    async with database.write() as session:
        assert await claim_changes(session, OFFICE, [of_household, of_none]) == both
    async with database.write() as session:
        assert await claim_changes(session, OFFICE, [of_household]) == set(), "it was made before"
        assert await changes_made(session, OFFICE, both) == both
    query = "select household_id, record_id from write_receipt where kind = %s"
    assert set(Owner(database_url).rows(query, [ReceiptOf.CHANGE.value])) == {
        (household, record),
        (None, offer),
    }
