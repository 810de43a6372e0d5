"""Times of day in China, as the setting states them."""

from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.foundation.calendar import CHINA
from hub.foundation.settings import Settings
from hub.model.scheduled_jobs import Job
from hub.service.schedule.jobs import JOBS
from hub.service.schedule.plan import last_time, next_time, plan_of

INSTANTS = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, CHINA))


def test_the_default_plans_every_job() -> None:
    assert plan_of(Settings.model_fields["schedule"].default).keys() == set(Job) == JOBS.keys()


def test_a_job_may_run_at_several_times_of_a_day() -> None:
    schedule = Settings(schedule="reminders=07:30,13:00 monitoring=02:00").schedule
    assert plan_of(schedule) == {Job.REMINDERS: (time(7, 30), time(13)), Job.MONITORING: (time(2),)}


def test_the_plan_off_runs_nothing() -> None:
    assert plan_of(Settings(schedule="off").schedule) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        "monitoring",
        "monitoring=25:00",
        "cleaning=02:00",
        "monitoring=2:00",
        "coverage=04:00,",
        "never",
        "off monitoring=02:00",
        "coverage=04:00 coverage=05:00",
    ],
)
def test_what_is_no_plan_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError, match="schedule"):
        Settings(schedule=wrong)


@given(st.lists(st.times(), min_size=1, max_size=3), INSTANTS)
def test_the_last_and_the_next_time_lie_around_an_instant_and_no_time_lies_between(
    times: list[time], at: datetime
) -> None:
    last, following = last_time(tuple(times), at), next_time(tuple(times), at)
    assert at - timedelta(days=1) <= last <= at < following <= at + timedelta(days=1)
    assert {last.timetz().replace(tzinfo=None), following.timetz().replace(tzinfo=None)} <= set(times)
    for one in times:
        between = last.replace(
            hour=one.hour, minute=one.minute, second=one.second, microsecond=one.microsecond
        )
        assert not any(last < between + timedelta(days=days) < following for days in (-1, 0, 1))
