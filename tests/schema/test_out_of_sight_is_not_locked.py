"""A writer does not wait for rows that it cannot see. No lock reveals to it that something exists, and it can delay nobody
there."""

import psycopg
import pytest

from tests.schema.desk import Desk, errors_in
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.test_sent_again import from_elsewhere

OF_NO_HOUSEHOLD = {
    "offerCharity",
    "withdrawOffer",
    "recordCountyOption",
    "endCountyOption",
    "publishDisclosure",
    "withdrawDisclosure",
}
BY_CODE = {"upsertHouseholds"}
"""The key of a household is its code, which its own township chose."""


@pytest.mark.parametrize(
    "place",
    [place for place, (name, _, _) in enumerate(KEPT) if name not in OF_NO_HOUSEHOLD | BY_CODE],
    ids=lambda place: f"{KEPT[place][0]}-{place}",
)
def test_a_write_about_what_is_out_of_sight_is_refused_while_somebody_holds_the_household(
    desk: Desk, place: int
) -> None:
    mutation, agency, make = KEPT[place]
    given = make(desk)
    if "temporary" in str(given) or mutation == "recordUrgentAid":
        pytest.skip("urgent aid finds whoever is in trouble, wherever registered (46-3.3)")
    with psycopg.connect(desk.served.database_url) as holder:
        holder.execute("select id from household for update")
        codes = {error["code"] for error in errors_in(from_elsewhere(desk, agency, mutation, given))}
    assert codes == {"NOT_FOUND"}
