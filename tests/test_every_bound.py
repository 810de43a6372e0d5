"""Each bound has a test that names its number, or stands here with a reason.

A bound is a constant of `auth`, `hub` or `schema` by whose name something is the most, the longest, the largest or the least. Its
test holds the number itself, written from the contract, and one beyond it.
"""

import ast
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
NAMES = re.compile(r"_?(MOST|LARGEST|LONGEST|FEWEST|LEAST|FEW)(_[A-Z_]+)?")
INPUTS, TEXTS = "schema/test_bounds_of_inputs.py", "schema/test_longest_texts.py"
REQUESTS, RECORDS = "schema/test_bounds_of_requests.py", "schema/test_bounds_of_records.py"
TESTED = {
    "auth/token_request.py": {"MOST_FORM_BYTES _MOST_FIELDS": "auth/test_token_request.py"},
    "hub/aid/ages.py": {"MOST_APART": "hub/aid/test_school_years.py", "MOST_AHEAD": "hub/aid/test_school_years.py"},
    "hub/aid/commands.py": {"LARGEST_BATCH": "schema/test_bounds.py"},
    "hub/aid/drafts.py": {"LONGEST_OUTCOME": TEXTS},
    "hub/aid/mediation.py": {"LONGEST_STATEMENT": TEXTS},
    "hub/aid/revocation.py": {"_LONGEST_REASON": TEXTS},
    "hub/aid/unregistered.py": {"LONGEST_KNOWN_AS": TEXTS},
    "hub/alerts/drafts.py": {"LONGEST_REASON": TEXTS, "MOST_NEEDS": INPUTS},
    "hub/certifications/drafts.py": {"_LONGEST_REASON": TEXTS},
    "hub/circumstances/commands.py": {"LARGEST_BATCH": "schema/test_bounds.py"},
    "hub/circumstances/drafts.py": {"_LONGEST": TEXTS},
    "hub/conferences/drafts.py": {"LONGEST_MATTER LONGEST_MINUTES": TEXTS, "MOST_PARTICIPANTS MOST_MEASURES": INPUTS},
    "hub/county_options/commands.py": {"_LONGEST": TEXTS},
    "hub/disclosures/objections.py": {"_LONGEST_GROUND": TEXTS},
    "hub/evaluation/access/unusual.py": {"MOST_DAYS": REQUESTS, "MOST_FOUND": "journeys/test_unusual_access.py"},
    "hub/evaluation/coverage/withholding.py": {"FEW": "hub/evaluation/coverage/test_withholding.py"},
    "hub/foundation/canonical_json.py": {"_LARGEST": "hub/foundation/test_canonical_json.py"},
    "hub/foundation/database.py": {"MOST_YUAN": INPUTS},
    "hub/foundation/logs.py": {"_MOST_INCIDENTS": "hub/foundation/test_logs.py"},
    "hub/foundation/texts.py": {"LONGEST_EXTERNAL_ID": TEXTS},
    "hub/households/checking.py": {"MOST_MEMBERS": INPUTS},
    "hub/households/commands.py": {"MOST_HOUSEHOLDS": "schema/test_bounds.py"},
    "hub/households/names.py": {"_MOST_RENAMED": "hub/imports/test_bounds_by_value.py"},
    "hub/households/values.py": {"LONGEST_CODE LONGEST_NAME LONGEST_LINE LONGEST_PROSE": TEXTS},
    "hub/imports/jobs.py": {
        "MOST_OPEN MOST_ATTEMPTS": "hub/service/test_uploads.py", "_LONGEST_NAME": "hub/service/test_bounds_of_jobs.py",
    },
    "hub/imports/text_files.py": {"_MOST_LINES": "hub/imports/test_bounds_by_value.py"},
    "hub/liability/commands.py": {"_LONGEST": TEXTS},
    "hub/near_relatives/commands.py": {"_LONGEST": TEXTS},
    "hub/offers/commands.py": {"MOST": INPUTS, "_LONGEST": TEXTS},
    "hub/overlaps/commands.py": {"LONGEST_REASON": TEXTS},
    "hub/recoveries/drafts.py": {"LONGEST_REASON": TEXTS},
    "hub/referrals/commands.py": {"LONGEST_REASON": TEXTS},
    "hub/service/callers.py": {"_MOST_LISTED": "hub/service/test_lists_of_jobs.py"},
    "hub/service/exports/jobs.py": {"MOST_OPEN": "hub/service/test_exports.py"},
    "hub/service/http_protocol.py": {
        "MOST_HEAD_BYTES MOST_ADDRESS_BYTES MOST_FIELDS": "hub/service/test_http_refused.py",
    },
    "hub/service/uploads/watching.py": {"MOST_OF_CLIENT": "hub/service/test_uploads_leave_room.py"},
    "hub/visits/commands.py": {"_LONGEST_FOUND _LONGEST_VISITORS": TEXTS},
    "schema/engine/compile/collect.py": {"MOST_LEVELS": REQUESTS, "MOST_ALIASES": "schema/test_bounds.py"},
    "schema/engine/compile/forbidden_nulls.py": {"MOST_PATHS": "schema/test_paths_of_errors.py"},
    "schema/engine/compile/scope_sets.py": {"MOST_SETS": "schema/compile/test_scope_sets.py"},
    "schema/engine/declare/bind_parameters.py": {"LONGEST_TEXT": REQUESTS},
    "schema/engine/declare/paging.py": {"LARGEST_PAGE": "schema/test_edges_of_pages.py"},
    "schema/engine/execute/coercion.py": {"_MOST_ERRORS": REQUESTS},
    "schema/engine/execute/document_texts.py": {"MOST_TEXTS MOST_BYTES MOST_CLIENTS": "schema/test_persisted_queries.py"},
    "schema/engine/execute/documents.py": {"MOST_TOKENS _MOST_ERRORS": REQUESTS},
    "schema/engine/execute/progress.py": {"LONGEST_NAME": REQUESTS},
    "schema/engine/execute/recorded_forms.py": {"MOST_PATHS _MOST_ITEMS _LONGEST": RECORDS},
}  # fmt: skip
"""By module and constant, where under `tests` its number stands."""
LARGE = "at its value it takes gigabytes or minutes; the test that reaches it lowers it, or comes with a file that claims more"
PART = "the size of a part: more are done in several, and tests/hub/test_parts.py holds results equal whatever the size"
MEMORY = "how much is remembered: what is forgotten is read again, and no answer depends on it"
WORDS = "how many are named before the rest is counted or left out, in a text for people"
WAITING = "seconds or places of a queue under load: `make faults`, `make prober` and test_request_queue.py wait on them"
OUT_OF_REACH = "another bound refuses first what would reach it by one"
NOT_BY_VALUE = {
    "hub/evaluation/monitoring/run.py": {"_LARGEST_WRITE": PART},
    "hub/foundation/connections.py": {"MOST_PREPARED": MEMORY},
    "hub/foundation/database_url.py": {"_MOST_PORTS": "a port above it is no port of TCP, and no server listens there"},
    "hub/foundation/household_queues.py": {"_LEAST": WAITING},
    "hub/imports/digits.py": {"_FEW _MOST_VALUES": "a guess by shares of a whole file; test_correcting_numbers.py has files"},
    "hub/imports/files.py": {"MOST_ROWS": LARGE},
    "hub/imports/job_leases.py": {"_MOST_REMEMBERED": MEMORY},
    "hub/imports/report.py": {"MOST_REASONS": LARGE, "_MOST_SHOWN": WORDS},
    "hub/imports/words.py": {"_LONGEST_NOTHING": "longer texts are none of the words that mean nothing, looked up or not"},
    "hub/imports/workbooks/findings.py": {"MOST_ROWS MOST_COLUMNS MOST_CELLS MOST_BYTES MOST_FINDINGS": LARGE},
    "hub/imports/workbooks/markup.py": {"_MOST_BLOCKS_OF_TEXT": LARGE},
    "hub/imports/workbooks/reader.py": {"MOST_MEMORY MOST_SECONDS MOST_WRITTEN": LARGE},
    "hub/imports/workbooks/xls.py": {"_MOST_BYTES": LARGE},
    "hub/ledger/access.py": {"_LARGEST_GROUP": PART, "_LONGEST_WAIT": WAITING, "_MOST_KNOWN": MEMORY},
    "hub/ledger/named_subjects.py": {"MOST_NUMBERS": PART},
    "hub/ledger/order.py": {"_LARGEST_STATEMENT": PART},
    "hub/ledger/refused_requests.py": {"MOST_KINDS": MEMORY},
    "hub/ledger/verify.py": {"MOST_NAMED": WORDS},
    "hub/ledger/verify_log.py": {"_MOST_NAMED": WORDS},
    "hub/ledger/verify_records.py": {"_LEAST": "the smallest UUID, no bound of what is taken"},
    "hub/regions/places.py": {"_MOST_NAMED": WORDS},
    "hub/service/admission_control.py": {"LEAST MOST": WAITING},
    "hub/service/embedded_watch.py": {"LONGEST_PAUSE": WAITING},
    "hub/service/ending.py": {"LONGEST_END": WAITING},
    "hub/service/exports/jobs.py": {"MOST_ATTEMPTS": "test_times_and_attempts_of_jobs.py ends a job by its attempts"},
    "hub/service/exports/worker.py": {"MOST_BYTES": LARGE, "_MOST_WITHHELD": WORDS},
    "hub/service/http_protocol.py": {"_MOST_REFUSED _MOST_OVERHEAD": WAITING},
    "hub/service/readiness.py": {"LONGEST_LOOK": WAITING},
    "hub/service/uploads/bodies.py": {"_MOST_FIELD_BYTES": "the room of a form's fields, beside that of its file"},
    "hub/service/uploads/watching.py": {"MOST_WATCHERS": WAITING},
    "hub/service/workers.py": {"_LONGEST_PAUSE": WAITING},
    "schema/engine/compile/collect.py": {"MOST_FIELDS": OUT_OF_REACH},
    "schema/engine/compile/forbidden_nulls.py": {"MOST_ERRORS": WORDS},
    "schema/engine/compile/weight.py": {"MOST_PLANNED": "characters of SQL, which change with a column; above it stands a test"},
    "schema/engine/execute/documents.py": {"_MOST _LONGEST": MEMORY},
    "schema/engine/execute/field_merging.py": {"MOST_COMPARED": "a measure of work, above which stands a test"},
    "schema/engine/execute/loaders.py": {"_MOST_KEYS": PART},
    "schema/engine/execute/plans.py": {"_MOST": MEMORY},
    "schema/engine/execute/request_queue.py": {"LONGEST_WAIT LONGEST_LINE _MOST_WAITING FEW": WAITING},
    "schema/engine/reasons.py": {"_LONGEST": WORDS},
    "schema/http/request.py": {"_LONGEST_NUMBER": "digits of a length that any body's bound refuses first"},
}  # fmt: skip
"""Bounds that no test tries by value, and why."""


