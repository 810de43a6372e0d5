"""Charity offers, public lists, poverty lines, county options, declarations and deadlines at their limits: the day itself,
the day before, the day after, and no day; compared with a plain reading of the policy."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.model.aid import AidStatus, TemporaryForm
from hub.policy.facts import (
    aid,
    alerts,
    circumstances,
    county_options,
    disclosures,
    lines,
    near_relatives,
    offers,
    periods,
    recoveries,
    referrals,
    shares,
)
from tests.conftest import TestCluster
from tests.hub.policy.facts.evaluating import evaluated

DAY = date(2026, 11, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
AROUND = [BEFORE, DAY, AFTER]
OR_NONE = [None, *AROUND]
NOON = datetime(2026, 11, 10, 4, tzinfo=UTC)
INSTANT = sa.DateTime(timezone=True)


def test_46_3_6_an_offer_is_available_to_its_last_day_while_some_is_left_and_nobody_withdrew_it(
    cluster: TestCluster,
) -> None:
    rows = list(product([0, 1], [None, NOON], AROUND, [DAY]))
    columns = {"remaining": sa.Integer, "withdrawn_at": INSTANT, "until": sa.Date, "day": sa.Date}
    expected = [left > 0 and gone is None and last >= DAY for left, gone, last, _ in rows]
    assert evaluated(cluster, offers.available, columns, rows) == expected
    assert [offers.is_available(*row) for row in rows] == expected
    assert [offers.has_run_out(last, DAY) for last in AROUND] == [True, False, False]


def test_46_4_3_a_list_is_public_until_it_is_withdrawn(cluster: TestCluster) -> None:
    rows = [(None, DAY), (NOON, DAY)]
    columns = {"withdrawn_at": INSTANT, "day": sa.Date}
    assert evaluated(cluster, lambda row, _: disclosures.public(row), columns, rows) == [True, False]
    assert [disclosures.is_withdrawn(gone) for gone, _ in rows] == [False, True]


def test_46_4_3_a_list_names_whom_a_certification_in_force_is_of_and_no_mistake_and_no_false_claim(
    cluster: TestCluster,
) -> None:
    columns = {
        "valid_from": sa.Date,
        "valid_until": sa.Date,
        "ended_on": sa.Date,
        "ended_because": sa.Text,
        "day": sa.Date,
    }
    ends = [(None, None), *product([DAY, AFTER], ["DECEASED", "MISTAKE", "FALSE_CLAIM"])]
    rows = [
        (began, None, *end, DAY) for began, end in product([DAY, AFTER], ends) if began <= (end[0] or began)
    ]
    expected = [
        began <= DAY and (ended is None or ended > DAY) and because not in ("MISTAKE", "FALSE_CLAIM")
        for began, _, ended, because, _ in rows
    ]
    assert evaluated(cluster, disclosures.names_certified, columns, rows) == expected


def test_46_4_3_a_list_names_whom_aid_was_paid_or_given_to_on_one_of_its_days(cluster: TestCluster) -> None:
    statuses = ["APPROVED", "PAID", "DELIVERED", "ENDED", "REVOKED"]
    rows = list(product([None, NOON], statuses, OR_NONE, AROUND, [DAY]))
    version = {"household_id": sa.Uuid, "id": sa.Uuid, "version": sa.Integer, "status": sa.Text}
    columns = {
        "superseded_at": INSTANT,
        "status": sa.Text,
        "paid_on": sa.Date,
        "decided_on": sa.Date,
        "day": sa.Date,
        "household_id": sa.Uuid,
        "id": sa.Uuid,
    }
    expected = [
        replaced is None and status in ("PAID", "DELIVERED", "ENDED") and (paid or decided) == DAY
        for replaced, status, paid, decided, _ in rows
    ]
    of_another = [(UUID(int=1), UUID(int=2), 1, "APPROVED")]
    named = evaluated(
        cluster,
        lambda row, day: disclosures.names_helped(row, day, day),
        columns,
        [(*row, UUID(int=1), UUID(int=1)) for row in rows],
        {"aid_record": (version, of_another)},
    )
    assert named == expected


@pytest.mark.parametrize(
    ("published", "objected", "may"),
    [
        (datetime(2026, 11, 9, 15, 59, 59, tzinfo=UTC), BEFORE, True),  # still the previous day in China
        (datetime(2026, 11, 9, 16, tzinfo=UTC), BEFORE, False),  # midnight there
        (datetime(2026, 11, 9, 16, tzinfo=UTC), DAY, True),
        (NOON, AFTER, False),  # tomorrow
    ],
)
def test_46_4_3_an_objection_is_of_a_day_from_the_publication_in_china_to_today(
    published: datetime, objected: date, may: bool
) -> None:
    assert disclosures.may_object(published, objected, DAY) is may


def test_46_3_3_the_local_standard_is_that_of_the_last_month_that_began(cluster: TestCluster) -> None:
    months = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    days = [date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)]
    days.append(date(2027, 1, 1))
    of_line = {
        "county": sa.Text,
        "residence": sa.Text,
        "category": sa.Text,
        "from_month": sa.Date,
        "yuan": sa.Numeric,
        "superseded_at": INSTANT,
    }
    series = ("410105", "URBAN", "SUBSISTENCE_ALLOWANCE")
    known = [
        (*series, months[0], 700, None),
        (*series, months[1], 800, None),
        (*series, months[2], 9999, NOON),  # this version was replaced
        (*series, months[2], 900, None),
        (*series, days[-1], 1111, NOON),  # its import was undone
        ("410102", *series[1:], months[1], 1, None),
        ("410105", "RURAL", series[2], months[1], 2, None),
    ]
    beside = {"poverty_line": (of_line, known)}
    rows = [(*series, day) for day in days]
    columns = {"region": sa.Text, "residence": sa.Text, "category": sa.Text, "day": sa.Date}
    yuan = evaluated(
        cluster,
        lambda row, day: lines.line_in_force(row.c.region, row.c.residence, row.c.category, day),
        columns,
        rows,
        beside,
    )
    assert yuan == [None, 700, 800, 800, 900, 900]
    own = {
        "county": sa.Text,
        "residence": sa.Text,
        "category": sa.Text,
        "from_month": sa.Date,
        "day": sa.Date,
    }
    rows_of_lines = [(*series, month, day) for month, day in product(months, days)]
    assert evaluated(cluster, lines.in_force, own, rows_of_lines, beside) == [
        month == max((began for began in months if began <= day), default=None)
        for *_, month, day in rows_of_lines
    ]


def test_46_3_5_an_option_of_a_county_is_in_force_from_its_first_day_to_the_day_before_its_end(
    cluster: TestCluster,
) -> None:
    rows = list(product(AROUND, OR_NONE, [DAY]))
    columns = {"since": sa.Date, "ended_on": sa.Date, "day": sa.Date}
    assert evaluated(cluster, county_options.in_force, columns, rows) == [
        since <= DAY and (ended is None or ended > DAY) for since, ended, _ in rows
    ]
    assert [county_options.has_ended(ended) for ended in OR_NONE] == [False, True, True, True]
    assert [county_options.can_end_on(DAY, ended, AFTER) for ended in AROUND] == [False, True, True]
    assert not county_options.can_end_on(BEFORE, AFTER, DAY)


def test_46_4_3_a_declaration_is_in_force_until_it_ends(cluster: TestCluster) -> None:
    rows = [(None, DAY), (DAY, DAY)]
    columns = {"ended_on": sa.Date, "day": sa.Date}
    assert evaluated(cluster, lambda row, _: near_relatives.in_force(row), columns, rows) == [True, False]
    assert [near_relatives.has_ended(ended) for ended, _ in rows] == [False, True]


def test_46_4_3_a_recovery_is_late_after_its_last_day_and_repaid_from_its_opening_to_today() -> None:
    assert [recoveries.deadline_passed(due, DAY) for due in OR_NONE] == [False, True, False, False]
    assert [recoveries.can_be_repaid_on(DAY, repaid, DAY) for repaid in AROUND] == [False, True, False]


def test_46_2_1_periods_meet_where_they_share_a_day_and_those_of_one_matter_on_the_next_too(
    cluster: TestCluster,
) -> None:
    other = {"period_from": sa.Date, "period_until": sa.Date}
    days = [DAY + timedelta(days=apart) for apart in range(-3, 4)]
    for first, last in product([BEFORE, DAY, AFTER], repeat=2):
        if last < first:
            assert periods.is_reversed(first, last)
            continue
        assert not periods.is_reversed(first, last)
        rows = [(begins, ends, DAY) for begins, ends in product(days, repeat=2) if begins <= ends]
        beside = {"other": (other, [(first, last)])}
        table = sa.table("other", *(sa.column(name, kind) for name, kind in other.items()))
        for apart in (0, 1):
            gap = sa.literal_column(str(apart), sa.Integer) if apart else None
            met = evaluated(
                cluster,
                lambda row, _, table=table, gap=gap: sa.exists().where(periods.overlap(row, table, gap)),  # type: ignore[misc]
                {**other, "day": sa.Date},
                rows,
                beside,
            )
            assert met == [
                begins <= last + timedelta(days=apart) and first <= ends + timedelta(days=apart)
                for begins, ends, _ in rows
            ]
    assert not periods.is_reversed(DAY, None)


def test_46_2_1_a_referral_is_due_soon_up_to_an_instant_and_was_open_until_it_was_closed(
    cluster: TestCluster,
) -> None:
    second = timedelta(seconds=1)
    around = [NOON - second, NOON, NOON + second]
    until = NOON + 2 * second
    columns = {"due_at": INSTANT, "until": INSTANT, "day": INSTANT}
    rows = [(due, until, NOON) for due in [*around, until, until + second]]
    soon = evaluated(cluster, lambda row, at: referrals.due_by(row, at, row.c.until), columns, rows)
    assert soon == [False, False, True, True, False]
    columns = {"sent_at": INSTANT, "closed_at": INSTANT, "day": INSTANT}
    sent_and_closed = list(product(around, [None, *around], [NOON]))
    assert evaluated(cluster, referrals.was_open_at, columns, sent_and_closed) == [
        sent < NOON and (closed is None or closed >= NOON) for sent, closed, _ in sent_and_closed
    ]
    reminders = {"reminded_at": INSTANT, "escalated_at": INSTANT, "closed_at": INSTANT, "day": INSTANT}
    for place, fact in enumerate((referrals.not_reminded, referrals.not_escalated, referrals.not_closed)):
        steps = list(product([None, NOON], [None, NOON], [None, NOON], [NOON]))
        assert evaluated(cluster, lambda row, _, fact=fact: fact(row), reminders, steps) == [  # type: ignore[misc]
            row[place] is None for row in steps
        ]
    closed = evaluated(
        cluster,
        lambda row, _: alerts.not_closed(row),
        {"closed_at": INSTANT, "day": INSTANT},
        [(None, NOON), (NOON, NOON)],
    )
    assert closed == [True, False]


def test_46_2_2_a_missing_list_is_found_once_and_closed_once_it_came(cluster: TestCluster) -> None:
    columns = {
        "due_on": sa.Date,
        "shared_at": INSTANT,
        "found_late_at": INSTANT,
        "late_closed_at": INSTANT,
        "day": sa.Date,
    }
    rows = list(product(AROUND, [None, NOON], [None, NOON], [None, NOON], [DAY]))
    assert evaluated(cluster, shares.newly_missing, columns, rows) == [
        due < DAY and came is None and found is None for due, came, found, _, _ in rows
    ]
    assert evaluated(cluster, lambda row, _: shares.came_after_all(row), columns, rows) == [
        came is not None and found is not None and closed is None for _, came, found, closed, _ in rows
    ]
    assert evaluated(cluster, lambda row, _: shares.arrived(row), columns, rows) == [
        came is not None for _, came, _, _, _ in rows
    ]


def test_46_2_2_a_death_stands_on_record_until_its_registry_withdraws_it(cluster: TestCluster) -> None:
    rows = list(product(["DEATH", "DISASTER"], [None, DAY], [DAY]))
    columns = {"kind": sa.Text, "until": sa.Date, "day": sa.Date}
    on_record = evaluated(cluster, lambda row, _: circumstances.death_on_record(row), columns, rows)
    assert on_record == [kind == "DEATH" and until is None for kind, until, _ in rows]


def test_46_3_2_5_somebody_is_struck_after_a_day_and_alive_while_no_death_is_reported(
    cluster: TestCluster,
) -> None:
    rows = list(product(OR_NONE, OR_NONE, [DAY]))
    columns: dict[str, type[sa.Date]] = {"struck_on": sa.Date, "died_on": sa.Date, "day": sa.Date}
    struck = evaluated(cluster, circumstances.struck_since, columns, rows)
    assert [bool(answer) for answer in struck] == [on is not None and on > DAY for on, _, _ in rows]
    alive = evaluated(cluster, lambda row, _: circumstances.alive(row), columns, rows)
    assert alive == [died is None for _, died, _ in rows]
    later = evaluated(cluster, circumstances.last_trouble, columns, rows)
    assert later == [max(on or DAY, DAY) for on, _, _ in rows]


def test_46_2_2_a_report_has_no_day_after_today_and_goes_on_until_its_end_is_known() -> None:
    cases = [(since, until) for since, until in product(AROUND, OR_NONE)]
    assert [circumstances.has_future_day(*case, DAY) for case in cases] == [
        "since" if since == AFTER else "until" if until == AFTER else None for since, until in cases
    ]
    assert [circumstances.goes_on(until) for until in OR_NONE] == [True, False, False, False]
    assert [circumstances.last_known_day(until, DAY) for until in OR_NONE] == [DAY, BEFORE, DAY, AFTER]


def test_46_3_3_documents_are_owed_for_pay_first_aid_and_supplied_from_the_decision_to_today() -> None:
    forms = TemporaryForm
    assert [
        aid.owes_papers(form, supplied)
        for form, supplied in product([forms.PAY_FIRST, forms.EMERGENCY_TYPE], [None, DAY])
    ] == [True, False, False, False]
    assert [aid.can_be_supplied_on(DAY, supplied, DAY) for supplied in AROUND] == [False, True, False]


def test_46_4_3_what_was_paid_or_delivered_went_out_and_what_was_revoked_did_not() -> None:
    statuses = AidStatus
    assert {status: (aid.went_out(status, None), aid.went_out(status, DAY)) for status in statuses} == {
        statuses.APPROVED: (False, True),
        statuses.PAID: (False, True),
        statuses.DELIVERED: (True, True),
        statuses.ENDED: (False, True),
        statuses.REVOKED: (False, False),
    }
    assert [aid.lacks_payment(status, None) for status in statuses] == [False, True, False, False, False]
    assert not aid.lacks_payment(statuses.PAID, DAY)


def test_46_2_3_urgent_help_was_decided_on_a_day_or_after_it(cluster: TestCluster) -> None:
    rows = [(decided, DAY) for decided in AROUND]
    columns = {"decided_on": sa.Date, "day": sa.Date}
    assert evaluated(cluster, aid.decided_since, columns, rows) == [False, True, True]
