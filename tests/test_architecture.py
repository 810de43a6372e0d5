"""The rules that hold the project's shape."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

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
            continue  # a migration is as long as what it makes
        lines = path.read_text("utf-8").splitlines()
        assert len(lines) <= 400, f"{path.relative_to(ROOT)} has {len(lines)} lines"
