"""Monitoring of the sample: what was planted is found, and nothing else (46-2.2, 46-2.3)."""

import pytest

from hub.model.alerts import Finding
from hub.sample.planted import Planted, planted_codes
from tests.hub.evaluation.monitoring.conftest import Population
from tests.policy import FACTS_OF_FINDINGS

pytestmark = pytest.mark.anyio

PLANTED: dict[Finding, Planted] = {
    Finding.STUDENT_WITHOUT_AID: Planted.STUDENT_WITHOUT_AID,
    Finding.UNEMPLOYED_WITHOUT_AID: Planted.ZERO_EMPLOYMENT,
    Finding.ZERO_EMPLOYMENT: Planted.ZERO_EMPLOYMENT,
    Finding.SEVERE_DISABILITY_OUTSIDE: Planted.SEVERE_DISABILITY_OUTSIDE,
    Finding.WITHOUT_LABOUR: Planted.SEVERE_DISABILITY_OUTSIDE,
    Finding.DECEASED_RECIPIENT: Planted.DECEASED_RECIPIENT,
    Finding.PARTLY_COVERED: Planted.PARTLY_COVERED,
    Finding.ALLOWANCE_LATE: Planted.LATE_PAYMENT,
    Finding.DECEASED_CERTIFIED: Planted.DECEASED_RECIPIENT,
    Finding.HOUSEHOLD_WITHOUT_MEMBERS: Planted.DECEASED_RECIPIENT,
    Finding.FUNERAL_FEES_MISSING: Planted.DECEASED_RECIPIENT,
    Finding.DUPLICATE_AID: Planted.DUPLICATE_ACROSS_DISTRICTS,
    Finding.PERSON_IN_TWO_HOUSEHOLDS: Planted.PERSON_IN_TWO_HOUSEHOLDS,
    Finding.REFERRAL_OVERDUE: Planted.OVERDUE_REFERRAL,
}
"""The household with a severely disabled spouse outside consists of two old people, so nobody in it is able to work either."""


async def test_every_planted_case_is_found_and_nothing_else_is(population: Population) -> None:
    results = await population.monitor()
    found = await population.alerts()
    assert {finding.value: list(planted_codes()[case]) for finding, case in PLANTED.items()} == {
        finding: sorted(set(codes)) for finding, codes in found.items()
    }
    assert set(results) == FACTS_OF_FINDINGS.keys()
    assert {finding: result.raised for finding, result in results.items() if result.raised} == {
        Finding.MONTHLY_SHARE_LATE: 1,
        **{Finding(finding): len(codes) for finding, codes in found.items()},
    }


async def test_the_same_run_again_raises_and_closes_nothing(population: Population) -> None:
    first = await population.monitor()
    events = "select count(*) from chain_event"
    before = await population.number(events)
    again = await population.monitor()
    assert [(result.raised, result.closed) for result in again.values()] == [(0, 0)] * len(FACTS_OF_FINDINGS)
    assert {finding: result.found for finding, result in again.items()} == {
        finding: result.found for finding, result in first.items()
    }
    assert await population.number(events) == before


FACTS: dict[Finding, tuple[str, str]] = {
    Finding.ILLNESS_OUTSIDE: (
        # the disability federation's certificate of the outside couple is replaced by a serious illness that the health
        # commission reports
        "insert into circumstance (household_id, id, person_id, kind, source_registry, since, agency_id, recorded_at)"
        " select p.household_id, md5(p.id || 'ill')::uuid, p.id, 'SERIOUS_ILLNESS', 'health', date '2026-01-05',"
        " 'health@4101', now() from person p join household h on h.id = p.household_id where h.code = %s"
        " and p.relation = 'HEAD'",
        "delete from circumstance where kind = 'SERIOUS_ILLNESS' and household_id = (select id from household where code = %s)",
    ),
    Finding.INCOME_ABOVE_LINE: (
        "update household set income_per_capita = 9000 where code = %s",
        "update household set income_per_capita = 100 where code = %s",
    ),
    Finding.SUPPLEMENT_MISSING: (
        "update basic_living_detail set month_supplement = null where month_supplement > 0 and household_id ="
        " (select id from household where code = %s)",
        "update basic_living_detail set month_supplement = 900 where household_id = (select id from household where code = %s)",
    ),
    Finding.AMOUNT_DIFFERS: (
        "update certification set certified_amount = 1 where category = 'EXTREME_HARDSHIP' and household_id ="
        " (select id from household where code = %s)",
        "update certification set certified_amount = null where certified_amount = 1 and household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.ALLOWANCE_MISSING: (
        "update basic_living_detail set form = 'SUBSISTENCE_ALLOWANCE' where household_id ="
        " (select id from household where code = %s)",
        "update basic_living_detail set form = 'EXTREME_HARDSHIP_SUPPORT' where household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.AID_WITHOUT_TITLE: (
        "update basic_living_detail set form = 'SUBSISTENCE_ALLOWANCE' where household_id ="
        " (select id from household where code = %s)",
        "update basic_living_detail set form = 'EXTREME_HARDSHIP_SUPPORT' where household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.HEATING_MISSING: (
        "update other_detail set form = 'GAS' where form = 'HEATING' and household_id ="
        " (select id from household where code = %s)",
        "update other_detail set form = 'HEATING' where form = 'GAS' and household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.DISABILITY_ALLOWANCE_MISSING: (
        "update other_detail set form = 'GAS' where form = 'DISABILITY_LIVING' and household_id ="
        " (select id from household where code = %s)",
        "update other_detail set form = 'DISABILITY_LIVING' where form = 'GAS' and household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.PREMIUM_MISSING: (
        "update medical_detail set form = 'EMERGENCY_FUND' where form = 'PREMIUM_SUBSIDY' and household_id ="
        " (select id from household where code = %s)",
        "update medical_detail set form = 'PREMIUM_SUBSIDY' where form = 'EMERGENCY_FUND' and household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.MEDICAL_AID_MISSING: (
        "update medical_detail set form = 'EMERGENCY_FUND' where form = 'COST_AID' and household_id ="
        " (select id from household where code = %s)",
        "update medical_detail set form = 'COST_AID' where form = 'EMERGENCY_FUND' and household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.DISASTER_AID_MISSING: (
        "update aid_record set period_from = period_from - 2000, period_until = period_until - 2000 where kind = 'DISASTER'"
        " and household_id = (select id from household where code = %s)",
        "update aid_record set period_from = period_from + 2000, period_until = period_until + 2000 where kind = 'DISASTER'"
        " and household_id = (select id from household where code = %s)",
    ),
    Finding.PAPERS_OVERDUE: (
        "update temporary_detail set papers_due_on = current_date - 3000, papers_supplied_on = null where household_id ="
        " (select id from household where code = %s)",
        "update temporary_detail set papers_supplied_on = papers_due_on where household_id ="
        " (select id from household where code = %s)",
    ),
    Finding.INCOME_BELOW_LINE: (
        "update household set income_per_capita = 1 where code = %s",
        "update household set income_per_capita = 90000 where code = %s",
    ),
    Finding.BETTER_CATEGORY: (
        "update household set income_per_capita = 1 where code = %s",
        "update household set income_per_capita = 90000 where code = %s",
    ),
    Finding.PREMIUM_NOT_IN_FULL: (
        "update medical_detail set premium_in_full = false where premium_in_full and household_id ="
        " (select id from household where code = %s)",
        "update medical_detail set premium_in_full = true where form = 'PREMIUM_SUBSIDY' and household_id ="
        " (select id from household where code = %s)",
    ),
}
"""Findings that the sample does not contain: how the fact begins, and how it ends."""

