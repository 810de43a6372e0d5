"""Which rows of a household are a person's, once."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause


def concerns(row: FromClause, person_id: ColumnElement[Any] | None) -> ColumnElement[bool]:
    """Whether a row is of a person: its own, or one of the household as a whole. `person_id` None: of anybody in it."""
    return sa.true() if person_id is None else sa.or_(row.c.person_id.is_(None), row.c.person_id == person_id)
