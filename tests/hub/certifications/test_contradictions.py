"""46-1.2, 按照现行政策对低收入人口分类进行认定: categories that exclude each other are not certified for the same day."""

from datetime import date, timedelta
from typing import Any

import pytest

from hub.foundation.errors import HubError
from hub.model.certifications import Category, EndReason
from tests.hub.certifications.test_certifying import (
    GRANDMOTHER,
    GRANDSON,
    JANUARY,
    MARCH,
    MAY,
    OTHER,
    WHOLE,
    notices,
    office,
    row,
    standing,
)

ALLOWANCE, HARDSHIP, MARGIN, RIGID = (
    "SUBSISTENCE_ALLOWANCE",
    "EXTREME_HARDSHIP",
    "SUBSISTENCE_MARGIN",
    "RIGID_EXPENDITURE",
)
OF_HOUSEHOLDS = (ALLOWANCE, MARGIN, RIGID)
"""A household is in at most one of these: a margin household does not qualify for the allowance, a rigid-expenditure
household for neither."""
DAY = timedelta(days=1)
SUBJECTS = {"household": WHOLE, "grandmother": GRANDMOTHER, "grandson": GRANDSON}
CASES = [
    (category, subject)
    for category in Category
    for subject in SUBJECTS
    if (subject == "household") != (category == HARDSHIP)
    and (subject == "household" or category in (ALLOWANCE, HARDSHIP, "OTHER_HARDSHIP"))
]


def contradicts(category: str, subject: str, other: str, beside: str) -> bool:
    """Whether the national rules exclude the two categories, in plain Python."""
    if {category, other} == {ALLOWANCE, HARDSHIP}:  # 纳入特困人员救助供养范围的,不再适用最低生活保障政策
        return subject == beside or "household" in (subject, beside)
    return category != other and subject == beside == "household" and {category, other} <= set(OF_HOUSEHOLDS)


@pytest.mark.parametrize(("category", "subject"), CASES)
def test_46_1_2_a_request_and_a_row_are_refused_where_the_rules_exclude_what_stands_and_nowhere_else(
    category: Category, subject: str
) -> None:
    for other, beside in CASES:
        if other is category:
            continue
        requested, listed = office(), office()
        for certifying in (requested, listed):
            standing(certifying, SUBJECTS[beside], other, JANUARY)
        wish = row(SUBJECTS[subject], category, MARCH)
        refusal = None
        try:
            requested.begin(wish, OTHER, "C-1")
        except HubError as error:
            refusal = error
        listed.wish(wish)
        excluded = contradicts(category, subject, other, beside)
        assert (refusal is not None) == excluded == bool(listed.notices), (other, beside)
        if refusal is not None:
            assert (refusal.code, refusal.path) == ("CONTRADICTORY_CERTIFICATION", ("category",))
            assert notices(listed) == [(7, refusal.code)]
            assert (requested.events, listed.events) == ([], []), "what stands goes on"


@pytest.mark.parametrize(
    ("begins", "until", "stood", "excluded"),
    [
        (MARCH, None, {}, True),
        (MARCH, None, {"ended_on": MARCH, "ended_because": EndReason.NO_LONGER_ELIGIBLE}, False),
        (MARCH, None, {"ended_on": MARCH + DAY, "ended_because": EndReason.NO_LONGER_ELIGIBLE}, True),
        (MARCH, None, {"ended_on": MAY, "ended_because": EndReason.MISTAKE}, False),
        (MARCH, None, {"valid_until": MARCH - DAY}, False),
        (MARCH, None, {"valid_until": MARCH}, True),
        (MARCH, MAY - DAY, {"valid_from": MAY}, False),
        (MARCH, MAY, {"valid_from": MAY}, True),
    ],
)
def test_46_1_2_they_exclude_each_other_on_the_days_on_which_both_are_in_force(
    begins: date, until: date | None, stood: dict[str, Any], excluded: bool
) -> None:
    requested, listed = office(), office()
    for certifying in (requested, listed):
        standing(certifying, WHOLE, Category.SUBSISTENCE_MARGIN, stood.get("valid_from", JANUARY), **stood)
    wish = row(WHOLE, Category.SUBSISTENCE_ALLOWANCE, begins, valid_until=until)
    listed.wish(wish)
    assert bool(listed.notices) == excluded
    if excluded:
        with pytest.raises(HubError, match=r"subsistence-allowance|margin"):
            requested.begin(wish, OTHER, "C-1")
    else:
        requested.begin(wish, OTHER, "C-1")


def test_46_1_2_a_row_that_lengthens_a_certification_into_another_is_told_and_one_that_ends_it_is_kept() -> (
    None
):
    certifying = office()
    until = {"valid_until": MARCH - DAY}
    standing(certifying, WHOLE, Category.SUBSISTENCE_MARGIN, JANUARY, **until)
    standing(certifying, WHOLE, Category.SUBSISTENCE_ALLOWANCE, MARCH)
    certifying.wish(row(WHOLE, Category.SUBSISTENCE_MARGIN, JANUARY, valid_until=MARCH))
    assert notices(certifying) == [(7, "CONTRADICTORY_CERTIFICATION")]
    certifying.notices.clear()
    ending = {
        "ended_on": MARCH - DAY,
        "ended_because": EndReason.NO_LONGER_ELIGIBLE,
        "end_reason": "收入超过标准",
    }
    certifying.wish(row(WHOLE, Category.SUBSISTENCE_MARGIN, JANUARY, **until, **ending))
    assert (notices(certifying), certifying.changed_rows) == ([], {7})
