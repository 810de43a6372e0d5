"""What remains to be checked of an entitlement. A condition that the county decides is settled if the county recorded its
decision (46-3.5)."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.evaluation.entitlements.rules import EntitlementRule
from hub.evaluation.entitlements.situation import Day
from hub.policy.facts.county_options import EXTENDED_TO, extended


def to_check(base: FromClause, day: Day, rules: Iterable[EntitlementRule]) -> ColumnElement[Any]:
    """What remains to be checked. Null if the only question is whether the county extended the item (46-3.5), and the county
    recorded that it did."""
    settled = [
        (
            sa.and_(
                base.c.rule == rule.code,
                extended(base.c.region, rule.extends, base.c.held, day, *EXTENDED_TO),
            ),
            sa.null(),
        )
        for rule in rules
        if rule.extends is not None
    ]
    return sa.case(*settled, else_=base.c.to_check) if settled else base.c.to_check
