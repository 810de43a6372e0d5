"""The single control point for rows: every table has a rule or is closed; test_rows_of_every_table checks the rows of each
rule."""

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import table_of
from hub.model.every_table import ROWS, metadata
from hub.model.households import HouseholdRow
from hub.policy.permissions.jurisdiction import end_of
from hub.policy.permissions.row_policies import RULES, UndeclaredTable, visible
from tests.hub.policy.permissions.sight import MADE_OF_OTHER_ROWS

NEVER_READ_FOR_A_GRANT = {
    "import_job": "read by its agency alone, by its id",
    "export_job": "read by its client alone, by its id",
    "sealed_part": "read for whoever may read its job",
    "installation": "what the database itself is; no agency's business",
    "oauth_client": "client secrets; only the token endpoint reads it, as hub_writer",
    "oauth_client_document": "looked up for the client that sent its hash, never answered",
    "shown_household": "read inside the rule of households, never answered",
    "write_receipt": "read by the commands of its own agency, never answered",
    "schema_version": "read by each process of itself, never answered",
    "key_check": "compared by each process at its start, never answered",
    "feed_counter": "how much everybody writes; read by the operator's command line alone",
    "elsewhere_searches": "counted by the commands of its own client, never answered",
    "import_run": "read by the operator's command line alone",
    "import_before": "put back where an import is undone, never answered",
    "office_word": "read by the next import of its own office alone",
    "record_event": "what proves the rows; `hub verify` reads it, as hub_writer",
    "log_checkpoint": "what proves the record events; the sealer and `hub verify` read it",
    "log_block": "what proves the record events; `hub proof` reads it",
    "share_entry": "what a list held, read by the next list of its kind alone",
    "live_household": "read by the evaluation, for those who read all that it rests on",
    "live_entitlement": "read by the evaluation, for those who read all that a rule rests on",
    "scheduled_job": "read by the operator's command line alone",
}

DIGITS = st.text("0123456789", max_size=12)
ANYONE = Grant("civil_affairs@4101", "test", frozenset(Scope), ("4101",), "test")


def test_every_table_has_a_rule_or_a_reason_to_be_closed() -> None:
    assert metadata.tables.keys() | set(MADE_OF_OTHER_ROWS) == RULES.keys() | NEVER_READ_FOR_A_GRANT.keys()
    assert not RULES.keys() & NEVER_READ_FOR_A_GRANT.keys()


@pytest.mark.parametrize("name", sorted(NEVER_READ_FOR_A_GRANT))
def test_a_table_without_a_rule_cannot_be_read_for_a_grant(name: str) -> None:
    table = metadata.tables[name]
    for source in (table, table.alias(), sa.select(table).subquery()):
        with pytest.raises(UndeclaredTable):
            visible(source, ANYONE)


def test_a_query_that_merely_holds_a_table_with_a_rule_has_none_itself() -> None:
    with pytest.raises(UndeclaredTable):
        visible(sa.select(table_of(HouseholdRow)).subquery("household"), ANYONE)


@given(prefix=DIGITS.filter(bool), text=DIGITS)
def test_the_range_of_a_prefix_holds_the_texts_that_start_with_it_and_no_other(
    prefix: str, text: str
) -> None:
    assert (prefix <= text < end_of(prefix)) == text.startswith(prefix)
    assert prefix <= prefix + text < end_of(prefix)


def test_every_row_class_is_in_the_metadata() -> None:
    assert {table_of(row).name for row in ROWS} == metadata.tables.keys()
