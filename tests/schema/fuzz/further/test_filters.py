"""The lists that `tests.schema.fuzz.plain` leaves out: each filter keeps the rows that plain Python keeps of those in sight.

Both executors share the filters, so what is wrong there is wrong in both. The rows in sight are those of
`tests.hub.policy.permissions.sight`; each filter is said a second time, from its description in the SDL.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from auth.grant import Grant
from auth.scopes import Scope
from schema.engine.declare import ids
from tests.conftest import TestCluster
from tests.hub.policy.permissions.sight import Everything, Row
from tests.hub.policy.permissions.sight import key_of as primary_key
from tests.schema.fuzz.conftest import Both
from tests.schema.fuzz.operations import Operation
from tests.schema.fuzz.plain.contract import printed

CHINA = timezone(timedelta(hours=8))
GRANTS = {
    "all scopes in a county": Grant("civil_affairs@410105", "fuzz", frozenset(Scope), ("410105",), "test"),
    "no audit in the city": Grant(
        "civil_affairs@4101",
        "fuzz",
        frozenset(Scope) - {Scope.AUDIT_READ},
        ("4101",),
        "test",
    ),
}
Filter = tuple[Any, Callable[[Row], bool]]
"""A value, and whether it keeps a row."""
Values = Callable[[list[dict[str, Any]]], Iterator[Filter]]
"""The values that are tried, from the rows there are."""


def _distinct(rows: list[dict[str, Any]], column: str) -> list[Any]:
    return sorted({row[column] for row in rows if row[column] is not None})


def words(column: str) -> Values:
    """One of these: each by itself, and the first two."""

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        there = _distinct(rows, column)
        for some in (*([one] for one in there), there[:2]):
            yield some, lambda row, some=some: row[column] in some  # type: ignore[misc]

    return values


def equal(column: str) -> Values:
    """The very word."""

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        for one in _distinct(rows, column)[:6]:
            yield one, lambda row, one=one: row[column] == one  # type: ignore[misc]

    return values


def days(column: str) -> Values:
    """A span whose first and last day are in it, by the day in China."""

    def day(row: Row) -> date | None:
        value = row[column]
        return value.astimezone(CHINA).date() if isinstance(value, datetime) else value

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        there = sorted({one for row in rows if (one := day(row)) is not None})
        first, last = there[len(there) // 4], there[3 * len(there) // 4]
        for gte, lte in ((first, last), (first, None), (None, first), (last, last)):
            span = {name: str(one) for name, one in (("gte", gte), ("lte", lte)) if one is not None}
            yield (
                span,
                lambda row, gte=gte, lte=lte: (  # type: ignore[misc]
                    (one := day(row)) is not None and (gte or one) <= one <= (lte or one)
                ),
            )

    return values


def since(column: str) -> Values:
    """At an instant or later."""

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        at = _distinct(rows, column)[len(rows) // 3 % len(_distinct(rows, column))]
        yield at.astimezone(UTC).isoformat(), lambda row: row[column] >= at

    return values


def before(column: str) -> Values:
    """Before an instant, which is not in it."""

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        at = _distinct(rows, column)[len(_distinct(rows, column)) // 2]
        yield at.astimezone(UTC).isoformat(), lambda row: row[column] < at

    return values


def at_least(column: str) -> Values:
    """So many or more."""

    def values(rows: list[dict[str, Any]]) -> Iterator[Filter]:
        for most in (max(row[column] for row in rows), max(row[column] for row in rows) + 1):
            yield most, lambda row, most=most: row[column] >= most  # type: ignore[misc]

    return values


def stands(column: str) -> Values:
    """Whether it has not ended."""

    def values(_rows: list[dict[str, Any]]) -> Iterator[Filter]:
        yield True, lambda row: row[column] is None
        yield False, lambda row: row[column] is not None

    return values


def inside(column: str) -> Values:
    """In a region, or in what lies inside it."""

    def values(_rows: list[dict[str, Any]]) -> Iterator[Filter]:
        for region in ("4101", "410105", "410105001"):
            yield region, lambda row, region=region: row[column].startswith(region)  # type: ignore[misc]

    return values


LISTS: Mapping[str, tuple[str, str, Mapping[str, Values]]] = {
    "recoveries": (
        "Recovery", "recovery",
        {"kind": words("kind"), "because": words("because"), "agency": equal("agency_id"), "openedOn": days("opened_on")},
    ),
    "applications": ("Application", "application", {"agency": equal("agency_id")}),
    "conferences": (
        "Conference", "conference",
        {"status": words("status"), "calledBy": equal("called_by"), "meetsOn": days("meets_on")},
    ),
    "overlapCases": ("OverlapCase", "overlap_case", {"status": words("status"), "disposition": words("disposition")}),
    "nearRelatives": ("NearRelative", "near_relative", {"agency": equal("agency_id"), "stands": stands("ended_on")}),
    "disclosures": (
        "Disclosure", "disclosure",
        {"region": inside("region"), "listOf": words("list_of"), "stands": stands("withdrawn_at")},
    ),
    "chainEvents": (
        "ChainEvent", "chain_event",
        {
            "type": words("type"), "agency": equal("agency_id"), "occurredOn": days("occurred_at"), "since": since("recorded_at"),
        },
    ),
    "accessRecords": (
        "AccessRecord", "access_record",
        {
            "agency": equal("agency_id"), "client": equal("client_id"), "purpose": equal("purpose"),
            "operation": equal("operation_name"), "outcome": words("outcome"), "from": since("at"), "until": before("at"),
            "minRows": at_least("rows"),
        },
    ),
}  # fmt: skip
NOT_COVERED = {
    "applications": {"status"},
    "disclosures": {"month"},
    "recoveries": {"status"},
    "chainEvents": {"household", "person", "region"},
    "accessRecords": {"id", "person", "coordinate", "household", "subject", "number", "code"},
}
"""Reckoned from other rows, or looked up by a key: tests of their own have them."""


@pytest.fixture(scope="module")
def everything(cluster: TestCluster, furnished_template: str, both: Both) -> Everything:
    """The rows that the executors read, dumped."""
    assert both.executor
    return Everything.of(cluster.url(f"{furnished_template}_read"))


def key_of(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("household_id", "id") if name in row)


@pytest.mark.parametrize("grant", GRANTS)
@pytest.mark.parametrize("connection", LISTS)
def test_a_filter_of_a_further_list_keeps_the_rows_in_sight_that_it_says(
    both: Both, everything: Everything, connection: str, grant: str
) -> None:
    word, table, filters = LISTS[connection]
    keys = everything.seen(table, GRANTS[grant])
    in_sight = [row for row in everything.tables[table] if primary_key(table, row) in keys]
    if connection == "accessRecords" and grant == "no audit in the city":
        assert not in_sight
        return
    assert len(in_sight) > 1
    partly = 0
    for name, values in filters.items():
        for value, keeps in values(in_sight):
            kept = [row for row in in_sight if keeps(row)]
            query = (
                f"query ($filter: {word}Filter) {{ {connection}(first: 1000, filter: $filter)"
                " { totalCount nodes { id } } }"
            )
            answer = both.ask(Operation(query, {"filter": {name: value}}), GRANTS[grant], reference=False)
            assert "errors" not in answer, (name, value, answer)
            page = answer["data"][connection]
            assert page["totalCount"] == len(kept), (name, value)
            answered, expected = (
                {one["id"] for one in page["nodes"]},
                {ids.encode(word, key_of(row)) for row in kept},
            )
            assert answered <= expected if len(kept) > 1000 else answered == expected, (name, value)
            partly += 0 < len(kept) < len(in_sight)
    assert partly or connection == "applications"


def test_every_filter_of_these_lists_is_tried_or_named() -> None:
    kinds: list[Any] = [one for one in printed().definitions if hasattr(one, "fields")]
    fields = {kind.name.value: {one.name.value for one in kind.fields or ()} for kind in kinds}
    for connection, (word, _, filters) in LISTS.items():
        assert fields[f"{word}Filter"] == filters.keys() | NOT_COVERED.get(connection, set()), connection
