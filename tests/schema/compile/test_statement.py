"""Passes 4 and 5: fields that are not selected are not in the statement, and the size of a statement is bounded for every
operation."""

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from auth.scopes import Scope
from hub.foundation.bare_tables import bare
from hub.foundation.database import table_of
from hub.foundation.encryption import Keys, Secrecy
from hub.foundation.prepared_sql import render
from hub.model.coverage import CoverageRow
from hub.model.households import HouseholdRow
from schema.engine.compile.lowering import Lowering
from schema.engine.compile.statement import Statement, compile_statement
from schema.engine.declare.field_sources import TYPES, Derived
from schema.engine.refusals import TooManyFields
from schema.hub_schema import build
from tests.schema.compile.operations import grant_of, planned

SECRECY = Secrecy(Keys.create())


def stated(query: str, department: str = "civil_affairs") -> Statement:
    """The statement of an operation."""
    grant = grant_of(department)
    lowering = Lowering(build().graphql, build().guards, planned(query, grant), grant)
    return compile_statement(lowering.lower(), grant, SECRECY)


def test_a_forbidden_column_is_not_in_the_statement() -> None:
    query = '{ household(code: "1") { code members { idNumber phone } aidRecords { nodes { amount } } } }'
    assert "phone_sealed" in stated(query).text
    text = stated(query, "education").text
    assert "phone_sealed" not in text
    assert "id_number_sealed" in text


def test_a_statement_reads_the_columns_that_it_answers_and_no_others() -> None:
    query = '{ household(code: "1") { residence members { name } aidRecords { pageInfo { endCursor } } } }'
    read = set(re.findall(r"(?:household|person|aid_record)_1\.(\w+) AS", stated(query).text))
    answered, keys, of_the_cursor = (
        {"residence", "name"},
        {"id", "household_id", "person_id"},
        {"period_from"},
    )
    assert read == answered | keys | of_the_cursor


TABLES = dict.fromkeys(one.reads.table for one in TYPES.values() if hasattr(one, "reads"))


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_table_without_its_constraints_has_its_columns_wherever_they_are_read(table: sa.Table) -> None:
    def of(rows: sa.FromClause) -> list[tuple[str, type[object], bool]]:
        return [(one.key, type(one.type), getattr(one, "nullable", True) is not False) for one in rows.c]

    alias = bare(table).alias()
    assert of(table) == of(alias) == of(sa.select(alias).subquery())
    assert not any(one.foreign_keys for one in alias.c)


def test_a_callers_values_are_never_in_the_text() -> None:
    query = """{ households(filter: {code: ["SECRET-1"], region: "410105", incomePerCapita: {lte: "777.77"}}) { totalCount }
                 household(code: "SECRET-2") { code } person(idNumber: "410199190001010010") { name } }"""
    text = stated(query).text
    assert not any(value in text for value in ("SECRET", "410105", "777", "410199"))


def test_every_table_of_a_household_is_read_behind_the_row_rule() -> None:
    looks = {"households": (1, 1), "aidRecords": (2, 1), "referrals": (2, 1), "chainEvents": (1, 1)}
    for root, (of_page, of_count) in looks.items():
        text = stated(f"{{ {root} {{ totalCount nodes {{ __typename }} }} }}").text
        assert text.count("grant") == 0
        page, count = text.partition(" LIMIT ")[::2]
        assert page.count("shown_household.agency_id = ") == of_page, root
        assert count.count("shown_household.agency_id = ") == of_count, root


def test_the_rule_of_a_household_looks_once_at_what_is_shown_and_joins_nothing() -> None:
    """Rows that are reached from a visible household are not checked again."""
    query = """{ household(code: "1") { code address members { name } aidRecords { nodes { amount person { name } } }
                 referrals { nodes { reason household { code } } } } }"""
    text = stated(query).text
    assert text.count("shown_household.agency_id = ") == 1
    assert " JOIN " not in text


def test_aid_records_are_counted_by_their_key_though_an_agency_may_own_some() -> None:
    """An index covers these columns. For callers who read every kind, no other column of a record is read."""
    counted = stated("{ aidRecords { totalCount } }").text
    assert set(re.findall(r"aid_record_1\.(\w+)", counted)) == {"household_id", "id", "superseded_at"}


def test_kinds_that_are_asked_alike_share_their_sql() -> None:
    alike = stated("{ aidRecords { nodes { id kind program agency { name } } } }").text
    assert alike.count("""concat('{"id":""") == 1
    apart = stated("{ aidRecords { nodes { id ... on MedicalAid { hospital } } } }").text
    assert apart.count("""concat('{"id":""") == 2


def test_a_chain_of_interfaces_is_linear_in_the_statement() -> None:
    query = "{ aidRecords { nodes { " + "history { " * 14 + "amount" + " }" * 14 + " } } }"
    assert len(stated(query).text) < 60_000


