"""46-3.3: a person in urgent trouble is found wherever registered. Files and requests of a client share one limit of such
searches in a day."""

from collections import Counter
from dataclasses import replace

import pytest

from auth.grant import Grant
from hub.imports.command import operator_grant
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import TOWNSHIP_OFFICE, Office
from tests.hub.imports.office import TOWNSHIP, family, identity_number
from tests.hub.imports.test_aid import HEADERS, grant_money

pytestmark = pytest.mark.anyio
NOBODY = 500
"""The first of the numbers that nobody has."""


def urgent(place: int) -> dict[str, str]:
    """A valid row of urgent aid for the person with a number."""
    return grant_money(
        f"U-{place}", 身份证号=identity_number(place), 救助类型="临时救助", 救助形式="先行救助", 学年="", 就学阶段="", 学校="",
        困难事由="火灾", 发生地区划=TOWNSHIP,
    )  # fmt: skip


async def looked_for(office: Office, first: int, count: int, grant: Grant) -> ImportReport:
    """Imports a file of urgent aid for people who are registered nowhere."""
    rows = [urgent(place) for place in range(first, first + count)]
    return await office.imports(rows, grant, ImportKind.AID, HEADERS)


def codes(report: ImportReport) -> dict[str, int]:
    """The number of refused rows of each code."""
    return dict(Counter(one.code for one in report.refused))


async def test_all_files_of_a_client_share_its_searches_of_a_day(office: Office) -> None:
    await office.imports(family("H1", 0, 3))
    assert codes(await looked_for(office, NOBODY, 30, TOWNSHIP_OFFICE)) == {"NOT_FOUND": 30}
    assert codes(await looked_for(office, NOBODY + 100, 30, TOWNSHIP_OFFICE)) == {"SEARCH_LIMIT_REACHED": 30}
    assert codes(await looked_for(office, NOBODY + 100, 20, TOWNSHIP_OFFICE)) == {"NOT_FOUND": 20}
    counted = await office.rows("select client_id, searches from elsewhere_searches")
    assert counted == [(TOWNSHIP_OFFICE.client, 50)]
    other = replace(TOWNSHIP_OFFICE, client="another")
    assert codes(await looked_for(office, NOBODY, 30, other)) == {"NOT_FOUND": 30}


async def test_all_files_that_an_operator_imports_for_an_agency_share_its_searches(office: Office) -> None:
    grant = await operator_grant(office.database, TOWNSHIP_OFFICE.agency)
    assert codes(await looked_for(office, NOBODY, 50, grant)) == {"NOT_FOUND": 50}
    assert codes(await looked_for(office, NOBODY + 100, 1, grant)) == {"SEARCH_LIMIT_REACHED": 1}
    assert await office.rows("select client_id, searches from elsewhere_searches") == [(grant.agency, 50)]
