"""46-2.2, 46-2.3: a monthly list that did not arrive is found by each run, reported once, and closed by a run when it has
arrived."""

from datetime import timedelta

import pytest

from hub.model.alerts import Finding
from hub.sample.calendar import months_before
from hub.sample.planted import LATE_LIST
from tests.hub.evaluation.monitoring.conftest import Population

pytestmark = pytest.mark.anyio

LATE = Finding.MONTHLY_SHARE_LATE
TOLD = "select count(*) from monthly_share where found_late_at is not null"


async def test_the_planted_list_is_found_late_once_and_closed_when_it_comes(population: Population) -> None:
    (first,) = (await population.monitor(LATE)).values()
    assert (first.found, first.raised, first.closed) == (1, 1, 0)
    planted = (
        f"{TOLD} and source_registry = '{LATE_LIST.registry}' and region = '{LATE_LIST.county}' and month ="
        f" '{months_before(population.day.replace(day=1), LATE_LIST.months_ago)}' and shared_at is null"
    )
    assert (await population.number(planted), await population.number(TOLD)) == (1, 1)
    (again,) = (await population.monitor(LATE)).values()
    assert (again.found, again.raised, again.closed) == (1, 0, 0)
    population.change(
        "update monthly_share set first_shared_at = now(), shared_at = now() where found_late_at is not null"
    )
    (came,) = (await population.monitor(LATE)).values()
    assert (came.found, came.raised, came.closed) == (0, 0, 1)
    (after,) = (await population.monitor(LATE)).values()
    assert (after.found, after.raised, after.closed) == (0, 0, 0)
    assert await population.number(f"{TOLD} and late_closed_at is not null") == 1
    assert await population.number("select count(*) from alert") == 0, "it is of no household"


async def test_lists_are_asked_for_from_the_first_run_on_and_not_before(population: Population) -> None:
    population.change("delete from monthly_share")
    (result,) = (await population.monitor(LATE)).values()
    assert result.found == 0
    expected = "select count(*) from monthly_share where shared_at is null and due_on is not null"
    lists = await population.number(expected)
    assert lists == 7 * await population.number("select count(*) from region where level = 'COUNTY'")
    later = Population(population.database, population.url, population.day + timedelta(days=70))
    (result,) = (await later.monitor(LATE)).values()
    months = await population.number("select count(distinct month) from monthly_share")
    assert months >= 3
    assert await population.number(expected) == months * lists
    assert result.found == result.raised == (months - 1) * lists
