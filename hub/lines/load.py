"""Loads the lines that come with the hub (`zhengzhou.csv`): example figures until an office imports its own."""

import csv
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.database import now, table_of
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.model.lines import PovertyLineRow

_line = table_of(PovertyLineRow)
CLIENT = "hub-migrate"
"""The client in the records of these lines."""

LineKey = tuple[str, Residence, Category, date]
"""(county, residence, category, first day of the month from which it holds)."""


@cache
def standard_lines() -> Mapping[LineKey, tuple[Decimal, str]]:
    """The lines of the file: yuan a month, and the source."""
    text = files("hub.lines").joinpath("zhengzhou.csv").read_text("utf-8")
    return MappingProxyType(
        {
            (
                row["county"],
                Residence(row["residence"]),
                Category(row["category"]),
                date.fromisoformat(f"{row['from_month']}-01"),
            ): (Decimal(row["yuan"]), row["source"])
            for row in csv.DictReader(text.splitlines())
        }
    )


def load_lines(connection: sa.Connection) -> None:
    """Insert the missing lines of the file; a line that an office imported for the same month stays."""
    at, key = now(), (_line.c.county, _line.c.residence, _line.c.category, _line.c.from_month)
    held = {tuple(line) for line in connection.execute(sa.select(*key))}
    rows = [
        {
            "county": county,
            "residence": residence,
            "category": category,
            "from_month": month,
            "version": 1,
            "yuan": yuan,
            "source": source,
            "client_id": CLIENT,
            "recorded_at": at,
        }
        for (county, residence, category, month), (yuan, source) in standard_lines().items()
        if (county, residence, category, month) not in held
    ]
    if rows:
        connection.execute(pg.insert(_line).on_conflict_do_nothing(), rows)
