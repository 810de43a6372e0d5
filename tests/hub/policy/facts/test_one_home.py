"""A fact of the policy is defined in one place: only `hub/policy/facts` compares the columns of beginnings and ends, and the
columns that describe a person: age, disability, illness, school, work, death."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.model.every_table import metadata
from tests.hub.policy.facts.comparisons import compares_a_word, comparisons

ROOT = Path(__file__).parents[4]
OF_TIME = {
    "superseded_at", "left_on", "valid_from", "valid_until", "ended_on", "due_on", "due_at", "withdrawn_at", "decided_on",
    "paid_on", "period_from", "period_until", "from_month", "since", "until", "closed_at", "papers_due_on",
    "papers_supplied_on", "published_at", "objected_on", "reminded_at", "escalated_at", "shared_at", "first_shared_at",
    "found_late_at", "late_closed_at", "opened_on", "repaid_on", "struck_on", "sent_at",
}  # fmt: skip
"""The columns that decide when something is in force, counts, is open or is late."""
NAMES_OF_TIME = OF_TIME | {"ended_because", "died_on"}
"""These columns, the reason of an end (a certification by mistake was never in force), and the day of the last reported
death."""
ALONE = NAMES_OF_TIME - {"since", "until"}
"""Any span has a beginning and an end, so as variables these two names are not columns."""
OF_NO_FACT = {
    **dict.fromkeys(
        ("accepted_at", "at", "called_at", "created_at", "decided_at", "disposed_at", "finished_at", "first_seen_at",
         "occurred_at", "offered_at", "opened_at", "raised_at", "recorded_at", "registered_at", "started_at", "submitted_at",
         "updated_at", "written_at"),
        "when somebody did something, or the hub recorded it; nothing is in force by it",
    ),
    **dict.fromkeys(
        ("declared_on", "held_on", "meets_on", "visited_on", "waived_on"),
        "the day of an act, which a command checks once: it is not in the future, or not before what it follows from",
    ),
    **dict.fromkeys(("as_of", "day", "done_for", "month", "sample_as_of"), "what day or month a row is of"),
    **dict.fromkeys(
        ("held_until", "next_change_on", "undone_at", "revoked_at"), "the hub's own work: jobs, stored answers, clients"
    ),
    "happened_on": "which matter urgent aid is for (46-3.3), as its name",
    "birth_date": "guarded among what tells who somebody is",
}  # fmt: skip
"""The other days and instants of the model, and why they do not decide validity."""
MAKERS = ("hub/policy/facts/", "hub/model/", "hub/sample/")
"""The facts; the tables, whose own CHECKs and indexes are SQL text; and the code that makes a sample, before any fact
applies."""
_STATED = "whether somebody stated the day at all"
_NO_COLUMN = "a span of the hub's own work, and no column"
ALLOWED: dict[str, tuple[set[str], str]] = {
    "hub/agencies/shown.py:_changed": ({"until"}, "it writes only the rows that differ from those that stand there"),
    "hub/agencies/shown.py:_sight_events": ({"until"}, "it writes a day into an event"),
    "hub/aid/urgent.py:with_papers_due": ({"papers_due_on"}, _STATED),
    "hub/certifications/changes.py:_correct": ({"ended_on"}, _STATED),
    "hub/certifications/changes.py:_record_event": ({"valid_until"}, "it writes a day into an event"),
    "hub/certifications/changes.py:begin": ({"ended_on"}, "whether an end was found"),
    "hub/certifications/changes.py:begins_with": ({"valid_from"}, "a row of a file names its certification by the first day"),
    "hub/certifications/changes.py:wish": ({"ended_on"}, "whether an end was found"),
    "hub/certifications/commands.py:check_state": (
        {"ended_because", "ended_on"}, "the same end is sent again where all its content is the same",
    ),
    "hub/certifications/rules.py:faults": ({"valid_from"}, _STATED),
    "hub/certifications/rules.py:form_faults": ({"valid_from"}, _STATED),
    "hub/evaluation/entitlements/holding.py:_holds": ({"since"}, "the name of a column that a rule may have"),
    "hub/households/restoring.py:_row": ({"left_on"}, "it names the columns in which two versions of a row differ"),
    "hub/liability/commands.py:check_one": ({"decided_on"}, "of a decision of liability, in force from then on for ever"),
    "hub/policy/permissions/sight.py:lasting": ({"until"}, "the end of sight has its home here, beside the row rule"),
    "hub/referrals/commands.py:check_deadline": ({"due_at"}, _STATED),
    "hub/referrals/drafts.py:referral_digest": ({"due_at"}, _STATED),
    "hub/service/workers.py:_look_after": ({"since"}, _NO_COLUMN),
    "hub/service/workers.py:_see_off": ({"since"}, _NO_COLUMN),
    "schema/engine/execute/admission.py:_of_client": ({"since"}, _NO_COLUMN),
}  # fmt: skip
"""Functions that compare such values for another reason, with the values and the reason."""
OF_PERSONS = {
    "birth_date",
    "disability_grade",
    "health",
    "education_stage",
    "employment",
    "labour",
    "relation",
}
BY_IMPORTS = {"hub/imports/monitored.py": {"relation"}}
"""Comparisons that an import still makes itself."""
KINDS_AS_DATA = {
    "hub/circumstances/rules.py",
    "hub/evaluation/entitlements/facts.py",
    "hub/imports/words.py",
    "hub/sample/facts.py",
    "hub/sample/planted.py",
    "hub/shares/rules.py",
}
"""Tables of the kinds of circumstance, of the evidence that each is, and of the sample's stories."""
ASKED = {"is_", "is_not", "in_", "not_in", "between", "is_distinct_from", "is_not_distinct_from"}


