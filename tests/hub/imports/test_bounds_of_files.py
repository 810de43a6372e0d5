"""The bounds of values in a file of households, as docs/imports.md names them: just inside, the bound, and just outside."""

import pytest

from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.office import family, member

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("members", "taken"), [(99, True), (100, True), (101, False)])
async def test_a_household_has_at_most_a_hundred_members(office: Office, members: int, taken: bool) -> None:
    report = await office.imports(family("H1", 0, members))
    codes = {code for _, _, code in refusals(report)}
    assert (report.changed, codes) == ((members, set()) if taken else (0, {"TOO_MANY_MEMBERS"}))


@pytest.mark.parametrize(("header", "most"), [("户编号", 64), ("地址", 500)], ids=["a code", "an address"])
@pytest.mark.parametrize(("more", "taken"), [(-1, True), (0, True), (1, False)])
async def test_a_text_of_a_file_has_at_most_its_documented_length(
    office: Office, header: str, most: int, more: int, taken: bool
) -> None:
    report = await office.imports([member("H1", 0, **{header: "A" * (most + more)})])
    assert (refusals(report) == []) is taken
    lengths = "select length(code), coalesce(length(address), 0) from household"
    found = await office.rows(lengths)
    assert ((most + more) in (found[0] if found else ())) is taken
