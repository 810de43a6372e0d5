"""The job that counts coverage: each county in a transaction, then the sums and the rules for publication.

An interrupted run continues: counties counted within the last `fresh` are not counted again. From the count of a county until
the end of the run, callers who read only statistics see nothing of its townships.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel

from hub.evaluation.coverage.counting import TOWNSHIP_DIGITS, Counted, count_county
from hub.evaluation.coverage.withholding import STATUSES, RegionTree, published_of_kind, published_regions
from hub.foundation.calendar import today
from hub.foundation.database import Database, now, table_of, with_limits_of_jobs
from hub.foundation.months import month_end
from hub.foundation.prepared_sql import PreparedSql, fetch, json_of, render, rows_of_json
from hub.model.aid import AidKind
from hub.model.certifications import Category
from hub.model.coverage import CoverageCategoryRow, CoverageKindRow, CoverageRow
from hub.model.regions import RegionLevel, RegionRow

FRESH = timedelta(hours=6)
_COUNTY_DIGITS = 6
_AT_ONCE = 2000
"""The number of rows in one statement."""
_region, _coverage = table_of(RegionRow), table_of(CoverageRow)
_category, _kind = table_of(CoverageCategoryRow), table_of(CoverageKindRow)
_LEVELS = (RegionLevel.PROVINCE, RegionLevel.CITY, RegionLevel.COUNTY, RegionLevel.TOWNSHIP)

Parents = Mapping[str, str | None]


async def refresh_coverage(
    database: Database, month: date, progress: Callable[[int, int], None], *, fresh: timedelta = FRESH
) -> int:
    """Count a month, named by its first day; returns the number of counties that were counted. `progress` is called after
    each county.

    The facts are those of the last day of the month, or of today in the current month, as recorded now. A later
    certification, report, payment or referral does not count; a later correction does.
    """
    day = min(month_end(month), today())
    async with database.write() as session:
        regions = await session.execute(
            sa.select(_region.c.code, _region.c.parent).where(_region.c.level.in_(_LEVELS))
        )
        parents: dict[str, str | None] = {row.code: row.parent for row in regions}
        done = await _counted_since(session, month, day, now() - fresh)
    counties = sorted(code for code in parents if len(code) == _COUNTY_DIGITS)
    for place, county in enumerate(counties):
        if county not in done:
            async with database.write() as session:
                await with_limits_of_jobs(session)
                await _count(session, county, month, day, parents)
        progress(place + 1, len(counties))
    async with database.write() as session:
        await with_limits_of_jobs(session)
        await _publish(session, month, day, parents)
    return len(counties) - len(done)


async def _counted_since(session: AsyncSession, month: date, day: date, since: datetime) -> set[str]:
    """The counties whose townships were all counted for that day since an instant."""
    township = sa.func.length(_coverage.c.region) == TOWNSHIP_DIGITS
    county = sa.func.left(_coverage.c.region, _COUNTY_DIGITS)
    rows = await session.scalars(
        sa.select(county)
        .where(_coverage.c.month == month, township)
        .group_by(county)
        .having(sa.and_(sa.func.min(_coverage.c.as_of) >= since, sa.func.min(_coverage.c.day) == day))
    )
    return set(rows)


async def _count(session: AsyncSession, county: str, month: date, day: date, parents: Parents) -> None:
    """Count a county's townships. Nothing is published before the sums are computed."""
    counted = await count_county(session, county, day)
    townships = [code for code, parent in parents.items() if parent == county]
    numbers = {code: counted.get(code, Counted()) for code in townships}
    at = now()
    await _save(session, CoverageRow, [_row(code, month, parents, day, at) for code in townships])
    await _save(session, CoverageCategoryRow, list(_category_rows(numbers, month, {})))
    await _save(session, CoverageKindRow, list(_kind_rows(numbers, month, {})))