def compared(tree: ast.AST) -> Iterator[ast.Attribute]:
    """The columns of tables that a module compares, as in `one.c.left_on`."""
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKED:
            sides = [node.func.value]
        for attribute in sides:
            if (
                isinstance(attribute, ast.Attribute)
                and isinstance(attribute.value, ast.Attribute)
                and attribute.value.attr == "c"
            ):
                yield attribute


def ages(tree: ast.AST) -> Iterator[ast.Compare]:
    """Where a module compares two days of the year, as for an age: `(on.month, on.day) < (9, 1)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            parts = node.left.elts if isinstance(node.left, ast.Tuple) else []
            if [part.attr for part in parts if isinstance(part, ast.Attribute)] == ["month", "day"]:
                yield node


def sources() -> Iterator[tuple[Path, ast.AST]]:
    """Every module of the hub and of its schema, by its path."""
    for folder in ("hub", "schema"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def outside() -> Iterator[tuple[Path, ast.AST]]:
    """Every module except the facts."""
    return ((path, tree) for path, tree in sources() if not path.is_relative_to("hub/policy/facts"))


def test_only_the_facts_compare_what_says_when_something_is_in_force_counts_or_is_open() -> None:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path, tree in sources():
        if not path.as_posix().startswith(MAKERS):
            for function, _, name in comparisons(tree, NAMES_OF_TIME, ALONE):
                found[f"{path}:{function}"].add(name)
    assert dict(found) == {place: names for place, (names, _) in ALLOWED.items()}, "ask hub/policy/facts"


def test_only_the_facts_ask_which_record_counts_and_what_was_a_mistake() -> None:
    found = {
        path.as_posix()
        for path, tree in sources()
        if not path.as_posix().startswith(MAKERS)
        if any(compares_a_word(node, ("AidStatus", "EndReason")) for node in ast.walk(tree))
    }
    assert found == {
        "hub/aid/revocation.py",  # the same revocation is sent again if its whole content is equal
        "hub/aid/drafts.py",  # an aid record that states a payment has an amount
    }, "ask hub/policy/facts"


def test_every_day_and_instant_of_the_model_is_guarded_or_is_of_no_fact() -> None:
    columns = {
        column.name
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, sa.Date | sa.DateTime)
    }
    assert columns == OF_TIME | OF_NO_FACT.keys()
    assert OF_TIME & OF_NO_FACT.keys() == set()


def test_only_the_facts_compare_the_columns_that_tell_who_somebody_is() -> None:
    found = [
        f"{path}:{attribute.lineno} {attribute.attr}"
        for path, tree in outside()
        for attribute in compared(tree)
        if attribute.attr in OF_PERSONS - BY_IMPORTS.get(path.as_posix(), set())
    ]
    assert found == [], "ask hub/policy/facts"


def test_only_the_facts_reckon_an_age_or_a_school_year() -> None:
    found = [f"{path}:{age.lineno}" for path, tree in outside() for age in ages(tree)]
    assert found == [], "ask hub/policy/facts/ages.py or school_years.py"


def test_only_the_facts_ask_who_is_dead() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in outside()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "CircumstanceKind.DEATH"
        if path.as_posix() not in KINDS_AS_DATA
    ]
    assert found == [], "ask hub/policy/facts/circumstances.py"


def test_a_comparison_that_is_written_again_would_be_seen() -> None:
    again = "sa.or_(person.c.left_on.is_(None), person.c.left_on > day)"
    assert [attribute.attr for attribute in compared(ast.parse(again))] == ["left_on", "left_on"]
    again = "sa.and_(p.c.birth_date <= years_before(day, 70), p.c.labour.is_distinct_from(Labour.NONE), p.c.health.in_(ILL))"
    assert [attribute.attr for attribute in compared(ast.parse(again))] == ["birth_date", "labour", "health"]
    again = "on.year - born.year - ((on.month, on.day) < (born.month, born.day))"
    assert len(list(ages(ast.parse(again)))) == 1


@pytest.mark.parametrize(
    "again",
    [
        "certification.c.valid_from <= day",
        "day - 1 >= certification.c.valid_from",
        "person.c.left_on.is_(None)",
        "aid.c.period_from.between(first, last)",
        "sa.func.coalesce(aid.c.paid_on, aid.c.decided_on) >= day",
        "sa.cast(alert.c.closed_at, sa.Date) + 90 > day",
        "record.valid_until < day",
        "(record.valid_until or date.max) < day",
        "record['ended_on'] is None",
        "row.get('ended_on') is None",
        "left_on is not None",
        "(record.period_from, record.id) < other",
        "published_at.astimezone(CHINA).date() <= day",
        "max(begins, record.valid_from)",
        "[row for row in rows if row['superseded_at']]",
        "0 if offer.withdrawn_at else offer.remaining",
        "not member['left_on']",
        "record.paid_on and record.amount",
        "sa.text('select 1 from aid_record a where a.superseded_at is null')",
        "f'{day} < c.valid_until'",
        "sa.text('c.period_from - 1 <= :day')",
        "sa.text('due_on between :first and :last')",
    ],
)
def test_a_fact_of_time_that_is_written_again_would_be_seen_in_whatever_way(again: str) -> None:
    assert list(comparisons(ast.parse(f"def asked():\n    return {again}"), NAMES_OF_TIME, ALONE))


@pytest.mark.parametrize(
    "use",
    [
        "sa.select(aid.c.paid_on).order_by(aid.c.period_from)",
        "in_force(certification, day)",
        "is_present(row['left_on'])",
        "{'left_on': None}",
        "self.ended_on or today()",
        "self.since < since",
        "full_years(birth_date, draft.period_until) >= 0",
        "sa.func.min(certification.c.valid_from)",
    ],
)
def test_what_only_reads_a_day_or_hands_it_on_is_no_fact(use: str) -> None:
    found = list(comparisons(ast.parse(f"def asked():\n    return {use}"), NAMES_OF_TIME - {"since"}, ALONE))
    assert found == []


def test_no_table_is_written_a_second_time() -> None:
    again = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "table"
        if path.as_posix() != "hub/foundation/bare_tables.py"  # it makes them of those that hub/model has
    ]
    assert again == [], "hub/model has it"
