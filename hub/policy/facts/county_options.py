"""Which items a county extended to which categories, defined once (46-3.5).

"鼓励有条件的开发区管委会、区县(市)人民政府将困难残疾人生活补贴、残疾儿童康复救助、困难重度残疾人家庭无障碍改造等帮扶措施延伸至
低保边缘家庭成员等": nobody is entitled by this sentence alone, but by the option that the county recorded.
"""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.database import table_of
from hub.model.aid import OtherForm
from hub.model.certifications import Category
from hub.model.county_options import CountyOptionRow

EXTENDABLE = (OtherForm.DISABILITY_LIVING, OtherForm.CHILD_REHABILITATION, OtherForm.BARRIER_FREE)
"""The items that the sentence names."""
EXTENDED_TO = tuple(
    category
    for category in Category
    if category not in (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
)
"""低保边缘家庭成员等: the categories to which an item may be extended. The two supported categories have the items already,
or support of their own."""
_COUNTY = 6
_option = table_of(CountyOptionRow)


def in_force(option: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether an option is in force on a day."""
    return sa.and_(option.c.since <= day, goes_on(option, day))


def goes_on(option: FromClause, day: ColumnElement[date]) -> ColumnElement[bool]:
    """Whether an option has not ended by a day. Its first day does not matter."""
    return sa.or_(option.c.ended_on.is_(None), option.c.ended_on > day)


def has_ended(ended_on: date | None) -> bool:
    """Whether one option was ended."""
    return ended_on is not None


def can_end_on(since: date, ended_on: date, day: date) -> bool:
    """Whether an option can end on a day: from its first day to today (`day`)."""
    return since <= ended_on <= day


def extended(
    region: ColumnElement[str],
    item: OtherForm,
    held: ColumnElement[Any],
    day: ColumnElement[date],
    *categories: Category,
) -> ColumnElement[bool]:
    """Whether the county of a region extends an item on a day to one of these categories that is also in `held`, the
    categories of the subject (an array of texts; null: none)."""
    option = _option.alias()
    return (
        sa.exists()
        .where(
            option.c.county == sa.func.left(region, _COUNTY).collate("C"),
            option.c.item == item.value,
            option.c.category.in_([category.value for category in categories]),
            sa.cast(option.c.category, sa.Text) == sa.any_(held),
            in_force(option, day),
        )
        .correlate_except(option)
    )
