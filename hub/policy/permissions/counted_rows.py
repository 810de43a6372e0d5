"""The row rules of households, written for counts: the same rows as `row_policies` gives, where many are looked at.

The property tests hold both against one another: the reference executor counts by the other form.
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
"""None: there is no form of its own."""
_household = bare_table_of(HouseholdRow)
_shown = bare_table_of(ShownHouseholdRow)


def households_counted(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The rule of households, with what is shown as one list: the planner takes a look-up for each household to be dear, and so
    never reads all of them by their region."""
    shown = sa.select(_shown.c.household_id).where(is_shown(_shown, grant, ON_DUTY))
    return sa.or_(in_jurisdiction(household.c.region, grant), household.c.id.in_(shown))


def not_hidden(table: FromClause, grant: Grant) -> ColumnElement[bool] | None:
    """Rows whose household is not out of sight: the rule of a household's rows the other way round, for a city and what is
    larger. In a city's own database nearly no household lies beyond it, so a million rows are looked up in a list of few.
    Each row of the table has its household."""
    if not is_of_whole_city(grant):
        return None
    household = _household.alias()
    hidden = sa.not_(households_counted(household, grant))
    return sa.not_(sa.exists().where(household.c.id == table.c.household_id, hidden))


def not_hidden_or_own(because: ShownBecause, own: Predicate) -> CountPredicate:
    """`not_hidden`, and besides what the agency itself wrote where its own record shows the household."""

    def rule(table: FromClause, grant: Grant) -> ColumnElement[bool] | None:
        if (of_households := not_hidden(table, grant)) is None:
            return None
        shown, lines = shown_for(because, grant)
        line = sa.exists().where(shown.c.household_id == table.c.household_id, lines)
        return sa.or_(of_households, sa.and_(line, own(table, grant)))

    return rule
