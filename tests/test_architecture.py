"""The rules for the structure of the project."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split("\n")
FILES = [ROOT / name for name in TRACKED if name and (ROOT / name).is_file()]
PYTHON = [path for path in FILES if path.suffix == ".py"]
LOCKS = sorted((ROOT / ".ci" / "lock").glob("*.txt"))
SQL = re.compile(r"\b(select\s.+\sfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b", re.I | re.S)


def test_imports_point_down() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def modules_of(package: str) -> set[str]:
    """The packages and modules directly in a package."""
    folder = ROOT / package
    inside = {path.parent.name for path in folder.glob("*/__init__.py")} | {
        path.stem for path in folder.glob("*.py")
    }
    return {f"{package}.{name}" for name in inside - {"__init__"}}


@pytest.mark.parametrize(
    ("contract", "side", "everything_but"),
    [
        (
            "The engine knows no noun",
            "forbidden_modules",
            {"hub.foundation", "hub.ledger", "hub.policy", "schema.engine"},
        ),
        (
            "Who is asking knows nothing of what is asked",
            "forbidden_modules",
            {"hub.foundation", "hub.glossary"},
        ),
        ("The domain imports no GraphQL", "source_modules", {"hub.service"}),
    ],
)
def test_a_new_package_cannot_be_forgotten_in_a_contract_that_names_them_all(
    contract: str, side: str, everything_but: set[str]
) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (named,) = (set(one[side]) for one in contracts if one["name"] == contract)
    folders = modules_of("hub")
    if "schema" in named:
        folders |= {"schema"}
    elif any(name.startswith("schema.") for name in named):
        folders |= modules_of("schema")
    assert named == folders - everything_but


def cycles_of(imports: dict[str, set[str]]) -> list[set[str]]:
    """The groups of modules that import each other in a cycle (strongly connected components, by Kosaraju's algorithm)."""
    importers: dict[str, set[str]] = {module: set() for module in imports}
    for module, imported in imports.items():
        for name in imported:
            importers[name].add(module)

    def walk(module: str, along: dict[str, set[str]], seen: set[str]) -> list[str]:
        """The modules that can be reached and were not seen, deepest first."""
        seen.add(module)
        ended, path = [], [(module, iter(sorted(along[module])))]
        while path:
            current, following = path[-1]
            if (unseen := next((name for name in following if name not in seen), None)) is None:
                path.pop()
                ended.append(current)
            else:
                seen.add(unseen)
                path.append((unseen, iter(sorted(along[unseen]))))
        return ended

    seen: set[str] = set()
    order = [name for module in sorted(imports) if module not in seen for name in walk(module, imports, seen)]
    grouped: set[str] = set()
    groups = [set(walk(module, importers, grouped)) for module in reversed(order) if module not in grouped]
    return [group for group in groups if len(group) > 1]


def imports_of_modules(*, with_annotations: bool) -> dict[str, set[str]]:
    """The modules that each module imports, at its top or inside its functions; `with_annotations`: under TYPE_CHECKING too."""
    graph = grimp.build_graph(
        "hub",
        "schema",
        "auth",
        "migrations",
        exclude_type_checking_imports=not with_annotations,
        cache_dir=None,
    )
    return {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}


def test_no_module_leads_to_itself_by_imports_not_even_by_those_inside_functions() -> None:
    assert cycles_of(imports_of_modules(with_annotations=False)) == []


def test_only_graphql_types_name_one_another_in_a_circle_in_their_annotations() -> None:
    for circle in cycles_of(imports_of_modules(with_annotations=True)):
        assert {name for name in circle if not is_of_graphql_types(name)} == set()


def is_of_graphql_types(module: str) -> bool:
    """Whether a module declares the schema of a noun, or holds the names by which its types are found later."""
    package, _, rest = module.partition(".")
    return package == "schema" and not rest.startswith("engine.")


WHAT_THE_ENGINE_ASKS = {
    "hub.ledger.access",
    "hub.ledger.named_subjects",
    "hub.model.ledger",
    "hub.policy.permissions.field_scopes",
    "hub.policy.permissions.jurisdiction",
    "hub.policy.permissions.row_policies",
    "hub.policy.permissions.scope_sets",
}
"""The modules outside the engine and the foundation that the engine imports, besides the caller's identity: the scopes that
open a field, the rows that a grant sees, and the access record of a request. Each is looked up by the name of a type or
table; no other module may be added."""


def test_the_engine_asks_no_more_of_the_hub_than_permissions_and_the_record_of_a_request() -> None:
    used = {
        name
        for module, imported in imports_of_modules(with_annotations=True).items()
        if module.startswith("schema.engine.")
        for name in imported
        if name.startswith(("hub.", "schema.")) and not name.startswith(("hub.foundation.", "schema.engine."))
    }
    assert used == WHAT_THE_ENGINE_ASKS


def test_the_schema_holds_no_sql_text() -> None:
    for path in (ROOT / "schema").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not SQL.search(node.value), f"{path.name}: {node.value}"


def test_one_place_ends_the_transactions_of_the_service_since_events_are_written_as_they_commit() -> None:
    ending = {
        str(path.relative_to(ROOT))
        for folder in ("hub", "schema", "auth")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert ending == {"hub/foundation/database.py"}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_every_package_with_hashes_and_names_no_address(lock: Path) -> None:
    text = lock.read_text()
    pins = re.findall(r"^(\S+==\S+)(.*?)(?=^\S|\Z)", text, re.M | re.S)
    assert len(pins) > 20
    assert all("--hash=sha256:" in rest for _, rest in pins)
    assert "://" not in text
    assert "index" not in re.sub(r"^\s*#.*$", "", text, flags=re.M)


def test_no_file_names_a_package_registry() -> None:
    hosts = [f"{name}.org" for name in ("pypi", "pythonhosted")] + ["registry." + "npmjs", "npm" + "mirror"]
    for path in FILES:
        text = path.read_bytes().decode("utf-8", errors="ignore")
        assert not any(host in text for host in hosts), path


def test_every_data_file_of_the_packages_is_installed_with_them() -> None:
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packages = tuple(setuptools["packages"]["find"]["include"])
    data = [
        path
        for path in FILES
        if path not in PYTHON
        and any(fnmatch(path.relative_to(ROOT).parts[0], package) for package in packages)
    ]
    assert ROOT / "hub" / "policy" / "clauses.toml" in data
    assert [
        path for path in data if not any(fnmatch(path.name, one) for one in setuptools["package-data"]["*"])
    ] == []


def test_every_file_is_named_by_a_word_of_the_domain() -> None:
    nameless = {"utils", "util", "helpers", "helper", "common", "base", "misc", "crud"}
    assert not [path for path in PYTHON if path.stem in nameless]


def test_a_file_is_read_in_one_sitting() -> None:
    for path in PYTHON:
        if "versions" in path.parts:
            continue  # a migration is as long as its changes
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 400, f"{path.relative_to(ROOT)} has {len(lines)} lines"