async def _publish(session: AsyncSession, month: date, day: date, parents: Parents) -> None:
    """Add the townships up to the province, and decide which numbers are published."""
    numbers, as_of = await _townships(session, month)
    for code in sorted(parents, key=len, reverse=True):
        parent = parents[code]
        if parent is not None and parent in parents and code in numbers:
            numbers.setdefault(parent, Counted()).add(numbers[code])
    for code in parents:
        numbers.setdefault(code, Counted())
    above = [code for code in parents if len(code) < TOWNSHIP_DIGITS]
    await _save(session, CoverageRow, [_row(code, month, parents, day, as_of) for code in above])
    tree = RegionTree.of(parents)
    open_to_all = {
        category: published_regions(
            tree,
            {
                code: (number.households[category], number.persons[category])
                for code, number in numbers.items()
            },
        )
        for category in Category
    }
    await _save(session, CoverageCategoryRow, list(_category_rows(numbers, month, open_to_all)))
    published = {
        (category, kind): published_of_kind(
            tree,
            {code: _statuses(number, category, kind) for code, number in numbers.items()},
            frozenset(set(parents) - open_to_all[category]),
        )
        for category in Category
        for kind in AidKind
    }
    await _save(session, CoverageKindRow, list(_kind_rows(numbers, month, published)))


async def _townships(session: AsyncSession, month: date) -> tuple[dict[str, Counted], datetime]:
    """The counted numbers of the townships, and the time of the oldest count."""
    as_of: datetime | None = await session.scalar(
        sa.select(sa.func.min(_coverage.c.as_of)).where(
            _coverage.c.month == month, sa.func.length(_coverage.c.region) == TOWNSHIP_DIGITS
        )
    )
    assert as_of is not None
    numbers: dict[str, Counted] = {}

    def of(table: sa.Table) -> sa.Select[Any]:
        return sa.select(table).where(
            table.c.month == month, sa.func.length(table.c.region) == TOWNSHIP_DIGITS
        )

    for row in await session.execute(of(_category)):
        region_counts = numbers.setdefault(row.region, Counted())
        region_counts.households[row.category] = row.households
        region_counts.persons[row.category] = row.persons
    for row in await session.execute(of(_kind)):
        statuses = numbers.setdefault(row.region, Counted()).statuses
        statuses.setdefault((row.category, row.aid_kind), Counter()).update(
            {status: getattr(row, status) for status in STATUSES}
        )
    return numbers, as_of


def _statuses(counts: Counted, category: str, kind: str) -> dict[str, int]:
    counted = counts.statuses.get((category, kind), Counter())
    return {status: counted[status] for status in STATUSES}


def _row(code: str, month: date, parents: Parents, day: date, as_of: datetime) -> dict[str, Any]:
    parent = parents[code]
    return {
        "region": code,
        "month": month,
        "parent": parent if parent in parents else None,
        "day": day,
        "as_of": as_of,
    }


def _category_rows(
    numbers: Mapping[str, Counted], month: date, published: Mapping[Category, set[str]]
) -> Iterable[dict[str, Any]]:
    for code, number in numbers.items():
        for category in Category:
            yield {
                "region": code,
                "month": month,
                "category": category,
                "households": number.households[category],
                "persons": number.persons[category],
                "told": code in published.get(category, ()),
            }


def _kind_rows(
    numbers: Mapping[str, Counted],
    month: date,
    published: Mapping[tuple[Category, AidKind], Mapping[str, list[str]]],
) -> Iterable[dict[str, Any]]:
    for code, number in numbers.items():
        for category in Category:
            for kind in AidKind:
                statuses = _statuses(number, category, kind)
                yield {
                    "region": code,
                    "month": month,
                    "category": category,
                    "aid_kind": kind,
                    "entitled": sum(statuses.values()),
                    **statuses,
                    "told": published.get((category, kind), {}).get(code, []),
                }


@cache
def _upsert(row: type[SQLModel]) -> PreparedSql:
    """Inserts rows, or updates rows whose values differ."""
    table = table_of(row)
    rows = rows_of_json(
        sa.bindparam("rows", type_=sa.Text), *(sa.column(column.name, column.type) for column in table.c)
    )
    insert = pg.insert(table).from_select(list(table.c), sa.select(*rows.c))
    values = {column.name: insert.excluded[column.name] for column in table.c if not column.primary_key}
    changed = sa.or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
    return render(
        insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=values, where=changed)
    )


async def _save(session: AsyncSession, row: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, or update existing ones."""
    for start in range(0, len(rows), _AT_ONCE):
        await fetch(session, _upsert(row), {"rows": json_of(rows[start : start + _AT_ONCE])})