WHOSE: dict[Finding, str] = {
    Finding.ILLNESS_OUTSIDE: "select h.code from household h where not exists (select from certification c"
    " where c.household_id = h.id) order by h.code limit 1",
    Finding.INCOME_ABOVE_LINE: "select h.code from household h join certification c on c.household_id = h.id"
    " where c.person_id is null and c.category = 'SUBSISTENCE_MARGIN' and c.ended_on is null order by h.code limit 1",
    **dict.fromkeys(
        (Finding.AMOUNT_DIFFERS, Finding.ALLOWANCE_MISSING, Finding.AID_WITHOUT_TITLE),
        "select h.code from household h join certification c on c.household_id = h.id where c.category = 'EXTREME_HARDSHIP'"
        " and c.ended_on is null and exists (select from aid_record a where a.household_id = h.id and a.kind = 'BASIC_LIVING')"
        " and not exists (select from circumstance d where d.household_id = h.id and d.kind = 'DEATH') order by h.code limit 1",
    ),
    Finding.HEATING_MISSING: "select h.code from household h join other_detail d on d.household_id = h.id"
    " where d.form = 'HEATING' order by h.code limit 1",
    Finding.DISABILITY_ALLOWANCE_MISSING: "select h.code from household h join certification c on c.household_id = h.id"
    " join other_detail d on d.household_id = h.id where d.form = 'DISABILITY_LIVING' and c.category = 'SUBSISTENCE_ALLOWANCE'"
    " order by h.code limit 1",
    Finding.PREMIUM_MISSING: "select h.code from household h join certification c on c.household_id = h.id"
    " join medical_detail d on d.household_id = h.id where d.form = 'PREMIUM_SUBSIDY' and c.category = 'SUBSISTENCE_ALLOWANCE'"
    " and c.person_id is null and c.valid_from < date_trunc('year', (select sample_as_of from installation))"
    " order by h.code limit 1",
    Finding.MEDICAL_AID_MISSING: "select h.code from household h join medical_detail d on d.household_id = h.id"
    " where d.form = 'COST_AID' order by h.code limit 1",
    Finding.DISASTER_AID_MISSING: "select h.code from household h join certification c on c.household_id = h.id"
    " join aid_record a on a.household_id = h.id where a.kind = 'DISASTER' and c.category = 'SUBSISTENCE_ALLOWANCE'"
    " order by h.code limit 1",
    Finding.PAPERS_OVERDUE: "select h.code from household h join temporary_detail d on d.household_id = h.id"
    " where d.papers_due_on is not null order by h.code limit 1",
    Finding.INCOME_BELOW_LINE: "select h.code from household h where not exists (select from certification c"
    " where c.household_id = h.id) order by h.code limit 1",
    Finding.BETTER_CATEGORY: "select h.code from household h join certification c on c.household_id = h.id"
    " where c.category = 'SUBSISTENCE_MARGIN' and c.ended_on is null order by h.code limit 1",
    Finding.SUPPLEMENT_MISSING: "select h.code from household h join basic_living_detail d on d.household_id = h.id"
    " where d.month_supplement > 0 order by h.code limit 1",
    Finding.PREMIUM_NOT_IN_FULL: "select h.code from household h join medical_detail d on d.household_id = h.id"
    " where d.premium_in_full order by h.code limit 1",
}


@pytest.mark.parametrize("finding", FACTS)
async def test_a_fact_that_comes_about_is_found_at_its_household_and_closed_when_it_goes(
    population: Population, finding: Finding
) -> None:
    code = str(await population.number(WHOSE[finding]))
    comes, goes = FACTS[finding]
    population.change(comes, code)
    await population.monitor(finding)
    assert set((await population.alerts())[finding.value]) == {code}
    population.change(goes, code)
    (result,) = (await population.monitor(finding)).values()
    assert (result.found, result.closed) == (0, result.closed)
    assert result.closed > 0
