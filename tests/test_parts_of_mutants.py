"""Every module with logic is in a part of `make mutants`, or is left out for a reason."""

from tests.mutants.parts import ROOT, parts

LEFT_OUT = {
    "hub/model/": "tables and enums, which hold no rule",
    "hub/sample/": "it makes the data of the tests, and runs in no hub with real households",
    "hub/service/cli/": "commands, each of which is run as a program by the tests",
    "hub/glossary/": "it reads data, which tests compare with the policy and the schema",
    "hub/policy/clauses.py": "it reads data, which a test compares with the policy",
}
"""The beginnings of paths that belong to no part."""


def test_every_module_is_in_a_part_or_left_out_for_a_reason() -> None:
    held = {file for part in parts() for file in part.files}
    modules = {
        str(path.relative_to(ROOT))
        for package in ("auth", "hub", "schema")
        for path in (ROOT / package).rglob("*.py")
        if path.name not in {"__init__.py", "refusals.py"}
    }
    assert {one for one in modules - held if not one.startswith(tuple(LEFT_OUT))} == set()


def test_no_part_is_empty_and_each_has_tests() -> None:
    assert [part.name for part in parts() if not part.files or not part.tests] == []