@cache
def bounds() -> tuple[tuple[str, str, ast.expr], ...]:
    """Every bound: its module, its name, its value as it is written."""
    return tuple(_bounds())


def _bounds() -> Iterator[tuple[str, str, ast.expr]]:
    for package in ("auth", "hub", "schema"):
        for file in sorted((ROOT / package).rglob("*.py")):
            module = file.relative_to(ROOT).as_posix()
            for node in ast.parse(file.read_text("utf-8")).body:
                for name, value in _assigned(node):
                    if NAMES.fullmatch(name):
                        yield module, name, value


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    match node:
        case ast.Assign(targets=[ast.Name(name)], value=value):
            yield name, value
        case ast.AnnAssign(target=ast.Name(name), value=ast.expr() as value):
            yield name, value
        case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
            yield from (
                (one.id, part) for one, part in zip(names, values, strict=True) if isinstance(one, ast.Name)
            )


def table(of: dict[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    """A table by module and constant."""
    return {
        (module, name): said
        for module, lines in of.items()
        for names, said in lines.items()
        for name in names.split()
    }


def test_each_bound_has_a_test_or_a_reason() -> None:
    found = {(module, name) for module, name, _ in bounds()}
    tested, untested = table(TESTED), table(NOT_BY_VALUE)
    assert len(found) > 100
    assert not tested.keys() & untested.keys()
    assert tested.keys() | untested.keys() == found


def numbers_of(value: Any) -> set[str]:
    """The numbers in a value, as they may stand in a test."""
    return set().union(*map(numbers_of, value.values())) if isinstance(value, dict) else {str(value)}


@cache
def constants(test: str) -> frozenset[str]:
    """Every number and text of a test, computed ones too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / "tests" / test).read_text("utf-8"))):
        if isinstance(node, ast.Constant | ast.BinOp):
            try:
                found.add(str(evaluated(node)))
            except (NameError, TypeError, ValueError):
                continue
    return frozenset(found)


def evaluated(node: ast.expr) -> Any:
    """The value of a constant expression."""
    code = compile(ast.Expression(node), "bound", "eval")
    return eval(code, {"__builtins__": {}, "Decimal": Decimal})


@pytest.mark.parametrize(("module", "name"), table(TESTED))
def test_the_test_of_a_bound_holds_its_number(module: str, name: str) -> None:
    (value,) = (value for place, other, value in bounds() if (place, other) == (module, name))
    test = table(TESTED)[module, name]
    assert numbers_of(evaluated(value)) <= constants(test), (module, name, test)
