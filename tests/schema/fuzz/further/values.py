"""The values of a filter that are tried, each with the rows that it keeps."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from auth.grant import Grant
from schema.engine.declare import ids
from tests.hub.policy.permissions.sight import Everything, Key, Row, key_of

CHINA = timezone(timedelta(hours=8))
COUNTY_DIGITS = 6
"""GB/T 2260: a county has six digits, what lies inside it has more."""


@dataclass
class Sight:
    """The rows that a grant sees of one table, and of all others."""

    everything: Everything
    grant: Grant
    table: str
    today: date
    _seen: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    _parts: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the list."""
        return [row for row in self.of(self.table) if row.get("superseded_at") is None]

    def of(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table that it sees."""
        if table not in self._seen:
            keys = self.everything.seen(table, self.grant)
            self._seen[table] = [row for row in self.everything.tables[table] if key_of(table, row) in keys]
        return self._seen[table]

    def parts(self, table: str, column: str, whole: Any) -> list[Row]:
        """Those of a table that belong to a row, by the column that names it."""
        if (table, column) not in self._parts:
            found: defaultdict[Any, list[Row]] = defaultdict(list)
            for row in self.of(table):
                found[row[column]].append(row)
            self._parts[table, column] = found
        return self._parts[table, column].get(whole, [])


Filter = tuple[Any, Callable[[Row], bool]]
"""A value, and whether it keeps a row."""
Values = Callable[[Sight], Iterator[Filter]]
"""The values that are tried, from the rows there are."""


def _distinct(sight: Sight, column: str) -> list[Any]:
    return sorted({row[column] for row in sight.rows if row[column] not in (None, "")})


def day(value: Any) -> date | None:
    """The day of an instant in China; a date is itself."""
    return value.astimezone(CHINA).date() if isinstance(value, datetime) else value


def words(column: str, written: Callable[[str], str] = str) -> Values:
    """One of these: each by itself, and the first two; `written`: how the SDL writes the word of a row."""

    def values(sight: Sight) -> Iterator[Filter]:
        there = _distinct(sight, column)
        for some in (*([one] for one in there), there[:2]):
            yield [*map(written, some)], lambda row, some=some: row[column] in some  # type: ignore[misc]

    return values


def reckoned(codes: Sequence[str], code: Callable[[Sight, Row], str | None]) -> Values:
    """One of these codes, which are reckoned of a row: each by itself, and the first two."""

    def values(sight: Sight) -> Iterator[Filter]:
        for some in (*([one] for one in codes), codes[:2]):
            yield [*some], lambda row, some=some: code(sight, row) in some  # type: ignore[misc]

    return values


def equal(column: str) -> Values:
    """The very word."""

    def values(sight: Sight) -> Iterator[Filter]:
        for one in _distinct(sight, column)[:6]:
            yield one, lambda row, one=one: row[column] == one  # type: ignore[misc]

    return values


def equal_or_any(column: str, others: Sequence[str]) -> Values:
    """The very word, or none, which means any; of these words, whether they occur or not."""

    def values(_sight: Sight) -> Iterator[Filter]:
        for one in others:
            yield one, lambda row, one=one: row[column] in (one, None)  # type: ignore[misc]

    return values


def yes_or_no(holds: Callable[[Sight, Row], bool]) -> Values:
    """Whether something holds."""

    def values(sight: Sight) -> Iterator[Filter]:
        yield True, lambda row: holds(sight, row)
        yield False, lambda row: not holds(sight, row)

    return values


def not_ended(column: str) -> Values:
    """Whether it has not ended."""
    return yes_or_no(lambda _, row: row[column] is None)


def days(column: str) -> Values:
    """A span whose first and last day are in it, by the day in China."""

    def values(sight: Sight) -> Iterator[Filter]:
        there = sorted({one for row in sight.rows if (one := day(row[column])) is not None})
        first, last = there[len(there) // 4], there[3 * len(there) // 4]
        for gte, lte in ((first, last), (first, None), (None, first), (last, last)):
            span = {name: str(one) for name, one in (("gte", gte), ("lte", lte)) if one is not None}
            yield (
                span,
                lambda row, gte=gte, lte=lte: (  # type: ignore[misc]
                    (one := day(row[column])) is not None and (gte or one) <= one <= (lte or one)
                ),
            )

    return values


def month(column: str) -> Values:
    """The month of a first day: each that occurs, and one in which nothing is."""

    def values(sight: Sight) -> Iterator[Filter]:
        for one in (*_distinct(sight, column), date(2001, 2, 1)):
            yield str(one), lambda row, one=one: row[column] == one  # type: ignore[misc]

    return values


def on_a_day(column: str, holds: Callable[[Sight, Row, date], bool]) -> Values:
    """Whether something holds on a day: each first and last day that occurs in a column, and the days around it."""

    def values(sight: Sight) -> Iterator[Filter]:
        around = {edge + timedelta(step) for edge in _distinct(sight, column) for step in (-1, 0, 1)}
        for one in sorted(around):
            yield str(one), lambda row, one=one: holds(sight, row, one)  # type: ignore[misc]

    return values


def since(column: str) -> Values:
    """At an instant or later."""

    def values(sight: Sight) -> Iterator[Filter]:
        at = _distinct(sight, column)[len(_distinct(sight, column)) // 3]
        yield at.astimezone(UTC).isoformat(), lambda row: row[column] >= at

    return values


def before(column: str) -> Values:
    """Before an instant, which is not in it."""

    def values(sight: Sight) -> Iterator[Filter]:
        at = _distinct(sight, column)[len(_distinct(sight, column)) // 2]
        yield at.astimezone(UTC).isoformat(), lambda row: row[column] < at

    return values


def at_least(column: str) -> Values:
    """So many or more: as many as a row has, as the largest has, and one more."""

    def values(sight: Sight) -> Iterator[Filter]:
        there = [one for one in _distinct(sight, column) if one > 0]
        for least in (there[0], there[len(there) // 2], there[-1], there[-1] + 1):
            yield least, lambda row, least=least: row[column] >= least  # type: ignore[misc]

    return values


REGIONS = ("4101", "410105", "410105001", "410105001003", "410181")
"""The city, a county, a township and a village of it, and another county."""


def inside(region: Callable[[Sight, Row], str]) -> Values:
    """In a region, or in what lies inside it."""

    def values(sight: Sight) -> Iterator[Filter]:
        for code in REGIONS:
            yield code, lambda row, code=code: region(sight, row).startswith(code)  # type: ignore[misc]

    return values


def county_of(column: str) -> Values:
    """A county inside the region, or the county that the region lies in."""

    def values(_sight: Sight) -> Iterator[Filter]:
        for code in REGIONS:
            yield code, lambda row, code=code: row[column].startswith(code[:COUNTY_DIGITS])  # type: ignore[misc]

    return values


def reaches(column: str) -> Values:
    """The region itself, or a wider one that holds it."""

    def values(_sight: Sight) -> Iterator[Filter]:
        for code in REGIONS:
            yield code, lambda row, code=code: code.startswith(row[column])  # type: ignore[misc]

    return values


def named(word: str, table: str, holds: Callable[[Row, Row], bool]) -> Values:
    """The id of another object, as of those in sight: some of which a row of the list is, one of which none is, one out of
    sight, which keeps nothing."""

    def values(sight: Sight) -> Iterator[Filter]:
        rows, seen = sight.rows, sight.of(table)
        keys = {key_of(table, one) for one in seen}
        beyond = [one for one in sight.everything.tables[table] if key_of(table, one) not in keys]
        of_some = [one for one in seen if any(holds(row, one) for row in rows)]
        of_none = [one for one in seen if not any(holds(row, one) for row in rows)]
        for one in (*of_some[:4], *of_none[:1]):
            yield _id(word, one), lambda row, one=one: holds(row, one)  # type: ignore[misc]
        hidden = [one for one in beyond if any(holds(row, one) for row in rows)] or beyond
        for one in hidden[:2]:
            yield _id(word, one), lambda _row: False

    return values


def _id(word: str, row: Mapping[str, Any]) -> str:
    return ids.encode(word, identity(row))


def identity(row: Mapping[str, Any]) -> Key:
    """What an id of the hub stands for: the household, where there is one, and the object in it."""
    return tuple(row[name] for name in ("household_id", "id") if name in row)
