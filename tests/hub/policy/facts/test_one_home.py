"""A fact of the policy has one home: nothing but `hub/policy/facts` compares the columns by which things begin and end."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[4]
OF_FACTS = {"superseded_at", "left_on", "valid_until", "ended_on"}
ASKED = {"is_", "is_not", "in_", "not_in", "between", "is_distinct_from", "is_not_distinct_from"}


def compared(tree: ast.AST) -> Iterator[ast.Attribute]:
    """The columns of tables that a module compares with something, as in `one.c.left_on`."""
    for node in ast.walk(tree):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKED:
            sides = [node.func.value]
        for one in sides:
            if (
                isinstance(one, ast.Attribute)
                and isinstance(one.value, ast.Attribute)
                and one.value.attr == "c"
            ):
                yield one


def sources() -> Iterator[tuple[Path, ast.AST]]:
    """Every module of the hub and of its schema, by its path in the tree."""
    for folder in ("hub", "schema"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def test_only_the_facts_compare_the_columns_by_which_things_begin_and_end() -> None:
    found = [
        f"{path}:{one.lineno} {one.attr}"
        for path, tree in sources()
        if not path.is_relative_to("hub/policy/facts")
        for one in compared(tree)
        if one.attr in OF_FACTS
    ]
    assert found == [], "ask hub/policy/facts"


def test_a_comparison_that_is_written_again_would_be_seen() -> None:
    again = "sa.or_(person.c.left_on.is_(None), person.c.left_on > day)"
    assert [one.attr for one in compared(ast.parse(again))] == ["left_on", "left_on"]


def test_no_table_is_written_a_second_time() -> None:
    again = [
        f"{path}:{node.lineno}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "table"
    ]
    assert again == [], "hub/model has it"