def test_kinds_that_are_asked_differently_at_every_level_multiply_and_are_refused() -> None:
    kinds = ("MedicalAid", "EducationAid", "HousingAid")
    fragments = []
    for level in range(4):
        parts = [
            f"... on {kind} {{ {kind.lower()}{level}: history {{ ...F{level + 1} }} }}" for kind in kinds
        ]
        fragments.append(f"fragment F{level} on AidRecord {{ {' '.join(parts)} }}")
    fragments.append(f"fragment F4 on AidRecord {{ {' '.join(f'id{number}: id' for number in range(130))} }}")
    with pytest.raises(TooManyFields):
        stated(f"{{ aidRecords {{ nodes {{ ...F0 }} }} }} {' '.join(fragments)}")


def test_an_object_of_more_fields_than_a_function_takes_is_still_one_object() -> None:
    fields = " ".join(f"a{number}: code" for number in range(120))
    text = stated(f'{{ household(code: "1") {{ {fields} }} }}').text
    made = text.partition("convert_to(")[2]
    assert [f'"a{number}":' in made for number in range(120)] == [True] * 120
    assert made.count("concat(") == 1 + 1 + 3, "an object around it, and one of three parts"


def test_what_a_foreign_key_tells_already_is_not_looked_up() -> None:
    by_key = stated(
        '{ household(code: "1") { region { code } aidRecords { nodes { agency { code __typename } } } } }'
    )
    assert "FROM region" not in by_key.text
    assert "FROM agency" not in by_key.text
    by_more = stated(
        '{ household(code: "1") { region { code name } aidRecords { nodes { agency { name } } } } }'
    )
    assert "FROM region" in by_more.text
    assert "FROM agency" in by_more.text


def test_a_row_that_not_everybody_sees_is_looked_up_even_for_its_key_alone() -> None:
    text = stated("{ aidRecords { nodes { household { id } } } }").text
    assert "FROM household" in text.partition("concat(")[2]


def test_a_look_up_that_finds_one_at_the_most_is_by_a_column_that_the_database_keeps_unique() -> None:
    unique = {name: read for name, read in build().guards.reads.items() if getattr(read, "unique", False)}
    assert set(unique) == {"Query.household", "Query.coverage"}
    assert "household_1.code = $1" in stated('{ household(code: "1") { id } }').text
    assert table_of(HouseholdRow).c.code.unique
    by_month = stated('{ coverage(region: "41", month: "2026-11") { day } }').text
    assert "coverage_1.region = $" in by_month
    assert "coverage_1.month = $" in by_month
    assert {column.name for column in table_of(CoverageRow).primary_key} == {"region", "month"}


def test_what_is_asked_under_several_names_is_written_once() -> None:
    one = "chainEvents(first: 1) { nodes { summaryZh summary } }"
    once = len(stated(f"{{ {one} }}").text)
    fields = " ".join(f"z{place}: summaryZh" for place in range(198))
    assert len(stated(f"{{ chainEvents(first: 1) {{ nodes {{ {fields} }} }} }}").text) < once + 198 * 60
    assert (
        len(stated("{ " + " ".join(f"c{place}: {one}" for place in range(198)) + " }").text) < once + 198 * 60
    )
    counts = " ".join(f"c{place}: households {{ totalCount }}" for place in range(198))
    assert stated(f"{{ {counts} }}").text.count("FROM household") == 1


def test_arguments_that_differ_are_not_the_same_selection() -> None:
    text = stated("{ a: households(first: 1) { totalCount } b: households(first: 2) { nodes { id } } }").text
    assert "LIMIT 2" in text
    filtered = stated(
        '{ a: households(filter: {region: "410105"}) { totalCount } b: households(filter: {region: "410102"}) { totalCount } }'
    )
    assert filtered.text.count("count(*)") == 2


@pytest.mark.parametrize("query", [
    "{ " + " ".join(f"a{size}: households(first: {size}) {{ nodes {{ code }} }}" for size in range(199)) + " }",
    "{ " + " ".join(f"a{size}: disclosures(first: {size}) {{ totalCount nodes {{ id }} }}" for size in range(199)) + " }",
    '{ household(code: "1") { ' + "members { household { " * 8 + "code" + " } }" * 8 + " } }",
    "{ chainEvents { nodes { household { " + "members { household { " * 6 + "chain { events { nodes { summary } } }"
    + " } }" * 6 + " } } } }",
], ids=["pages", "pages of no household", "levels", "levels over a page"])  # fmt: skip
def test_the_widest_and_the_deepest_operations_are_written_without_running_out_of_stack(query: str) -> None:
    assert stated(query).text


def test_every_value_that_the_database_computes_can_stand_in_a_subquery_of_its_row() -> None:
    """SQLAlchemy does not correlate by itself with a row that is further out; the statement would read the row a second time,
    without a condition."""
    grant = replace(grant_of("civil_affairs"), scopes=frozenset(Scope))
    for coordinate, read in build().guards.reads.items():
        if not isinstance(read, Derived):
            continue
        reads = TYPES[coordinate.partition(".")[0]].reads
        if reads.made is not None:
            continue
        row = reads.table.alias("the_row")
        once = sa.select(read.sql(row, grant).label("value")).correlate_except(None).subquery()
        value = sa.select(once.c.value).select_from(once).correlate_except(once).scalar_subquery()
        assert render(sa.select(value).select_from(row)).text.count("AS the_row") == 1, coordinate
