"""Another value than the current one of a row's column, in plain SQL. `altered.py` writes it where a grant does not see."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

AGREEING = {
    ("certification", "certified_amount"): (
        "case when {category} in ('EXTREME_HARDSHIP', 'SUBSISTENCE_ALLOWANCE')"
        " then coalesce(t.certified_amount, 0) + 4321 end"
    ),
    ("certification", "subtype"): "case when {category} = 'POVERTY_RELAPSE_MONITORED' then 'MARGINAL' end",
    ("certification", "support"): "case when {category} = 'EXTREME_HARDSHIP' then 'DISPERSED' end",
    ("certification", "category"): "{category}",
    ("certification", "ended_on"): "coalesce(t.ended_on, t.valid_from) + 17",
    (
        "certification",
        "ended_because",
    ): "case when t.ended_because = 'MISTAKE' then 'DECEASED' else 'MISTAKE' end",
    ("chain_event", "client_id"): "t.client_id || ':Z'",
    ("near_relative", "ended_on"): "case when t.ended_on is null then date '2026-07-01' end",
    ("near_relative", "end_reason"): "case when t.ended_on is null then 'Z' end",
    ("disclosure", "withdrawn_at"): "t.withdrawn_at + interval '40 days'",
    ("disclosure", "withdraw_reason"): "t.withdraw_reason || 'Z'",
    ("disclosure_entry", "category"): "case when t.category is null then 'OTHER_HARDSHIP' end",
    ("disclosure_entry", "aid_kind"): "case when t.aid_kind is null then 'HOUSING' end",
    ("recovery", "waived"): "case when t.waived is null then 0.02 end",
    ("recovery", "waive_reason"): "case when t.waived is null then 'Z' end",
    ("recovery", "waived_by"): "case when t.waived is null then t.agency_id end",
    ("recovery", "waived_on"): "case when t.waived is null then date '2099-01-01' end",
    ("alert", "status"): "case when t.status = 'CLOSED' then 'OPEN' else 'CLOSED' end",
    ("alert", "closed_at"): "case when t.status <> 'CLOSED' then timestamptz '2099-01-01' end",
    ("alert", "disposition"): "case when t.disposition is null then 'INCLUDE' end",
    ("alert", "disposed_at"): "case when t.disposition is null then timestamptz '2099-01-01' end",
    (
        "disclosure_objection",
        "alert_id",
    ): "coalesce((select a.id from alert a where a.household_id = t.household_id"
    " and a.id <> t.alert_id order by a.id limit 1), t.alert_id)",
    ("conference", "status"): "case when t.status = 'HELD' then 'CALLED' else 'HELD' end",
    **{
        ("conference", column): f"case when t.status <> 'HELD' then {value} end"
        for column, value in (("held_on", "date '2099-01-01'"), ("minutes", "'Z'"), ("decision", "'Z'"))
    },
    ("access_record", "agency_id"): "'finance@' || split_part(t.agency_id, '@', 2)",
    ("household", "region"): "coalesce((select code from region r where length(code) = length(t.region)"
    " and left(code, 6) = left(t.region, 6) and code <> t.region"
    " and pg_temp.in_regions(code) = pg_temp.in_regions(t.region) order by md5(code || t.id) limit 1), t.region)",
}
"""Columns whose new value must agree with another column (`{category}` is the new one), with the jurisdiction, or with the
index that allows a category to be certified only once at a time."""

CATEGORY = (
    "case when t.person_id is not null"
    " then (array['SUBSISTENCE_ALLOWANCE', 'EXTREME_HARDSHIP', 'OTHER_HARDSHIP'])[mod(coalesce(array_position(array["
    "'SUBSISTENCE_ALLOWANCE', 'EXTREME_HARDSHIP', 'OTHER_HARDSHIP'], t.category::text), 0), 3) + 1]"
    " when t.category = 'SUBSISTENCE_ALLOWANCE' then 'POVERTY_RELAPSE_MONITORED'"
    " when t.category = 'POVERTY_RELAPSE_MONITORED' then 'RIGID_EXPENDITURE' else 'SUBSISTENCE_ALLOWANCE' end"
)
"""Another category that the same subject may have: some are for persons only, some for households only."""

NEEDS: Mapping[tuple[str, str], str] = {("certification", "support"): "person_id"}
"""Columns that can hold a value only if another column does: support is for extreme hardship, which is certified for persons."""

NEW: Mapping[type[Any], str] = {
    sa.Uuid: "md5({old}::text)::uuid",
    sa.Numeric: "coalesce({old}, 0) + 711.11",
    sa.Boolean: "not coalesce({old}, false)",
    sa.Integer: "{old} + 1",
    sa.Date: "coalesce({old} + 17, date '2099-01-01')",
    sa.TIMESTAMP: "coalesce({old} + interval '40 days', timestamptz '2099-01-01')",
    sa.LargeBinary: "sha256({old})",
    pg.JSONB: "{old} || '{{\"altered\": true}}'",
}
"""Another value for each type of column that is not text."""
TEXT = "coalesce({old}, '') || 'Z'"


def other(column: "sa.Column[Any]", category: str = CATEGORY) -> str:
    """SQL of another value than the current one of a column of the row `t`. `category`: the new category of the row."""
    table, old = column.table.name, f"t.{column.name}"
    if (table, column.name) in AGREEING:
        return AGREEING[table, column.name].format(category=category)
    new = _new(column, old)
    if not column.nullable:
        return new
    return f"case when {old} is not null and mod(hashtext({old}::text), 2) = 0 then null else {new} end"


def _new(column: "sa.Column[Any]", old: str) -> str:
    for key in column.foreign_keys:
        if key.column.table.name in {"agency", "region"}:
            name, table = key.column.name, key.column.table.name
            least = f"select min({name}) from {table}"
            return f"coalesce(({least} where {name} > {old}), ({least}))"
    if isinstance(column.type, sa.Enum):
        quoted = ", ".join(f"'{word}'" for word in column.type.enums)
        place = f"coalesce(array_position(array[{quoted}], {old}::text), 0)"
        return f"(array[{quoted}])[mod({place}, {len(column.type.enums)}) + 1]"
    if column.name == "disability_grade":
        return f"mod(coalesce({old}, 0), 4) + 1"
    if isinstance(column.type, pg.ARRAY):
        if isinstance(column.type.item_type, sa.LargeBinary):
            return f"{old} || sha256('altered')"
        return "'{}'" if isinstance(column.type.item_type, sa.Uuid) else f"{old} || array['altered']"
    return next((new for kind, new in NEW.items() if isinstance(column.type, kind)), TEXT).format(old=old)
