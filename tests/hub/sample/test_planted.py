"""Each planted case is found by a query of its own, and the query finds nothing else."""

import pytest
import sqlalchemy as sa

from hub.foundation.database import Database
from hub.sample import Planted, planted_codes

pytestmark = pytest.mark.anyio

CURRENT = "a.superseded_at is null and a.status <> 'REVOKED'"

FOUND_BY = {
    Planted.DUPLICATE_ACROSS_DISTRICTS: f"""
        select distinct h.code
        from aid_record a
        join person p on (p.household_id, p.id) = (a.household_id, a.person_id)
        join person q on q.id_number_index = p.id_number_index
        join aid_record b on (b.household_id, b.person_id) = (q.household_id, q.id)
        join household h on h.id = a.household_id
        where {CURRENT} and b.superseded_at is null and b.status <> 'REVOKED' and a.program = b.program
          and left(split_part(a.agency_id, '@', 2), 6) <> left(split_part(b.agency_id, '@', 2), 6)
          and a.period_from <= b.period_until and b.period_from <= a.period_until""",
    Planted.DECEASED_RECIPIENT: f"""
        select distinct h.code
        from circumstance c
        join aid_record a on (a.household_id, a.person_id) = (c.household_id, c.person_id)
        join household h on h.id = c.household_id
        where c.kind = 'DEATH' and {CURRENT} and coalesce(a.paid_on, a.period_until) > c.since""",
    Planted.STUDENT_WITHOUT_AID: f"""
        select distinct h.code
        from circumstance c
        join household h on h.id = c.household_id
        where c.kind = 'HARDSHIP_STUDENT' and c.until is null and not exists (
            select from aid_record a join education_detail d using (household_id, id, version)
            where (a.household_id, a.person_id) = (c.household_id, c.person_id) and {CURRENT}
              and d.school_year = (select max(school_year) from education_detail))""",
    Planted.SEVERE_DISABILITY_OUTSIDE: """
        select distinct h.code
        from person p
        join household h on h.id = p.household_id
        where p.disability_grade <= 2 and p.left_on is null and not exists (
            select from certification c
            where c.household_id = p.household_id and coalesce(c.person_id, p.id) = p.id and c.ended_on is null
              and c.category in ('SUBSISTENCE_ALLOWANCE', 'EXTREME_HARDSHIP'))""",
    Planted.PARTLY_COVERED: """
        select distinct h.code
        from certification c
        join household h on h.id = c.household_id
        join person p on p.household_id = c.household_id
        where c.person_id is not null and c.ended_on is null and p.left_on is null and not exists (
            select from certification d
            where d.household_id = p.household_id and coalesce(d.person_id, p.id) = p.id and d.ended_on is null)""",
    Planted.ZERO_EMPLOYMENT: """
        select h.code
        from person p
        join household h on h.id = p.household_id
        where p.left_on is null and p.labour <> 'NONE' and p.employment <> 'STUDYING'
          and date_part('year', age((select max(recorded_at) from aid_record), p.birth_date)) between 16 and :until
        group by h.code
        having bool_and(p.employment in ('UNEMPLOYED', 'NONE'))""",
    Planted.OVERDUE_REFERRAL: """
        select h.code
        from referral r
        join household h on h.id = r.household_id
        where r.status in ('SENT', 'ACCEPTED') and r.due_at < (select max(recorded_at) from aid_record)""",
    Planted.LATE_PAYMENT: f"""
        select h.code
        from aid_record a
        join household h on h.id = a.household_id
        where a.kind = 'BASIC_LIVING' and {CURRENT} and a.paid_on > a.period_from + 9""",
    Planted.PERSON_IN_TWO_HOUSEHOLDS: """
        select h.code
        from person p
        join household h on h.id = p.household_id
        where p.left_on is null and exists (
            select from person q
            where q.id_number_index = p.id_number_index and q.household_id <> p.household_id and q.left_on is null)""",
}


async def found(sample: Database, query: str) -> list[str]:
    async with sample.read() as connection:
        parameters = {"until": 59} if ":until" in query else {}
        return sorted(await connection.scalars(sa.text(query), parameters))


@pytest.mark.parametrize("case", FOUND_BY)
async def test_a_planted_case_is_found_and_nothing_else(sample: Database, case: Planted) -> None:
    assert await found(sample, FOUND_BY[case]) == sorted(planted_codes()[case])


@pytest.mark.parametrize("until", [54, 59, 64])
async def test_wherever_working_age_ends_the_same_household_has_nobody_at_work(
    sample: Database, until: int
) -> None:
    async with sample.read() as connection:
        codes = await connection.scalars(sa.text(FOUND_BY[Planted.ZERO_EMPLOYMENT]), {"until": until})
        assert tuple(codes) == planted_codes()[Planted.ZERO_EMPLOYMENT]


async def test_the_registered_unemployed_are_helped_except_in_the_planted_household(sample: Database) -> None:
    unhelped = """
        select distinct h.code
        from circumstance c
        join household h on h.id = c.household_id
        where c.kind = 'REGISTERED_UNEMPLOYED' and not exists (
            select from aid_record a
            where (a.household_id, a.person_id) = (c.household_id, c.person_id) and a.kind = 'EMPLOYMENT')"""
    assert tuple(await found(sample, unhelped)) == planted_codes()[Planted.ZERO_EMPLOYMENT]


@pytest.mark.parametrize("subtype", ["UNSTABLE", "MARGINAL", "SUDDEN_HARDSHIP"])
async def test_each_monitored_subtype_stands_at_its_planted_household(sample: Database, subtype: str) -> None:
    query = f"""
        select h.code from certification c join household h on h.id = c.household_id
        where c.subtype = '{subtype}' and c.ended_on is null"""
    assert set(planted_codes()[Planted(f"MONITORED_{subtype}")]) <= set(await found(sample, query))


async def test_everybody_struck_and_everybody_seriously_ill_was_helped(sample: Database) -> None:
    unhelped = """
        select h.code
        from circumstance c
        join household h on h.id = c.household_id
        left join person p on (p.household_id, p.id) = (c.household_id, c.person_id)
        where p.left_on is null and c.kind in ('DISASTER', 'SERIOUS_ILLNESS') and not exists (
            select from aid_record a
            where a.household_id = c.household_id and a.person_id is not distinct from c.person_id
              and a.kind = case c.kind when 'DISASTER' then 'DISASTER' else 'MEDICAL' end)"""
    assert await found(sample, unhelped) == []


async def test_allowances_were_paid_every_month_of_the_history(sample: Database) -> None:
    gaps = """
        select h.code
        from certification c
        join household h on h.id = c.household_id
        cross join (select distinct period_from from aid_record where kind = 'BASIC_LIVING') m
        where c.category in ('SUBSISTENCE_ALLOWANCE', 'EXTREME_HARDSHIP')
          and (c.ended_on is null or m.period_from < date_trunc('month', c.ended_on)) and not exists (
            select from aid_record a
            where a.household_id = c.household_id and a.person_id is not distinct from c.person_id
              and a.kind = 'BASIC_LIVING' and a.period_from = m.period_from)"""
    assert await found(sample, gaps) == []
