"""An agency's jurisdiction: its regions, as ranges of codes and as the parameters of statements."""

from collections.abc import Hashable

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from auth.grant import Grant
from hub.foundation.database import CODE


def end_of(prefix: str) -> str:
    """The first text that is after every text with a prefix of digits."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


_WHOLE_CITY = 4
"""Digits of a city's code (GB/T 2260). Such prefixes, and shorter ones, stand in the text of a statement: they are few
and cover nearly every row, which the planner should know once. As parameters they would make it plan every request anew,
and every other prefix is one."""


def _in_text(prefix: str) -> bool:
    """Whether a region stands in a statement's text; one answer for the text and for the shape that plans are kept by."""
    return len(prefix) <= _WHOLE_CITY


def is_of_whole_city(grant: Grant) -> bool:
    """Whether a grant's regions are cities or larger."""
    return bool(grant.regions) and all(map(_in_text, grant.regions))


def grant_shape(grant: Grant) -> Hashable:
    """What of a grant stands in a statement itself. One that was made for a grant serves every other of the same shape,
    once `grant_parameters` are set."""
    return grant.scopes, *(prefix if _in_text(prefix) else None for prefix in grant.regions)


def grant_parameters(grant: Grant) -> dict[str, str]:
    """The values of the parameters by which the rules know a grant."""
    regions = {f"grant_region_{place}": prefix for place, prefix in enumerate(grant.regions)}
    ends = {f"grant_region_{place}_end": end_of(prefix) for place, prefix in enumerate(grant.regions)}
    return {"grant_agency": grant.agency, **regions, **ends}


def in_jurisdiction(region: ColumnElement[str], grant: Grant) -> ColumnElement[bool]:
    """Whether a region code lies in the grant's regions, as ranges that a B-tree index answers."""
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
