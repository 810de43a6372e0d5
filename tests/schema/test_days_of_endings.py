"""Something that ends on a day named by its office may end on the first possible day and on today, and on no day before or
after."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import get_named_type, is_input_object_type

from schema.hub_schema import build
from tests.fixtures.days import day
from tests.schema.desk import OFFICE, ArgumentValue, Desk, contents, differing
from tests.schema.endings import ENDINGS
from tests.schema.inputs_of_offices import county_option
from tests.schema.inputs_that_are_kept import MONTH_BEFORE, SCHOOLS, terminating, to_close
from tests.schema.test_every_ending import sent
from tests.schema.what_is_to_end import certified, ended_fact

Make = Callable[[Desk], ArgumentValue]


def option_of_a_month_ago(desk: Desk) -> ArgumentValue:
    """The end of an option that began a month ago."""
    id = desk.write(OFFICE, "recordCountyOption", county_option(desk) | {"since": day(MONTH_BEFORE)})
    return {"id": id, "expectedVersion": 1, "endedOn": day(), "reason": "改由市级统一实施"}


CERTIFIED = certified(OFFICE, "OTHER_HARDSHIP")
DAYS: dict[tuple[str, str], tuple[str, Make, int, str, str]] = {
    ("terminateCertification", "endedOn"): (OFFICE, CERTIFIED, MONTH_BEFORE, "INVALID_PERIOD", "DATE_IN_FUTURE"),
    ("disposeAlert", "termination.endedOn"): (OFFICE, terminating, MONTH_BEFORE, "INVALID_PERIOD", "DATE_IN_FUTURE"),
    ("reportCircumstances", "reports.until"): (SCHOOLS, ended_fact, MONTH_BEFORE, "INVALID_INPUT", "INVALID_INPUT"),
    ("endCountyOption", "endedOn"): (OFFICE, option_of_a_month_ago, MONTH_BEFORE, "INVALID_INPUT", "INVALID_INPUT"),
    ("closeConference", "heldOn"): (OFFICE, to_close, 0, "INVALID_INPUT", "INVALID_INPUT"),
}  # fmt: skip
"""By mutation and field: who ends what, the first day on which it may end, counted from today, and the codes for the day
before that day and for tomorrow."""
NO_END = {
    ("reportCircumstances", "reports.since"),
    ("disposeAlert", "inclusion.validFrom"),
    ("disposeAlert", "inclusion.validUntil"),
    ("disposeAlert", "conference.meetsOn"),
}
"""Days on which something begins, in the same inputs."""


def days_in(type_: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    """The date fields of an input, at any depth."""
    for name, field in type_.fields.items():
        named: Any = get_named_type(field.type)
        if is_input_object_type(named):
            yield from days_in(named, (*path, name))
        elif named.name == "Date":
            yield ".".join((*path, name))


def test_every_day_that_an_ending_names_is_tried() -> None:
    mutations: Any = build().graphql.type_map["Mutation"]
    named = {
        (ending.mutation, path)
        for ending in ENDINGS
        for path in days_in(get_named_type(mutations.fields[ending.mutation].args["input"].type))
    }
    assert named == DAYS.keys() | NO_END


def on(given: ArgumentValue, path: str, days: int) -> ArgumentValue:
    """The same ending on another day, counted from today."""
    *inside, name = path.split(".")
    if not inside:
        return given | {name: day(days)}
    (outer,) = inside
    said = given[outer]
    changed = (
        [part | {name: day(days)} for part in said] if isinstance(said, list) else said | {name: day(days)}
    )
    return given | {outer: changed}


@pytest.mark.parametrize(("mutation", "path"), DAYS, ids=[" ".join(key) for key in DAYS])
def test_it_ends_on_its_first_day_and_on_today_and_on_no_day_before_or_after(
    desk: Desk, mutation: str, path: str
) -> None:
    by, make, first, before, after = DAYS[mutation, path]
    for days in sorted({first, 0}):
        given = make(desk)
        stood = contents(desk)
        assert sent(desk, by, mutation, on(given, path, first - 1)) == [before]
        assert sent(desk, by, mutation, on(given, path, 1)) == [after]
        assert differing(stood, contents(desk)) == {}
        assert sent(desk, by, mutation, on(given, path, days)) == [], days
