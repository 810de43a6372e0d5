"""A programme is the same however its brackets are written."""

import pytest

from hub.model.aid import AidKind
from hub.overlaps.programmes import names_beside, programme_of

WIDE = "\uff08{}\uff09"
NARROW = "({})"


@pytest.mark.parametrize("school", ["小学", "初中"])
def test_brackets_of_either_width_name_one_programme(school: str) -> None:
    name = "义务教育家庭经济困难学生生活补助"
    wide, narrow = (name + brackets.format(school) for brackets in (WIDE, NARROW))
    found = programme_of(AidKind.EDUCATION, wide)
    assert found is not None
    assert found == programme_of(AidKind.EDUCATION, narrow)
    assert {wide, narrow} <= set(names_beside(AidKind.EDUCATION, wide))


def test_a_name_that_no_list_has_is_free_text() -> None:
    assert programme_of(AidKind.EDUCATION, "助学" + WIDE.format("试")) is None
