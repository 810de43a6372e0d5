"""Scopes that were made out of others, so that clients keep what they had.

A scope that opens what another opened before is a split of it: clients that held the other are granted it by the migration of
the version that splits it, and CHANGELOG.md tells so under Changed; a scope that opens what no client could do before stands
there under Added. A client that is registered afterwards gets what it is given.
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
    """Who holds `of` is granted `into`, once, by the migration `revision`."""

    revision: str
    of: Scope
    into: tuple[Scope, ...]


SPLITS: tuple[Split, ...] = ()
"""Since the last release there is none."""


def grant_split_scopes(
    connection: sa.Connection, applied: Collection[str], splits: Sequence[Split] = SPLITS
) -> None:
    """Grant clients the scopes that those they hold were split into by the migrations just applied. What a department may not
    hold opens nothing, as always (`auth.clients`)."""
    for split in splits:
        if split.revision not in applied:
            continue
        for scope in split.into:
            lacking = sa.and_(
                _client.c.scopes.contains([split.of.value]), sa.not_(_client.c.scopes.contains([scope.value]))
            )
            more = sa.func.array_append(_client.c.scopes, sa.cast(scope.value, CODE), type_=pg.ARRAY(CODE))
            connection.execute(sa.update(_client).where(lacking).values(scopes=more))
