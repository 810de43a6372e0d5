"""Which tables contain records: record events prove the content of their rows. A test checks that every table is in a list."""

from collections.abc import Mapping

import sqlalchemy as sa

NO_RECORDS: Mapping[str, str] = {
    "record_event": "the ledger of rows itself, whose links are checked",
    "log_checkpoint": "the transparency log over that ledger, whose roots are made anew",
    "log_block": "roots over parts of the log, for proofs, which are checked by the log's root",
    "schema_version": "which versions may run; written anew by every upgrade",
    "key_check": "check values of keys, compared with the keys whenever a process begins",
    "scheduled_job": "when a job ran last, and who holds it: a lease",
    "elsewhere_searches": "a counter of the day, for a limit",
    "import_job": "a queue of uploads; what an import writes is recorded with its run",
    "export_job": "a queue of exports; what was read is in the access records",
    "import_before": "what an import replaced, for its undoing; each of these rows was recorded when it stood",
    "feed_counter": "the newest position of the feed, which is checked against the events",
    "live_household": "what the evaluation found, found anew from records",
    "live_entitlement": "what the evaluation found, found anew from records",
    "operation_text": "documents without values, under their hash; access records name them",
    "sealed_part": "parts of uploads and exports, emptied once they are done with",
    "coverage": "a cache, reckoned anew from records",
    "coverage_category": "a cache, reckoned anew from records",
    "coverage_kind": "a cache, reckoned anew from records",
}
"""Tables that contain no records, each with the reason."""

COVERED: Mapping[str, tuple[str, ...]] = {"chain_event": ("household_id", "number", "hash")}
"""The columns in the canonical form, for tables where not all columns are in it. A chain event's own hash covers its content;
the database assigns its place in the feed."""


def record_tables(metadata: sa.MetaData) -> tuple[sa.Table, ...]:
    """The tables of records, in the order of their names."""
    return tuple(table for name, table in sorted(metadata.tables.items()) if name not in NO_RECORDS)


def covered_columns(table: sa.Table) -> tuple[sa.Column[object], ...]:
    """The columns in a table's canonical form, in the table's order."""
    names = COVERED.get(table.name, tuple(table.columns.keys()))
    return tuple(table.c[name] for name in names)


def household_column(table: sa.Table) -> sa.Column[object] | None:
    """The column with the household of a row; None if the rows belong to no household."""
    if table.name == "household":
        return table.c.id
    return table.c.household_id if "household_id" in table.c else None


def key_columns(table: sa.Table) -> tuple[sa.Column[object], ...]:
    """The columns that identify a row within its household, or within a table without households."""
    return tuple(column for column in table.primary_key.columns if column is not household_column(table))
