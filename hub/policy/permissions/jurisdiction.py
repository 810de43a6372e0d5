"""An agency's jurisdiction: its regions, as ranges of codes and as the parameters of statements."""

from collections.abc import Hashable

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from auth.grant import Grant
from hub.foundation.database import CODE


def end_of(prefix: str) -> str:
    """The first text after all texts that begin with a prefix of digits."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


_WHOLE_CITY = 4
"""The digits of a city's code (GB/T 2260). Prefixes of this length or shorter are written into the text of a statement: they
are few and cover nearly every row, so the planner should know them once. As parameters they would make it plan every request
again. All other prefixes are parameters."""


def _in_text(prefix: str) -> bool:
    """Whether a region is written into the text of a statement. The text and the cache of plans use the same rule."""
    return len(prefix) <= _WHOLE_CITY


def is_of_whole_city(grant: Grant) -> bool:
    """Whether a grant's regions are cities or larger."""
    return bool(grant.regions) and all(map(_in_text, grant.regions))


def grant_shape(grant: Grant) -> Hashable:
    """The parts of a grant that the text of a statement depends on. A statement made for one grant serves every grant of the
    same shape, after `grant_parameters` are set."""
    return grant.scopes, *(prefix if _in_text(prefix) else None for prefix in grant.regions)


def grant_parameters(grant: Grant) -> dict[str, str]:
    """The parameters by which the row rules know a grant: value by name."""
    regions = {f"grant_region_{place}": prefix for place, prefix in enumerate(grant.regions)}
    ends = {f"grant_region_{place}_end": end_of(prefix) for place, prefix in enumerate(grant.regions)}
    return {"grant_agency": grant.agency, **regions, **ends}


def in_jurisdiction(region: ColumnElement[str], grant: Grant) -> ColumnElement[bool]:
    """Whether a region code is inside the grant's regions, as ranges for a B-tree index."""
    values = grant_parameters(grant)

    def parameter(name: str, prefix: str) -> ColumnElement[str]:
        if _in_text(prefix):
            return sa.literal(values[name], CODE)
        return sa.bindparam(name, values[name], type_=CODE)

    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                region >= parameter(f"grant_region_{place}", prefix),
                region < parameter(f"grant_region_{place}_end", prefix),
            )
            for place, prefix in enumerate(grant.regions)
        ),
    )
