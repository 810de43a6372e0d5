"""Names are standard words of the field: no function, class, module or field has a name from a private vocabulary."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRIVATE = {"told", "tells", "said", "given", "ground", "standing", "stands", "wrong", "asked", "answering", "offered",
           "unmet", "what", "those", "thing", "kept", "keeps", "keep", "tell", "reckon"}  # fmt: skip
"""Words that do not say what a name stands for. They are refused as parts of a name too, as in `those_rows`."""
EMPTY = {"one", "each", "some"}
"""Words that are refused only as a whole name."""

STANDARD = {"given_name", "offered_at", "keep_alive_seconds", "_keep_alive"}
"""Names in which such a word is usual: a person's given name, the time of an offer, the keep-alive of HTTP."""

PUBLISHED = {
    "hub.conferences.drafts.what", "hub.disclosures.objections.ground",
    "hub.ledger.access.kept", "hub.model.conferences.what",
    "hub.model.disclosures.ground", "hub.model.ledger.kept", "hub.model.offers.what", "hub.model.overlaps.said",
    "hub.offers.commands.what", "hub.overlaps.cases.said", "schema.audit.types.kept", "schema.conferences.mutations.what",
    "schema.conferences.types.what", "schema.disclosures.mutations.ground", "schema.disclosures.types.ground",
    "schema.disclosures.types.stands", "schema.near_relatives.types.stands", "schema.offers.mutations.what",
    "schema.offers.types.what", "schema.overlaps.mutations.said", "schema.overlaps.types.said",
}  # fmt: skip
"""Fields and error codes of the published schema, their columns and their drafts: another name would break clients."""

COLUMNS = {"hub.model.coverage.told"}
"""A column that the previous version reads while this one runs (docs/upgrading.md): another name would stop it."""


def named() -> Iterator[tuple[str, str]]:
    """Every module, function, class and field, with its name; nested ones too."""
    for package in ("auth", "hub", "schema", "bench", "migrations"):
        for file in sorted((ROOT / package).rglob("*.py")):
            module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
            yield module, file.stem
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                    yield f"{module}.{node.name}", node.name
                if isinstance(node, ast.ClassDef):
                    for part in node.body:
                        if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                            yield f"{module}.{part.target.id}", part.target.id


def words_of(name: str) -> set[str]:
    """The words of a name in snake case or camel case."""
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.split("_"))


def test_no_name_has_a_word_of_a_private_vocabulary() -> None:
    private = {
        place
        for place, name in named()
        if (PRIVATE & words_of(name) or name.strip("_").lower() in EMPTY) and name not in STANDARD
    }
    assert private - PUBLISHED - COLUMNS == set(), "use the field's standard word"


SAME_NAME = {
    "AccessRecord": "the ledger's record of a request, and the type of the published schema that shows it",
    "DepartmentPermissions": "the permissions of a department, and the type of the published schema that shows them",
    "UnusualAccess": "what the reckoning found, and the type of the published schema that shows it",
    "DatabaseBusy": "the error's code: the same fact for a request and for a command of the operator",
}
"""Names that two public classes share, with the reason."""


def test_a_public_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for package in ("auth", "hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places.setdefault(node.name, []).append(str(file.relative_to(ROOT)))
    repeated = {name: where for name, where in places.items() if len(where) > 1}
    assert {name: where for name, where in repeated.items() if name not in SAME_NAME} == {}
    assert {name: len(where) for name, where in repeated.items()} == dict.fromkeys(SAME_NAME, 2)
