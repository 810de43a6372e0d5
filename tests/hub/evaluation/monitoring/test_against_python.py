"""The hub's SQL and a plain Python evaluation find the same facts, in the sample and in random data: precision and recall are
1.0 for every finding."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.rows import dict_row
from sqlalchemy.dialects import postgresql as pg

from hub.evaluation.monitoring.household_part import in_part
from hub.evaluation.monitoring.rules import CONDITIONS
from hub.foundation.calendar import today
from hub.model.alerts import Finding
from hub.overlaps.pairs import pairs_without_case
from tests.hub.evaluation.entitlements.drawn import write_families
from tests.hub.evaluation.entitlements.families import families
from tests.hub.evaluation.monitoring.oracle import Fact, facts

Connection = psycopg.Connection[tuple[object, ...]]
EVERYBODY = {"first": UUID(int=0), "last": UUID(int=2**128 - 1)}
MORE_FACTS = """
    update household set income_per_capita = abs(hashtext(id::text)) % 2400;
    update person set id_number_index = decode(md5((hashtext(id::text) % 60)::text), 'hex');
    update aid_record set paid_on = period_from + abs(hashtext(id::text || 'paid')) % 14
        where hashtext(id::text) % 3 <> 0;
    update basic_living_detail set form = 'EXTREME_HARDSHIP_SUPPORT' where hashtext(id::text) % 4 = 0;
    update basic_living_detail set month_supplement = null where hashtext(id::text) % 6 <> 0;
    update certification set valid_from = date '2020-01-01', valid_until = null, ended_on = null, ended_because = null
        where category = 'SUBSISTENCE_ALLOWANCE' and hashtext(id::text) % 3 <> 0;
    update certification set category = 'SUBSISTENCE_ALLOWANCE', subtype = null, support = null where hashtext(id::text) % 5 <> 0
        and not exists (select from certification o where o.household_id = certification.household_id
                        and o.id <> certification.id);
    update certification set certified_amount = 300 + abs(hashtext(id::text)) % 2 * 100
        where category in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE');
    update aid_record set status = 'PAID', amount = coalesce(amount, 300)
        where kind = 'BASIC_LIVING' and status <> 'REVOKED' and hashtext(id::text) % 4 <> 0;
    update housing_detail set form = case when hashtext(id::text) % 2 = 0 then 'PUBLIC_RENTAL' else 'RENT_SUBSIDY' end;
    update referral set due_at = date_trunc('day', due_at) + interval '16 hours' where hashtext(id::text) % 2 = 0;
"""
"""Facts that the random data for entitlements do not vary: incomes, one person in two households, payment days; and deadlines
at midnight in China."""


def found(connection: Connection, day: date) -> dict[str, set[Fact]]:
    """The findings of the hub's conditions for every household; for duplicates, the pairs that become cases."""
    facts_found: dict[str, set[Fact]] = {}
    conditions = {finding: condition.facts() for finding, condition in CONDITIONS.items()}
    pairs = pairs_without_case(in_part).subquery()
    conditions[Finding.DUPLICATE_AID] = sa.select(
        pairs.c.household_id, pairs.c.person_id, sa.cast(pairs.c.second_id, sa.Text)
    ).distinct()
    for finding, condition in conditions.items():
        compiled = condition.compile(dialect=pg.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
        whole = compiled.construct_expanded_state({**EVERYBODY, "day": day})
        rows = connection.execute(whole.statement.encode(), whole.parameters).fetchall()
        assert len(rows) == len(set(rows)), f"{finding} finds a fact twice"
        facts_found[finding.value] = {(row[0], row[1], row[2]) for row in rows}  # type: ignore[misc]
    return facts_found


def compare(connection: Connection, day: date) -> Counter[str]:
    """Fails if they differ; returns the number of facts of each finding."""
    with connection.cursor(row_factory=dict_row) as cursor:
        lines = cursor.execute("select * from poverty_line").fetchall()
    ours, plain = found(connection, day), facts(families(connection), lines, day)
    for finding in CONDITIONS:
        assert ours[finding.value] == plain.get(finding.value, set()), (finding, day)
    assert plain.keys() <= ours.keys()
    return Counter({finding: len(one) for finding, one in ours.items()})


@pytest.mark.parametrize("days_ago", [0, 12, 200])
def test_of_every_household_of_the_sample(sample_url: str, days_ago: int) -> None:
    with psycopg.connect(sample_url) as connection:
        assert compare(connection, today() - timedelta(days=days_ago)).total() > 5


@settings(
    max_examples=4,
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
        connection.execute(MORE_FACTS)
        compare(connection, day)
        connection.rollback()


def test_the_facts_drawn_reach_every_finding(database_url: str) -> None:
    seen: Counter[str] = Counter()
    for seed, day in enumerate((date(2026, 11, 24), date(2028, 2, 29), date(2026, 9, 1), date(2026, 1, 1))):
        with psycopg.connect(database_url) as connection:
            write_families(connection, seed, day, 150)
            connection.execute(MORE_FACTS)
            seen += compare(connection, day)
            connection.rollback()
    assert {finding for finding, count in seen.items() if count > 2} == {
        condition.value for condition in CONDITIONS
    }


def test_the_facts_drawn_reach_every_rule_by_which_pairs_become_cases(database_url: str) -> None:
    day = date(2026, 11, 24)
    with psycopg.connect(database_url) as connection:
        write_families(connection, 0, day, 150)
        connection.execute(MORE_FACTS)
        compiled = pairs_without_case(in_part).compile(dialect=pg.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
        whole = compiled.construct_expanded_state({**EVERYBODY, "day": day})
        rows = connection.execute(whole.statement.encode(), whole.parameters).fetchall()
        assert {row[-1] for row in rows} == {"ALLOWANCE_OR_SUPPORT", "RENTAL_OR_SUBSIDY", "NO_DUPLICATE"}
        connection.rollback()
