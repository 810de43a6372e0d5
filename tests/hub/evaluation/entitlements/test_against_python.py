"""The hub's SQL and a plain Python evaluation of 46-3 agree, for the sample and for random facts."""

from collections import Counter
from datetime import date, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.foundation.calendar import today
from tests.hub.evaluation.entitlements.drawn import write_families
from tests.hub.evaluation.entitlements.families import families, told
from tests.hub.evaluation.entitlements.oracle import ANSWERED, Evaluation


def compare(connection: psycopg.Connection[tuple[object, ...]], day: date) -> Counter[tuple[str, str]]:
    """Fails if they differ; returns how often each rule had each status."""
    claims = told(connection, day)
    seen: Counter[tuple[str, str]] = Counter()
    for family in families(connection):
        ours = sorted(claims.get(family.household["id"], []), key=str)
        assert ours == sorted(Evaluation(family, day).claims(), key=str), (family.household["code"], day)
        seen.update((rule, status) for rule, _, status in ours)
    return seen


@pytest.mark.parametrize("days_ago", [0, 1, 20, 95, 300])
def test_of_every_household_of_the_sample(sample_url: str, days_ago: int) -> None:
    with psycopg.connect(sample_url) as connection:
        seen = compare(connection, today() - timedelta(days=days_ago))
    if days_ago == 0:
        never = set(ANSWERED) - {rule for rule, _ in seen}
        assert never <= {
            "SUBSISTENCE_ALLOWANCE_OF_MEMBER",
            "DISASTER_AID",
            "FUNERAL_FEES",
            "CHILD_REHABILITATION",
            "EDUCATION_AID_OF_LISTED",
        }
        assert {status for _, status in seen} >= {"RECEIVED", "REFERRED", "MISSING"}


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
    ],
)
@given(seed=st.integers(0, 2**32), day=st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_of_any_facts(database_url: str, seed: int, day: date) -> None:
    """Forty households at a time, with every fact as likely as not, and with days near the evaluated day."""
    with psycopg.connect(database_url) as connection:
        write_families(connection, seed, day, 40)
        compare(connection, day)
        connection.rollback()


def test_the_facts_drawn_reach_every_rule_and_every_status(database_url: str) -> None:
    seen: Counter[tuple[str, str]] = Counter()
    for seed, day in enumerate((date(2026, 11, 24), date(2028, 2, 29), date(2026, 12, 20), date(2026, 9, 1))):
        with psycopg.connect(database_url) as connection:
            write_families(connection, seed, day, 150)
            seen += compare(connection, day)
            connection.rollback()
    assert {rule for rule, _ in seen} == set(ANSWERED)
    for status in ("RECEIVED", "APPROVED", "REFERRED", "MISSING", "DUPLICATED"):
        assert len({rule for rule, one in seen if one == status}) > 10, status
