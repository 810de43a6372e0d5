"""A region is found by every spelling that offices write; an ambiguous one is refused, and the message names both regions."""

import csv
from importlib.resources import files

import pytest

from auth.grant import Grant
from hub.foundation.errors import HubError
from hub.regions.places import AmbiguousRegion, Places, UnknownRegion

REGISTER = {
    row["code"]: row["name"]
    for row in csv.DictReader(files("hub.regions").joinpath("zhengzhou.csv").read_text("utf-8").splitlines())
}


def places(region: str, register: dict[str, str] = REGISTER) -> Places:
    """The places for the civil affairs office of a region."""
    return Places(register, Grant(f"civil_affairs@{region}", "cli", frozenset(), (region,), "allocation"))


STREET, VILLAGE = "410105001", "410105001003"


@pytest.mark.parametrize(("written", "code"), [
    ("经八路街道", STREET), ("经八路街道办事处", STREET), ("经八路街道办", STREET), ("经八路办事处", STREET), ("经八路", STREET),
    ("金水区经八路街道", STREET), ("郑州市金水区经八路街道", STREET), ("河南省郑州市金水区经八路街道办事处", STREET),
    ("410105001000", STREET),
    ("体育社区", VILLAGE), ("体育社区居委会", VILLAGE), ("体育社区居民委员会", VILLAGE), ("体育居委会", VILLAGE),
    ("经八路街道体育社区", VILLAGE), ("经八路街道办事处体育社区居委会", VILLAGE), ("金水区经八路街道体育社区", VILLAGE),
    ("郑州市-金水区-经八路街道-体育社区", VILLAGE), ("410105001003", VILLAGE),
])  # fmt: skip
def test_a_region_is_found_by_each_of_its_names(written: str, code: str) -> None:
    assert places("410105").dwelling(written) == code


def test_every_village_of_the_city_is_found_by_its_short_name_after_its_county_and_township() -> None:
    city = places("4101")
    for code, name in REGISTER.items():
        if len(code) == 12:
            above = REGISTER[code[:6]] + REGISTER[code[:9]]
            short = name.removesuffix("居民委员会").removesuffix("居民居委会").removesuffix("居委会")
            assert city.dwelling(above + short) == code, name


def test_two_answers_are_refused_with_both() -> None:
    register = {
        "410105": "金水区",
        "410105001": "甲街道",
        "410105002": "乙街道",
        "410105001001": "和平社区居委会",
        "410105002001": "和平社区居民委员会",
    }
    with pytest.raises(AmbiguousRegion) as refused:
        places("410105", register).dwelling("和平社区")
    for message in (refused.value.message, refused.value.message_zh):
        assert "410105001001" in message
        assert "410105002001" in message
    assert places("410105", register).dwelling("乙街道和平社区") == "410105002001"
    assert places("410105001", register).dwelling("和平社区") == "410105001001", "of one's own jurisdiction"


@pytest.mark.parametrize(
    "written", ["北京街道", "社区", "街道办事处", "居委会", "体育社区经八路街道", "二七区经八路街道"]
)
def test_what_is_no_name_of_a_region_is_unknown(written: str) -> None:
    with pytest.raises(HubError) as refused:
        places("410105").dwelling(written)
    assert isinstance(refused.value, UnknownRegion)
