"""Unusual accesses are found, each kind at its bound and not below: volume, hours, other regions, one household again and
again, fields without permission, searches that find nobody, credentials that are refused."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fixtures.served import Served

ASK = """
query ($from: DateTime!, $until: DateTime!) { unusualAccess(from: $from, until: $until) {
  kind words wordsZh agency { code } client person day count bound household { code }
} }
"""
NOON, NIGHT = datetime(2026, 3, 11, 4, tzinfo=UTC), datetime(2026, 3, 11, 15, tzinfo=UTC)
"""A Wednesday in China, at noon and at 23:00."""
HOLIDAY = datetime(2026, 10, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
MANY_HOUSEHOLDS = 200
BOUNDS = {
    "OUT_OF_HOURS": 10,
    "SAME_HOUSEHOLD": 10,
    "FORBIDDEN": 20,
    "NOTHING_FOUND": 10,
    "REFUSED_CREDENTIALS": 10,
}
"""The number in a day from which an access is unusual, for a natural person."""
INSERT = """
insert into access_record (id, at, agency_id, client_id, person, purpose, operation_hash, coordinates_digest, forbidden,
 household_ids, rows, milliseconds, outcome, code, refused, numbers_named)
select gen_random_uuid(), %(at)s, %(agency)s, %(client)s, %(person)s, 'p', '', '', %(forbidden)s, %(households)s, %(rows)s, 1,
 %(outcome)s, %(code)s, %(refused)s, %(numbers)s from generate_series(1, %(times)s) returning 1
"""


def records(served: Served, times: int, **changes: Any) -> None:
    """Insert this many equal records."""
    alike = {
        "at": NOON, "agency": "education@410105", "client": "c", "person": None, "forbidden": [], "households": [],
        "rows": 1, "outcome": "ANSWERED", "code": None, "refused": 0, "numbers": [], "times": times,
    }  # fmt: skip
    served.owner.rows(INSERT, alike | changes)  # type: ignore[arg-type]


def found(
    served: Served, auditor: str = "audit@4101", since: datetime = NOON - DAY
) -> list[Mapping[str, Any]]:
    """What is unusual in three days."""
    given = {"from": since.isoformat(), "until": (since + 3 * DAY).isoformat()}
    nodes: list[Mapping[str, Any]] = served.ask(auditor, ASK, given).data["unusualAccess"]
    return nodes


def test_each_kind_is_found_at_its_bound_and_not_below(writable_hub: Served) -> None:
    households = [
        one
        for (one,) in writable_hub.rows("select id from household where region like '410105%%' order by code")
    ]
    elsewhere = [
        one for (one,) in writable_hub.rows("select id from household where region not like '410105%%'")
    ]
    assert len(households) + len(elsewhere) >= MANY_HOUSEHOLDS
    many = (households + elsewhere)[:MANY_HOUSEHOLDS]
    number = [b"1" * 32]
    alike: dict[str, dict[str, Any]] = {
        "OUT_OF_HOURS": {"at": NIGHT},
        "SAME_HOUSEHOLD": {"households": households[:1]},
        "FORBIDDEN": {"forbidden": ["Person.idNumber"]},
        "NOTHING_FOUND": {"numbers": number, "rows": 0},
        "REFUSED_CREDENTIALS": {"outcome": "REFUSED", "code": "invalid_client", "refused": 1},
    }
    for kind, changes in alike.items():
        bound = BOUNDS[kind]
        records(writable_hub, bound, person=f"over {kind}", **changes)
        records(writable_hub, bound - 1, person=f"under {kind}", **changes)
    for kind, touched in (("VOLUME", many), ("ELSEWHERE", elsewhere[:20])):
        records(writable_hub, 1, person=f"over {kind}", households=touched)
        records(writable_hub, 1, person=f"under {kind}", households=touched[1:])

    named = [(one["kind"], one["person"]) for one in found(writable_hub) if one["kind"] != "ELSEWHERE"]
    assert sorted(named) == sorted((kind, f"over {kind}") for kind in ("VOLUME", *alike))
    outside = {one["person"] for one in found(writable_hub) if one["kind"] == "ELSEWHERE"}
    assert "over ELSEWHERE" in outside
    assert "under ELSEWHERE" not in outside
    (same,) = [one for one in found(writable_hub) if one["kind"] == "SAME_HOUSEHOLD"]
    assert (same["count"], same["bound"], same["day"]) == (10, 10, "2026-03-11")
    assert (
        same["household"]["code"]
        in writable_hub.rows("select code from household where id = %s", households[0])[0]
    )
    assert same["wordsZh"] == "反复查阅同一户"
    assert found(writable_hub, "audit@410103") == []  # of the agencies of another county


def test_a_holiday_is_out_of_hours_and_a_machine_never_is(writable_hub: Served) -> None:
    records(writable_hub, 10, at=HOLIDAY, person="张三")
    records(writable_hub, 500, at=HOLIDAY)
    assert [(one["kind"], one["person"]) for one in found(writable_hub, since=HOLIDAY - DAY)] == [
        ("OUT_OF_HOURS", "张三")
    ]


def test_secrets_that_nobody_proves_are_found_with_nobody_as_their_agency(writable_hub: Served) -> None:
    records(writable_hub, 1, agency="", client="", outcome="REFUSED", code="invalid_client", refused=100)
    (one,) = found(writable_hub, "audit@410103")
    assert (one["kind"], one["agency"], one["client"], one["count"]) == (
        "REFUSED_CREDENTIALS",
        None,
        None,
        100,
    )


@pytest.mark.parametrize("span", [timedelta(), -DAY, 32 * DAY])
def test_a_span_that_is_none_or_too_long_is_refused(hub: Served, span: timedelta) -> None:
    given = {"from": NOON.isoformat(), "until": (NOON + span).isoformat()}
    reply = hub.ask("audit@4101", ASK, given)
    assert reply.codes == ["INVALID_INPUT"]


@pytest.mark.parametrize(("unusual", "named"), [(499, 499), (500, 500), (501, 500)])
def test_five_hundred_are_named_at_most(writable_hub: Served, unusual: int, named: int) -> None:
    for number in range(unusual):
        records(writable_hub, 1, client=f"c{number}", outcome="REFUSED", code="invalid_client", refused=100)
    assert len(found(writable_hub)) == named


def test_who_may_not_audit_is_told_nothing(hub: Served) -> None:
    given = {"from": NOON.isoformat(), "until": (NOON + DAY).isoformat()}
    assert hub.ask("civil_affairs@4101", ASK, given).forbidden == {"Query.unusualAccess"}
