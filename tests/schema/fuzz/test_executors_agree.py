"""The compiled executor returns the same as the reference executor: the same data, the same errors, in the same order.

`HUB_FUZZ_EXAMPLES` sets the number of pairs (`make fuzz`: 20,000). A failure prints the operation, the grant and how to draw
them again; HUB_FUZZ_SHRINK=1 then looks for the smallest one.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from schema.hub_schema import build
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.operations import Operation, Words, operations

EXAMPLES = int(os.environ.get("HUB_FUZZ_EXAMPLES") or "60")
PHASES = [Phase.generate, Phase.shrink] if os.environ.get("HUB_FUZZ_SHRINK") else [Phase.generate]
REGIONS = ("4101", "410105", "410102", "410105001", "410181")


@st.composite
def grants(draw: Any) -> Grant:
    """An agency of any department, with all of its scopes or some, or with any scopes."""
    department = draw(st.sampled_from(sorted(DEPARTMENTS)))
    whole = sorted(DEPARTMENTS[department].scopes if draw(st.booleans()) else set(Scope))
    missing = draw(st.sets(st.sampled_from(whole), max_size=4))
    region = draw(st.sampled_from(REGIONS))
    return Grant(f"{department}@{region}", "fuzz", frozenset(whole) - missing, (region,), "test")


def said(answer: Mapping[str, Any]) -> str:
    """A response as text. Two texts are equal if all values and their order are."""
    return json.dumps(
        {name: answer.get(name) for name in ("data", "errors", "extensions")}, ensure_ascii=False, indent=1
    )


def at(data: Any, path: Sequence[str | int]) -> Any:
    """The value of a response at the path of an error; None if something above it is null."""
    for step in path:
        data = None if data is None else data[step]
    return data


@settings(
    max_examples=EXAMPLES, deadline=None, print_blob=True, database=None, phases=PHASES,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_both_executors_give_the_same_answer(both: Both, words: Words, data: st.DataObject) -> None:
    operation: Operation = data.draw(operations(build().graphql, words), "operation")
    grant = data.draw(grants(), "grant")
    compiled = both.ask(operation, grant, reference=False)
    by_reference = both.ask(operation, grant, reference=True)
    assert said(compiled) == said(by_reference)
    for error in compiled.get("errors", ()):
        assert at(compiled.get("data"), error.get("path", ())) is None or "path" not in error
    codes = {error["extensions"]["code"] for error in compiled.get("errors", ())}
    assert "INTERNAL" not in codes
    assert "GRAPHQL_VALIDATION_FAILED" not in codes or pytest.fail(
        f"the generator wrote an invalid document: {compiled}"
    )
