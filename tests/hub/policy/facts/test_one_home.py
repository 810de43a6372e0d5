"""A fact of the policy has one home: nothing but `hub/policy/facts` compares the columns by which things begin and end, and those
that tell who somebody is: age, disability, illness, school, work, death."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[4]
OF_TIME = {"superseded_at", "left_on", "valid_from", "valid_until", "ended_on", "due_on"}
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
"""What an import still compares for itself."""
KINDS_AS_DATA = {
    "hub/circumstances/rules.py",
    "hub/evaluation/entitlements/facts.py",
    "hub/imports/words.py",
    "hub/sample/facts.py",
    "hub/sample/planted.py",
    "hub/shares/rules.py",
}
"""Tables of the kinds of circumstance, what each is evidence of, and who tells stories of them."""
ASKED = {"is_", "is_not", "in_", "not_in", "between", "is_distinct_from", "is_not_distinct_from"}


def compared(tree: ast.AST) -> Iterator[ast.Attribute]:
    """The columns of tables that a module compares with something, as in `one.c.left_on`."""
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
    """Where a module compares one day of the year with another, as an age does: `(on.month, on.day) < (9, 1)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE):
            parts = node.left.elts if isinstance(node.left, ast.Tuple) else []
            if [part.attr for part in parts if isinstance(part, ast.Attribute)] == ["month", "day"]:
                yield node


def sources() -> Iterator[tuple[Path, ast.AST]]:
    """Every module of the hub and of its schema, by its path in the tree."""
    for folder in ("hub", "schema"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def outside() -> Iterator[tuple[Path, ast.AST]]:
    """Every module but the facts."""
    return ((path, tree) for path, tree in sources() if not path.is_relative_to("hub/policy/facts"))


def test_only_the_facts_compare_the_columns_by_which_things_begin_and_end() -> None:
    found = [
        f"{path}:{attribute.lineno} {attribute.attr}"
        for path, tree in outside()
        for attribute in compared(tree)
        if attribute.attr in OF_TIME
    ]
    assert found == [], "ask hub/policy/facts"


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


def test_no_table_is_written_a_second_time() -> None:
    again = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "table"
        if path.as_posix() != "hub/foundation/bare_tables.py"  # it makes them of those that hub/model has
    ]
    assert again == [], "hub/model has it"
