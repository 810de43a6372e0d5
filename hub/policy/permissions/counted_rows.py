"""The row rules of households, written for counts: the same rows as in `row_policies`, for statements that read many rows.

Property tests compare both forms: the reference executor counts with the other form.
"""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.bare_tables import bare_table_of
from hub.model.agencies import ShownBecause, ShownHouseholdRow
from hub.model.households import HouseholdRow
from hub.policy.permissions.jurisdiction import in_jurisdiction, is_of_whole_city
from hub.policy.permissions.sight import ON_DUTY, is_shown, shown_for

Predicate = Callable[[FromClause, Grant], ColumnElement[bool]]
CountPredicate = Callable[[FromClause, Grant], ColumnElement[bool] | None]
"""None: the table has no special form for counts."""
_household = bare_table_of(HouseholdRow)
_shown = bare_table_of(ShownHouseholdRow)


def households_counted(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The rule of households, with all shown households as one list. The planner overestimates the cost of one look-up for
    each household, and would never read all households by their region."""
    shown = sa.select(_shown.c.household_id).where(is_shown(_shown, grant, ON_DUTY))
    return sa.or_(in_jurisdiction(household.c.region, grant), household.c.id.in_(shown))


def not_hidden(table: FromClause, grant: Grant) -> ColumnElement[bool] | None:
    """Rows whose household is not out of sight: the negated form of the rule for a household's rows, for a city or a larger
    region. In a city's own database nearly no household is outside the city, so each of a million rows is looked up in a
    short list. Each row of the table must have a household."""
    if not is_of_whole_city(grant):
        return None
    household = _household.alias()
    hidden = sa.not_(households_counted(household, grant))
    return sa.not_(sa.exists().where(household.c.id == table.c.household_id, hidden))


def not_hidden_or_own(because: ShownBecause, own: Predicate) -> CountPredicate:
    """`not_hidden`, and also the rows that the agency itself wrote, if the agency's own record shows the household."""

    def rule(table: FromClause, grant: Grant) -> ColumnElement[bool] | None:
        if (of_households := not_hidden(table, grant)) is None:
            return None
        shown, lines = shown_for(because, grant)
        line = sa.exists().where(shown.c.household_id == table.c.household_id, lines)
        return sa.or_(of_households, sa.and_(line, own(table, grant)))

    return rule
