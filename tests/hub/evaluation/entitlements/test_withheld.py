"""A hidden fact is unknown, not false (46-4.2): an answer about entitlements is true, whatever the caller may not read.

Every line of a grant is compared with the line that a caller with all scopes gets for the same facts. If they differ, the
line names the scopes whose facts could change it; if a line is missing, the list names its rule. So no answer states what a
hidden fact would change, and every omission is reported.
"""

from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.rules import RULE_BY_CODE
from hub.evaluation.entitlements.withheld import rules_withheld, scopes_withheld
from tests.hub.evaluation.entitlements.drawn import write_families
from tests.hub.evaluation.entitlements.families import EVERYBODY

Key = tuple[UUID, str, UUID | None]
Line = tuple[str | None, date | None, date | None]
DAY = date(2026, 12, 21)
READS = frozenset(scope for scope in Scope if scope.endswith(":read"))


def lines(connection: psycopg.Connection[Any], scopes: frozenset[Scope]) -> dict[Key, Line]:
    """The entitlements that a grant of these scopes gets: status and window of each."""
    grant = Grant(EVERYBODY.agency, "test", scopes, EVERYBODY.regions, "test")
    rows = entitled(grant, sa.cast(sa.literal(DAY.isoformat()), sa.Date))
    query = sa.select(
        *(
            rows.c[name]
            for name in ("household_id", "rule", "person_id", "status", "window_from", "window_until")
        )
    )
    text = str(query.compile(dialect=pg.dialect(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
    found = connection.execute(text.replace("%%", "%")).fetchall()
    return {
        (household, rule, person): (status, *window) for household, rule, person, status, *window in found
    }


def drawn_scopes() -> list[frozenset[Scope]]:
    """The scopes of each department, all scopes but one fact, and some random sets."""
    rng, ordered = Random(7), sorted(READS)
    facts = ("circumstance.", "certification:", "referral")
    return list(
        dict.fromkeys(
            (
                *(READS & permissions.scopes for permissions in DEPARTMENTS.values()),
                *(READS - {one} for one in ordered if one.startswith(facts)),
                *(frozenset(one for one in ordered if rng.random() < share) for share in (0.5, 0.7, 0.9)),
            )
        )
    )


def test_no_line_asserts_what_a_hidden_fact_would_change(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        write_families(connection, 11, DAY, 40)
        whole = lines(connection, READS)
        without: dict[tuple[str, ...], dict[Key, Line]] = {(): whole}
        for scopes in drawn_scopes():
            compare(connection, scopes, without)
        connection.rollback()


def compare(
    connection: psycopg.Connection[Any],
    scopes: frozenset[Scope],
    without: dict[tuple[str, ...], dict[Key, Line]],
) -> None:
    """Compares the lines of a grant with those of a caller that lacks only the scopes that the lines name."""
    whole = without[()]
    grant = Grant(EVERYBODY.agency, "test", scopes, EVERYBODY.regions, "test")
    shown = lines(connection, scopes)
    left_out = set(rules_withheld(grant))
    assert {rule for _, rule, _ in whole.keys() - shown.keys()} <= left_out, (
        "the list does not say that it is not whole"
    )
    named = {rule: scopes_withheld(RULE_BY_CODE[rule], grant) for _, rule, _ in shown}
    for key, (status, *window) in shown.items():
        lacking = tuple(named[key[1]])
        if lacking not in without:
            without[lacking] = lines(connection, READS - set(lacking))
        assert key in without[lacking], "the line rests on more than it names"
        expected_status, *then = without[lacking][key]
        assert (status in (None, expected_status), window) == (True, then), key


def test_whoever_reads_everything_is_told_of_nothing_that_is_withheld() -> None:
    assert rules_withheld(EVERYBODY) == []
    assert {tuple(scopes_withheld(rule, EVERYBODY)) for rule in RULE_BY_CODE.values()} == {()}
