"""The property tests need rows of every kind: if a table is empty in their sample, they prove nothing about it."""

import psycopg
import pytest

from hub.model.every_table import metadata
from hub.policy.permissions.row_policies import RULES
from tests.conftest import TestCluster

MADE_OF_OTHER_ROWS = {"access_notice", "entitlement", "household_to_visit", "provenance", "change"}
"""Row sources that have a name of their own and are no tables."""
WORDS = {
    "alert": ("status", "disposition", "closed_because"),
    "visit": ("recommendation",),
    "conference": ("status",),
    "overlap_case": ("status", "disposition"),
    "recovery": ("because",),
    "disclosure": ("list_of",),
}
"""Columns that must contain more than one value."""


@pytest.fixture
def sample_of_the_properties(cluster: TestCluster, furnished_template: str) -> psycopg.Connection[tuple[int]]:
    """A connection to the sample."""
    return psycopg.connect(cluster.url(furnished_template))


def test_no_table_that_can_be_read_is_empty(
    sample_of_the_properties: psycopg.Connection[tuple[int]],
) -> None:
    with sample_of_the_properties as connection:
        empty = {
            table
            for table in RULES.keys() - MADE_OF_OTHER_ROWS
            if not connection.execute(f"select 1 from {table} limit 1".encode()).fetchone()
        }
    assert RULES.keys() - MADE_OF_OTHER_ROWS <= metadata.tables.keys()
    assert not empty


def test_what_came_of_a_finding_occurs_in_every_way(
    sample_of_the_properties: psycopg.Connection[tuple[int]],
) -> None:
    with sample_of_the_properties as connection:
        for table, columns in WORDS.items():
            for column in columns:
                query = f"select count(distinct {column}) from {table}"
                ((count,),) = connection.execute(query.encode()).fetchall()
                assert count > 1, (table, column)
