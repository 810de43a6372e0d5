"""SQL for the relations between tables. Both executors use it."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, FromClause, and_, any_, exists, literal_column, or_
from sqlalchemy import true as always
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.bare_tables import bare
from hub.policy.permissions.row_policies import visible
from schema.engine.declare.field_sources import Join, Reads


def belongs(
    join: Join | None, target: FromClause, local: Mapping[str, ColumnElement[object]]
) -> ColumnElement[bool]:
    """Whether a row of `target` belongs to the row whose columns are `local`."""
    if join is None:
        return always()
    conditions: list[ColumnElement[bool]] = []
    for remote, name in join.on.items():
        same = target.c[remote] == local[name]
        conditions.append(or_(local[name].is_(None), same) if remote in join.optional else same)
    for remote, name in join.holds.items():
        array = target.c[remote]
        # The second condition is redundant, but it lets PostgreSQL use an index without the empty arrays.
        held = and_(array.contains(pg.array([local[name]])), array != literal_column("'{}'"))
        conditions.append(or_(target.c[join.unless[remote]], held) if remote in join.unless else held)
    for remote, name in join.among.items():
        listed = target.c[remote] == any_(local[name])
        conditions.append(or_(local[join.unless[remote]], listed) if remote in join.unless else listed)
    if join.through is not None:
        table, to_local, to_remote = join.through
        link = bare(table).alias()
        conditions.append(
            exists()
            .where(
                *(link.c[column] == local[name] for column, name in to_local.items()),
                *(link.c[column] == target.c[name] for column, name in to_remote.items()),
            )
            .correlate_except(link)  # the near row may lie more than one select further out
        )
    return and_(always(), *conditions)


def local_names(join: Join) -> list[str]:
    """The columns of the near side that a join needs."""
    linked = join.through[1].values() if join.through else ()
    beside = [name for remote, name in join.unless.items() if remote in join.among]
    names = [*join.on.values(), *join.holds.values(), *join.among.values(), *beside, *linked]
    return list(dict.fromkeys(names))


def readable(
    reads: Reads,
    table: FromClause,
    grant: Grant,
    *,
    every_version: bool = False,
    household_seen: bool = False,
    counted: bool = False,
) -> ColumnElement[bool]:
    """The rows of a type that a grant may see and that count. Every read of either executor has this condition. `counted`:
    the rows are only counted."""
    in_sight = visible(table, grant, household_seen=household_seen, counted=counted, name=reads.table.name)
    if reads.current is None or every_version:
        return in_sight
    return and_(in_sight, reads.current(table))
