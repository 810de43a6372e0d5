"""Cases by hand. 46-3.1, 每月: the supplement of a month depends on the age at the beginning of the month. 46-3.4 depends on
the age on the day; 老年人 are 60 and over (老年人权益保障法第二条)."""

from datetime import date

import psycopg
import pytest

from tests.hub.evaluation.entitlements.families import told
from tests.hub.evaluation.monitoring.homes import Home

DAY = date(2026, 11, 24)
"""On this day the payment of November is due."""


@pytest.mark.parametrize(
    ("born", "on", "expected"),
    [
        (date(1956, 11, 1), DAY, {"MONTHLY_SUPPLEMENT", "CARE_OF_ELDERLY"}),
        (date(1956, 11, 2), DAY, {"CARE_OF_ELDERLY"}),
        (date(1956, 11, 24), DAY, {"CARE_OF_ELDERLY"}),
        (date(1956, 11, 25), DAY, {"CARE_OF_ELDERLY"}),
        (date(1966, 11, 24), DAY, {"CARE_OF_ELDERLY"}),
        (date(1966, 11, 25), DAY, set()),
        (date(1956, 11, 1), date(2026, 12, 10), {"MONTHLY_SUPPLEMENT", "CARE_OF_ELDERLY"}),
        (date(1956, 11, 2), date(2026, 12, 10), {"CARE_OF_ELDERLY"}),
        (date(1956, 11, 2), date(2026, 12, 11), {"MONTHLY_SUPPLEMENT", "CARE_OF_ELDERLY"}),
        (date(2008, 11, 1), DAY, set()),
        (date(2008, 11, 2), DAY, {"MONTHLY_SUPPLEMENT"}),
        (date(2008, 11, 24), DAY, {"MONTHLY_SUPPLEMENT"}),
        (date(2008, 11, 25), DAY, {"MONTHLY_SUPPLEMENT", "CARE_OF_MINORS"}),
    ],
)
def test_who_is_70_or_a_minor_when_the_month_begins_has_the_supplement_of_the_month(
    database_url: str, born: date, on: date, expected: set[str]
) -> None:
    with psycopg.connect(database_url) as connection:
        home = Home(connection).certified("SUBSISTENCE_ALLOWANCE").is_(birth_date=born)
        rules = {rule for rule, _, _ in told(connection, on, [home.id])[home.id]}
        connection.rollback()
    assert rules & {"MONTHLY_SUPPLEMENT", "CARE_OF_ELDERLY", "CARE_OF_MINORS"} == expected
