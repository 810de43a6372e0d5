"""Every write follows the one order of steps (`hub.commands`). A module that stores its receipt or checks sight itself is
listed, with the reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
RECEIPTS = {
    "claim_receipts",
    "stored_receipts",
    "claim_changes",
    "changes_made",
    "repeated",
    "answered",
    "save_answer",
}
FINDERS = {"resolve_subjects"}
BY_ITSELF = {
    "hub/circumstances/commands.py": "what stands under a number of a registry's may be corrected under it",
    "hub/circumstances/moved.py": "a registry's number names the same fact after its person moved, and is looked up to name it",
    "hub/aid/mediation.py": "it answers a case that may stand already",
    "hub/aid/unregistered.py": "whom it helps is registered once, before the aid that is recorded by its own command",
    "hub/households/receipts.py": "a household goes by its code, and is compared with what stands",
}
STEPS = [
    "authorise",
    "check_shape",
    "_answered_before",
    "check_alone",
    "find",
    "check",
    "claim_receipts",
    "write",
]
STEPS_OF_A_CHANGE = [
    "authorise",
    "check_shape",
    "changes_made",
    "find",
    "repeated",
    "check_state",
    "check",
    "write",
]


def named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in {
            "hub.ledger.receipts",
            "hub.persons.subjects",
        }:
            yield from (name.name for name in node.names)


def finds(tree: ast.AST) -> bool:
    """Whether a file looks up the household or person that a write is about."""
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return bool(FINDERS & set(named(tree))) or "context.resolve" in calls


def called(function: ast.AsyncFunctionDef) -> list[str]:
    """The calls in a function, in the order of its text."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    calls.sort(key=lambda node: (node.lineno, node.col_offset))
    return [
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in calls
        if isinstance(node.func, ast.Attribute | ast.Name)
    ]


def in_order(calls: list[str], steps: list[str]) -> list[str]:
    """The steps among some calls, each at its first call."""
    return list(dict.fromkeys(call for call in calls if call in steps))


def test_no_command_keeps_receipts_by_itself_but_those_that_say_why() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "hub").rglob("*.py"))
        if path.relative_to(ROOT).parts[1] not in {"commands", "ledger"}
        and RECEIPTS & set(named(ast.parse(path.read_text())))
    }
    assert found == BY_ITSELF.keys()


def test_whom_a_command_is_about_is_looked_for_after_its_receipt() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "hub").rglob("*.py"))
        if path.relative_to(ROOT).parts[1] not in {"commands", "persons"}
        and finds(ast.parse(path.read_text()))
    }
    assert found <= BY_ITSELF.keys() | {"hub/aid/elsewhere.py"}


def test_the_steps_of_a_creation_and_of_a_change_come_in_their_order() -> None:
    for file, function, steps in (("creation", "create_all", STEPS), ("update", "update", STEPS_OF_A_CHANGE)):
        tree = ast.parse((ROOT / "hub" / "commands" / f"{file}.py").read_text())
        (body,) = (
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.AsyncFunctionDef) and node.name == function
        )
        assert in_order(called(body), steps) == steps, file


def test_no_shape_is_judged_by_the_clock() -> None:
    """The shape checks come before the receipt, so they must not use the clock: a request that was stored must not be refused
    when it is sent again."""
    clock = {"today", "now"}
    judged = []
    for path in sorted((ROOT / "hub").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name in {
                "check_shape",
                "authorise",
                "shape_fault",
                "check_draft",
            }:
                names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
                if clock & names:
                    judged.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert judged == []
