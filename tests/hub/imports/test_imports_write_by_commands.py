"""An import turns a file into drafts and passes them to the commands of the nouns. It writes its own jobs, but no row of a
household, a person, a certification, a line …"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "hub" / "imports").rglob("*.py"))
OWN_TABLES = {"ImportJobRow", "ImportRunRow", "SealedPartRow", "OfficeWordRow"}
"""A job, the result of a run, the encrypted file of a job, and the words in an office's files: only imports have these
tables."""
OF_ANY_QUEUE = {"hub/imports/job_leases.py"}
"""Takes and leases the jobs of a queue whose table the caller passes: that of imports or that of exports."""
WRITERS_OF_ROWS = {
    "hub.foundation.database": {"copy_rows", "update_rows"},
    "hub.ledger.before": {"save_before"},
    "hub.ledger.chain": {"append_events"},
}
"""Functions that write rows and events of a noun, by module: commands call them."""
WRITES = {"insert", "update", "delete"}
SQL = re.compile(r"\b(insert\s+into|update\s+\w+\s+set|delete\s+from|copy\s+\w+)\s", re.I)


def tables_of(tree: ast.Module) -> dict[str, str]:
    """The tables that a module names at its top, by variable: `_run, _job = table_of(RunRow), table_of(JobRow)`."""
    named: dict[str, str] = {}
    for node in tree.body:
        if not isinstance(node, ast.Assign):
            continue
        (target,) = node.targets
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for name, value in zip(names, values, strict=False):
            if isinstance(value, ast.Call) and ast.unparse(value.func) == "table_of":
                named[ast.unparse(name)] = ast.unparse(value.args[0])
    return named


def written_by(tree: ast.Module) -> Iterator[str]:
    """The tables that a module writes by its own statements, and its other ways of writing."""
    tables = tables_of(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="sa" | "pg"), attr=attr), args=[table, *_]
            ) if attr in WRITES:
                name = ast.unparse(table)
                yield tables.get(name, name)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if (
                name in tables and attr in WRITES
            ):
                yield tables[name]
            case ast.ImportFrom(module=str(module), names=names):
                writers = WRITES if module.startswith("sqlalchemy") else WRITERS_OF_ROWS.get(module, set())
                yield from (f"{module}.{one.name}" for one in names if one.name in writers)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="sa"), attr="text")):
                yield ast.unparse(node)
            case ast.Constant(value=str(text)) if SQL.search(text):
                yield text


def test_no_module_of_imports_writes_a_table_but_those_of_its_own_jobs() -> None:
    found = {
        (str(path.relative_to(ROOT)), table)
        for path in MODULES
        for table in written_by(ast.parse(path.read_text("utf-8")))
    }
    assert {
        (name, table) for name, table in found if table not in OWN_TABLES and name not in OF_ANY_QUEUE
    } == set()
    assert {table for name, table in found if name not in OF_ANY_QUEUE} == OWN_TABLES
    assert {table for name, table in found if name in OF_ANY_QUEUE} == {"table"}
