"""A run of monitoring: each alert is raised once, closed by the run when its fact is gone, and recorded in the chain."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from hub.evaluation.monitoring.rules import CONDITIONS
from hub.evaluation.monitoring.run import CLIENT, PLATFORM, MonitoringRunning, run_monitoring
from hub.ledger.chain import verify_chain
from hub.model.alerts import AlertStatus, Finding
from hub.sample.planted import Planted, planted_codes
from tests.hub.evaluation.monitoring.conftest import SMALL, Population

pytestmark = pytest.mark.anyio
LATE = Finding.ALLOWANCE_LATE
PAID_IN_TIME = "update aid_record set paid_on = period_from + 4 where paid_on > period_from + 9"


async def events(population: Population) -> list[Any]:
    """The events that monitoring wrote, in order."""
    async with population.database.read() as connection:
        rows = await connection.execute(
            sa.text("select * from chain_event where client_id = :client order by position"),
            {"client": CLIENT},
        )
        return list(rows)


async def test_an_alert_is_told_in_the_chain_when_it_is_raised_and_when_its_fact_is_gone(
    population: Population,
) -> None:
    await population.monitor(LATE)
    assert await population.alerts(AlertStatus.OPEN) == {
        LATE.value: list(planted_codes()[Planted.LATE_PAYMENT])
    }
    population.change(PAID_IN_TIME)
    await population.monitor(LATE)
    assert await population.alerts(AlertStatus.CLOSED) == {
        LATE.value: list(planted_codes()[Planted.LATE_PAYMENT])
    }
    written = await events(population)
    assert [(one.type, one.agency_id, one.policy_basis) for one in written] == [
        ("ALERT_RAISED", PLATFORM, "46-3.1"),
        ("ALERT_CLOSED", PLATFORM, "46-3.1"),
    ]
    assert written[1].body == {
        "finding": LATE.value,
        "evidence": written[0].body["evidence"],
        "because": "FACT_GONE",
    }
    async with population.database.read() as connection:
        assert (await verify_chain(connection, written[0].household_id)).whole


async def test_a_fact_that_comes_back_raises_another_alert(population: Population) -> None:
    await population.monitor(LATE)
    population.change(
        "update aid_record set paid_on = period_from + 4, outcome = 'late' where paid_on > period_from + 9"
    )
    await population.monitor(LATE)
    population.change("update aid_record set paid_on = period_from + 16 where outcome = 'late'")
    await population.monitor(LATE)
    assert len((await population.alerts())[LATE.value]) == 2
    assert len((await population.alerts(AlertStatus.OPEN))[LATE.value]) == 1


async def test_an_alert_that_was_disposed_of_is_not_raised_again_and_closes_with_its_fact(
    population: Population,
) -> None:
    await population.monitor(LATE)
    population.change(
        "update alert set status = 'DISPOSED', disposition = 'CARRY_OUT', disposed_at = now(), version = version + 1"
    )
    (again,) = (await population.monitor(LATE)).values()
    assert (again.found, again.raised, again.closed) == (1, 0, 0)
    population.change(PAID_IN_TIME)
    (gone,) = (await population.monitor(LATE)).values()
    assert gone.closed == 1


@pytest.mark.parametrize(("days", "raised"), [(0, 0), (89, 0), (90, 1), (400, 1)])
async def test_what_a_check_did_not_confirm_is_not_raised_again_for_ninety_days(
    population: Population, days: int, raised: int
) -> None:
    await population.monitor(LATE)
    population.change(
        "update alert set status = 'CLOSED', disposition = 'UNFOUNDED', disposed_at = now(), closed_because = 'UNFOUNDED',"
        " closed_at = (%s::date - %s)::timestamp at time zone 'Asia/Shanghai' + interval '1 minute'",
        population.day,
        days,
    )
    (again,) = (await population.monitor(LATE)).values()
    assert (again.found, again.raised, again.closed) == (1, raised, 0)


async def test_a_run_that_is_cut_leaves_whole_parts_and_the_next_does_the_rest(
    population: Population,
) -> None:
    class Cut(Exception):
        """The power fails."""

    def cut_at(done: int, _total: int) -> None:
        if done == 12:
            raise Cut

    with pytest.raises(Cut):
        await run_monitoring(
            population.database, population.day, tuple(CONDITIONS), cut_at, households_in_part=SMALL
        )
    before = await population.alerts()
    assert await population.number("select count(*) from monitoring_run where finished_at is null") == 1
    await population.monitor()
    whole = await population.alerts()
    assert sum(map(len, before.values())) < sum(map(len, whole.values()))
    raised = await population.number("select count(*) from chain_event where type = 'ALERT_RAISED'")
    assert raised == sum(map(len, whole.values()))
    assert await population.number("select count(*) from monitoring_run where finished_at is not null") == 1


async def test_two_runs_at_once_are_one_run_and_a_refusal(population: Population) -> None:
    ended = await asyncio.gather(population.monitor(), population.monitor(), return_exceptions=True)
    assert [type(one) for one in ended if isinstance(one, Exception)] == [MonitoringRunning]
    raised = await population.number("select count(*) from chain_event where type = 'ALERT_RAISED'")
    assert raised == sum(map(len, (await population.alerts()).values()))


async def test_every_alert_goes_to_the_office_where_the_household_lives_within_its_working_days(
    population: Population,
) -> None:
    await population.monitor()
    elsewhere = await population.number(
        "select count(*) from alert a join household h on h.id = a.household_id"
        " where not starts_with(h.region, split_part(a.to_agency, '@', 2)) or a.to_agency not like 'civil_affairs@%'"
        " or length(a.to_agency) <> length('civil_affairs@410105001') or a.due_at <= a.raised_at"
    )
    assert elsewhere == 0


async def test_each_run_is_recorded_with_what_it_found(population: Population) -> None:
    results = await population.monitor()
    async with population.database.read() as connection:
        rows = await connection.execute(
            sa.text("select finding, found, raised, closed from monitoring_result")
        )
        assert {(row.finding, row.found, row.raised, row.closed) for row in rows} == {
            (finding.value, result.found, result.raised, result.closed) for finding, result in results.items()
        }
