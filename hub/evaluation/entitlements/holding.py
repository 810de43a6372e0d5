"""The rules that hold for households and persons.

One expression lists the rules that hold for a subject, by their positions in `RULES`. The texts and days of the rules are
joined from a VALUES list, which PostgreSQL reads once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.sql import visitors

from auth.grant import Grant
from hub.evaluation.entitlements.rules import RULES, EntitlementRule
from hub.evaluation.entitlements.situation import Day, Situation, among, certified, inhabited, reported
from hub.foundation.database import table_of
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow
from hub.policy.facts.aid import month_due
from hub.policy.facts.circumstances import alive
from hub.policy.facts.persons import present
from hub.policy.permissions.row_policies import visible

_household, _person = table_of(HouseholdRow), table_of(PersonRow)
_WORDS = pg.ARRAY(sa.Text)
_NOTHING: ColumnElement[int] = sa.literal_column("0")
"""OFFSET 0: PostgreSQL then computes such a subquery once for each outer row, and does not merge it into the statement."""
RULE_COLUMNS: tuple[sa.ColumnClause[Any], ...] = (
    sa.column("place", sa.Integer), sa.column("rule", sa.Text), sa.column("aid_kind", sa.Text),
    sa.column("program", sa.Text), sa.column("clause", sa.Text), sa.column("clause_text", sa.Text),
    sa.column("to_check", sa.Text), sa.column("detail", sa.Text), sa.column("categories", _WORDS),
    sa.column("evidence", _WORDS), sa.column("window_from", sa.Date), sa.column("window_until", sa.Date),
    sa.column("certified_from", sa.Date), sa.column("certified_on", sa.Date), sa.column("reported_on", sa.Date),
)  # fmt: skip
"""The columns of a rule for a subject: its texts, its windows, and the days on which certifications and reports count."""


def subjects(
    grant: Grant,
    day: Day,
    rules: Iterable[EntitlementRule],
    of_person: bool,
    within: Callable[[FromClause], ColumnElement[bool]],
) -> Select[Any]:
    """Every household, or every present and living member, in a row for each rule that holds: household_id, subject_id,
    person_id, region, held, and the columns of `RULE_COLUMNS`."""
    household = _household.alias()
    person = _person.alias() if of_person else None
    held = certified(household, person, day, grant)
    known = reported(household, person, day, grant)
    life = sa.select(inhabited(household, day, grant).label("inhabited")).offset(_NOTHING).lateral()
    there_is_life = life.c.inhabited if person is None else sa.true()
    situation = Situation(day, household, person, held, known, there_is_life)
    held_rules = _held_rules(list(rules), situation, grant)
    source: FromClause = household
    there: list[ColumnElement[bool]] = [within(household)]
    if person is not None:
        source = source.join(person, person.c.household_id == household.c.id)
        there += [
            present(person, day),
            alive(known),
            visible(person, grant, household_seen=True),
        ]
    categories: ColumnElement[Any] = sa.cast(sa.null(), held.c.categories.type)
    if any(rule.extends is not None for rule in rules):
        categories = held.c.categories
    for part in (held, known, life):
        if any(part in _rows_of(expression) for expression in (held_rules, categories, *there)):
            source = source.join(part, sa.true())
    source = source.join(held_rules, sa.true())
    person_id = sa.cast(sa.null(), sa.Uuid) if person is None else person.c.id
    return (
        sa.select(
            household.c.id.label("household_id"),
            sa.func.coalesce(person_id, household.c.id).label("subject_id"),
            person_id.label("person_id"),
            household.c.region.label("region"),
            categories.label("held"),
            *held_rules.c,
        )
        .select_from(source)
        .where(*there)
    )


def _held_rules(rules: Sequence[EntitlementRule], situation: Situation, grant: Grant) -> FromClause:
    """The rules that hold for a subject, in the columns of `RULE_COLUMNS`."""
    places = [sa.case((_holds(rule, situation, grant), _place(rule))) for rule in rules]
    listed = sa.cast(pg.array(places), pg.ARRAY(sa.Integer))
    holding = sa.func.array_remove(listed, sa.null(), type_=pg.ARRAY(sa.Integer))
    place = sa.func.unnest(holding).table_valued(sa.column("place", sa.Integer)).render_derived("holding")
    texts, of_subject = _rule_rows(rules, situation)
    columns = [
        sa.case(of_subject[column.name], value=place.c.place, else_=column).label(column.name)
        if column.name in of_subject
        else column
        for column in texts.c
    ]
    found = sa.select(*columns).join_from(place, texts, texts.c.place == place.c.place)
    return found.offset(_NOTHING).lateral()


def _rule_rows(
    rules: Iterable[EntitlementRule], situation: Situation
) -> tuple[FromClause, Mapping[str, Mapping[int, ColumnElement[Any]]]]:
    """The rules as rows of a VALUES list. Values that differ between subjects, such as the day of a disaster, are separate:
    by column name and position of the rule."""
    rows: list[tuple[ColumnElement[Any], ...]] = []
    of_subject: dict[str, dict[int, ColumnElement[Any]]] = {}
    for rule in rules:
        values = dict(zip(RULE_COLUMNS, _rule_row(rule, situation), strict=True))
        for column in [column for column, value in values.items() if _rows_of(value)]:
            of_subject.setdefault(column.name, {})[RULES.index(rule)] = values[column]
            values[column] = sa.cast(sa.null(), column.type)
        rows.append(tuple(values.values()))
    return sa.values(*RULE_COLUMNS).data(rows).alias(), of_subject


def _rows_of(expression: ClauseElement) -> set[FromClause]:
    """The tables and subqueries whose columns an expression reads."""
    read = (getattr(part, "table", None) for part in visitors.iterate(expression))
    return {table for table in read if table is not None}


def _rule_row(rule: EntitlementRule, situation: Situation) -> tuple[ColumnElement[Any], ...]:
    """A rule in the columns of the VALUES list."""
    first, last = rule.window(situation)
    wanted = [category.value for category in rule.categories]
    detail = None if rule.detail is None else rule.detail.name
    certified_on = situation.reported.c[rule.event] if rule.event else situation.day
    reported_on = month_due(situation.day)[0] if rule.reported_by_month else situation.day
    return (
        _place(rule),
        _text(rule.code),
        _text(rule.kind.value),
        _text(rule.program),
        _text(rule.clause),
        _text(rule.text),
        _text(rule.to_check),
        _text(detail),
        _list(wanted),
        _list([kind.value for kind in rule.evidence]),
        sa.cast(first, sa.Date),
        sa.cast(last, sa.Date),
        sa.cast(certified_on - 1 if rule.event else certified_on, sa.Date),
        sa.cast(certified_on, sa.Date),
        sa.cast(reported_on, sa.Date),
    )


def _holds(rule: EntitlementRule, situation: Situation, grant: Grant) -> ColumnElement[bool]:
    held = "held" if rule.held else "categories_at_home" if rule.at_home else "categories"
    column = f"{held}_by_{rule.since}" if rule.since else held
    # PostgreSQL tests the conditions in this order and stops at the first false one. Certifications come first: most subjects
    # have none.
    conditions: list[ColumnElement[bool]] = []
    if rule.categories and not rule.event:
        conditions.append(
            among(situation.certified.c[column], *(category.value for category in rule.categories))
        )
    if rule.unless:
        conditions.append(
            sa.not_(among(situation.certified.c.categories, *(category.value for category in rule.unless)))
        )
    conditions += [fact.holds(situation, grant) for fact in rule.facts]
    if not rule.outlives:
        conditions.append(situation.inhabited)
    return sa.and_(sa.true(), *conditions)


def _text(value: str | None) -> ColumnElement[Any]:
    return sa.cast(sa.null() if value is None else sa.literal(value), sa.Text)


def _place(rule: EntitlementRule) -> ColumnElement[int]:
    return sa.literal_column(str(RULES.index(rule)), sa.Integer)


def _list(values: Sequence[str]) -> ColumnElement[Any]:
    return sa.cast(pg.array([sa.literal(value, sa.Text) for value in values]), _WORDS)
