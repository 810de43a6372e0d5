"""The one choke point for rows: the predicate that every read of a guarded table passes through.

An agency sees the households of its jurisdiction (region prefix), and those shown to it by a referral it sent
or received or by its own record. Everything of a household is seen with it. Circumstances are further held to
the registries that the scopes open. A table that is not declared here cannot be read for a grant.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause

from auth.grant import Grant
from auth.scopes import Scope
from hub.agencies.tables import ShownHouseholdRow
from hub.database import CODE, table_of
from hub.rendered import Rendered, render

Predicate = Callable[[FromClause, Grant], ColumnElement[bool]]


@dataclass(frozen=True)
class Rule:
    """Which rows of a table a grant may see; `within` is what remains of it where the row's household is in sight."""

    everywhere: Predicate
    within: Predicate


_household = sa.table("household", sa.column("id", sa.Uuid), sa.column("region", sa.Text(collation="C")))


class UndeclaredTable(Exception):
    """A table has no row rule; declare one in hub/rows.py before anything reads it."""


def end_of(prefix: str) -> str:
    """The first text that is after every text with a prefix of digits."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def grant_parameters(grant: Grant) -> dict[str, str]:
    """The values of the parameters by which the rules know a grant. A statement that was made for one grant serves
    every other with the same scopes and the same number of regions, once these are set."""
    regions = {f"grant_region_{place}": prefix for place, prefix in enumerate(grant.regions)}
    ends = {f"grant_region_{place}_end": end_of(prefix) for place, prefix in enumerate(grant.regions)}
    return {"grant_agency": grant.agency, **regions, **ends}


def _in_jurisdiction(region: ColumnElement[str], grant: Grant) -> ColumnElement[bool]:
    """Whether a region code lies in the grant's regions, as ranges that a B-tree index answers."""
    values = grant_parameters(grant)

    def parameter(name: str) -> ColumnElement[str]:
        return sa.bindparam(name, values[name], type_=CODE)

    return sa.or_(
        sa.false(),
        *(
            sa.and_(
                region >= parameter(f"grant_region_{place}"), region < parameter(f"grant_region_{place}_end")
            )
            for place in range(len(grant.regions))
        ),
    )


def _household_rule(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    shown = table_of(ShownHouseholdRow)
    agency = sa.bindparam("grant_agency", grant.agency, type_=CODE)
    return sa.or_(
        _in_jurisdiction(household.c.region, grant),
        sa.exists().where(shown.c.household_id == household.c.id, shown.c.agency_id == agency),
    )


def _of_household(table: FromClause, grant: Grant) -> ColumnElement[bool]:
    household = _household.alias()
    return sa.exists().where(household.c.id == table.c.household_id, _household_rule(household, grant))


def registries_open_to(grant: Grant) -> list[str]:
    """The registries whose circumstances the scopes open."""
    return sorted(
        scope.removeprefix("circumstance.").removesuffix(":read")
        for scope in grant.scopes
        if scope.startswith("circumstance.") and scope.endswith(":read")
    )


def _registry_rule(circumstance: FromClause, grant: Grant) -> ColumnElement[bool]:
    return circumstance.c.source_registry.in_(registries_open_to(grant))


def _circumstance_rule(circumstance: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.and_(_of_household(circumstance, grant), _registry_rule(circumstance, grant))


def _audit_rule(record: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Access records of the agencies in the auditor's regions."""
    if Scope.AUDIT_READ not in grant.scopes:
        return sa.false()
    return _in_jurisdiction(sa.func.split_part(record.c.agency_id, "@", 2).collate("C"), grant)


def _public(_table: FromClause, _grant: Grant) -> ColumnElement[bool]:
    return sa.true()


_REFERENCE = Rule(_public, _public)
_HOUSEHOLDS = Rule(_of_household, _public)

RULES: dict[str, Rule] = {
    "region": _REFERENCE,
    "agency": _REFERENCE,
    "household": Rule(_household_rule, _public),
    "person": _HOUSEHOLDS,
    "certification": _HOUSEHOLDS,
    "circumstance": Rule(_circumstance_rule, _registry_rule),
    "aid_record": _HOUSEHOLDS,
    "basic_living_detail": _HOUSEHOLDS,
    "medical_detail": _HOUSEHOLDS,
    "education_detail": _HOUSEHOLDS,
    "housing_detail": _HOUSEHOLDS,
    "employment_detail": _HOUSEHOLDS,
    "disaster_detail": _HOUSEHOLDS,
    "temporary_detail": _HOUSEHOLDS,
    "service_detail": _HOUSEHOLDS,
    "other_detail": _HOUSEHOLDS,
    "charity_detail": _HOUSEHOLDS,
    "referral": _HOUSEHOLDS,
    "referral_aid": _HOUSEHOLDS,
    "chain_event": _HOUSEHOLDS,
    "access_record": Rule(_audit_rule, _audit_rule),
}


def is_public(table: FromClause) -> bool:
    """Whether everybody may see every row of a table."""
    return isinstance(table, sa.TableClause) and RULES.get(table.name) is _REFERENCE


def visible(table: FromClause, grant: Grant, *, household_seen: bool = False) -> ColumnElement[bool]:
    """The predicate of a table (or an alias of it) for a grant; raises UndeclaredTable.

    `household_seen`: the rows are joined to a household that passed its own rule in the same statement.
    """
    source = table.element if isinstance(table, sa.Alias) else table
    name = source.name if isinstance(source, sa.TableClause) else ""
    if name not in RULES:
        raise UndeclaredTable(f"{name}: {UndeclaredTable.__doc__}")
    rule = RULES[name]
    return rule.within(table, grant) if household_seen else rule.everywhere(table, grant)


_SHAPES_KEPT = 100


class ForGrants:
    """A statement with row rules in it, rendered once for all grants that give it one shape, and run with
    `grant_parameters`."""

    def __init__(self, make: Callable[[Grant], ClauseElement]) -> None:
        self._make = make
        self._rendered: dict[tuple[int, frozenset[Scope]], Rendered] = {}

    def rendered(self, grant: Grant) -> Rendered:
        """The statement for a grant."""
        shape = len(grant.regions), grant.scopes
        if shape not in self._rendered:
            if len(self._rendered) == _SHAPES_KEPT:
                self._rendered.clear()
            self._rendered[shape] = render(self._make(grant))
        return self._rendered[shape]
