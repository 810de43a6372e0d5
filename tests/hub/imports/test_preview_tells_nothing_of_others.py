"""A preview writes nothing, so it must reveal nothing out of sight: its answer is the same whatever is registered there. The
import itself does reveal it, and is counted and recorded (46-2.1, 46-3.3)."""

from collections.abc import Sequence
from typing import Any

import pytest

from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import OTHER_COUNTY_OFFICE, TOWNSHIP_OFFICE, Office, notices, refusals
from tests.hub.imports.office import ELSEWHERE, HEADERS, Row, family, identity_number, member
from tests.hub.imports.test_aid import HEADERS as AID
from tests.hub.imports.test_searches_of_files import urgent

pytestmark = pytest.mark.anyio
REGISTERED, NOBODY = 700, 800
CODE, NO_CODE = "K1", "K9"
OF_PERSON = [member("N1", 51), member("N1", REGISTERED, "配偶")]
OF_HEAD = [member("N1", REGISTERED), member("N1", 52, "配偶")]


def of_nobody(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The same rows, for people who are registered nowhere."""
    numbers = {identity_number(REGISTERED): identity_number(NOBODY)}
    codes = {CODE: NO_CODE}
    return [
        {
            **row,
            "身份证号": numbers.get(row["身份证号"], row["身份证号"]),
            "户编号": codes.get(row.get("户编号", ""), row.get("户编号", "")),
        }
        for row in rows
    ]


@pytest.fixture
async def known(office: Office) -> Office:
    """A family of another county, and one of the township."""
    there = [{**one, "行政区划代码": ELSEWHERE} for one in family(CODE, REGISTERED, 3)]
    await office.imports(there, OTHER_COUNTY_OFFICE)
    await office.imports(family("H1", 0, 3))
    return office


def seen(report: ImportReport) -> tuple[Any, ...]:
    """Everything in a report."""
    return (
        report.rows,
        report.accepted,
        report.changed,
        refusals(report),
        notices(report),
        report.changes,
        report.cleared,
    )


@pytest.mark.parametrize(
    ("rows", "kind", "headers", "told"),
    [
        (OF_PERSON, ImportKind.HOUSEHOLDS, HEADERS, [(3, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]),
        (
            OF_HEAD,
            ImportKind.HOUSEHOLDS,
            HEADERS,
            [(2, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD"), (3, "relation", "HEAD_REFUSED")],
        ),
        (family(CODE, 900, 1), ImportKind.HOUSEHOLDS, HEADERS, [(2, "householdCode", "FOREIGN_HOUSEHOLD")]),
        ([urgent(REGISTERED)], ImportKind.AID, AID, []),
    ],
)
async def test_a_preview_answers_the_same_whatever_is_out_of_sight_and_the_import_tells(
    known: Office, rows: list[Row], kind: ImportKind, headers: Sequence[str], told: list[Any]
) -> None:
    before = await known.counts()
    one = await known.imports(rows, kind=kind, headers=headers, preview=True)
    other = await known.imports(of_nobody(rows), kind=kind, headers=headers, preview=True)
    assert seen(one) == seen(other)
    assert "CHECK_DEFERRED" in notices(one)
    assert await known.counts() == before
    assert await known.rows("select * from elsewhere_searches") == [], "nobody was looked for"
    done = await known.imports(rows, TOWNSHIP_OFFICE, kind, headers)
    assert refusals(done) == told
    if kind is ImportKind.AID:
        assert refusals(one) == [(2, "idNumber", "SEARCH_DEFERRED")]
        missed = await known.imports([urgent(NOBODY)], TOWNSHIP_OFFICE, kind, headers)
        assert refusals(missed) == [(2, "idNumber", "NOT_FOUND")]
        assert await known.rows("select searches from elsewhere_searches") == [2]
