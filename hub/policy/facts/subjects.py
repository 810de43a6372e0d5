"""Which rows of a household belong to a person, defined once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause


def concerns(row: FromClause, person_id: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """Whether a row belongs to a person: it is the person's own row, or a row of the whole household. `person_id` None: a row
    of any member."""
    return sa.true() if person_id is None else sa.or_(row.c.person_id.is_(None), row.c.person_id == person_id)
