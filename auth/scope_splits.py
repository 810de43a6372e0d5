"""Scopes that were split from others, so that clients keep their permissions.

A new scope for something that an older scope allowed before is a split of the older one. The migration of the version that
splits it grants the new scope to clients that hold the older one, and CHANGELOG.md lists it under Changed. A scope for
something that no client could do before is listed under Added. A client that is registered afterwards gets the scopes of its
registration.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from auth.scopes import Scope
from auth.tables import OAuthClientRow
from hub.foundation.database import CODE, table_of

_client = table_of(OAuthClientRow)


@dataclass(frozen=True)
class Split:
    """Clients that hold `of` are granted `into`, once, by the migration `revision`."""

    revision: str
    of: Scope
    into: tuple[Scope, ...]


SPLITS: tuple[Split, ...] = ()
"""There is no split since the last release."""


def grant_split_scopes(
    connection: sa.Connection, applied: Collection[str], splits: Sequence[Split] = SPLITS
) -> None:
    """Grant clients the scopes that their scopes were split into by the migrations just applied. A scope that the department
    may not hold has no effect, as always (`auth.clients`)."""
    for split in splits:
        if split.revision not in applied:
            continue
        for scope in split.into:
            lacking = sa.and_(
                _client.c.scopes.contains([split.of.value]), sa.not_(_client.c.scopes.contains([scope.value]))
            )
            more = sa.func.array_append(_client.c.scopes, sa.cast(scope.value, CODE), type_=pg.ARRAY(CODE))
            connection.execute(sa.update(_client).where(lacking).values(scopes=more))
