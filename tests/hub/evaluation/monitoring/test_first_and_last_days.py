"""The days and amounts at which each finding begins and ends, written by hand from the policy: the last case that is none,
and the first that is one."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.evaluation.monitoring.household_part import in_part
from hub.evaluation.monitoring.rules import CONDITIONS
from hub.model.alerts import Finding
from hub.overlaps.pairs import pairs_without_case
from tests.conftest import TestCluster

DAY = date(2026, 11, 24)
AGENCY, ANOTHER = "civil_affairs@410105", "civil_affairs@410103"
LONG_AGO = date(2020, 1, 1)


class Home:
    """A household with one member of forty, and what a case adds to it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.id, self.person = uuid4(), uuid4()
        self.insert(
            "household",
            id=self.id,
            code=str(self.id),
            region="410105001",
            residence="URBAN",
            source_agency=AGENCY,
            version=1,
            created_at=DAY,
            updated_at=DAY,
        )
        self.insert(
            "person",
            household_id=self.id,
            id=self.person,
            name="某人",
            id_number_sealed=b"s",
            id_number_index=self.person.bytes,
            id_number_masked="41**************11",
            birth_date=date(1986, 1, 1),
            gender="MALE",
            relation="HEAD",
            source_agency=AGENCY,
            version=1,
            created_at=DAY,
            updated_at=DAY,
        )

    def insert(self, table: str, **row: Any) -> None:
        """Write a row."""
        marks = ", ".join(["%s"] * len(row))
        statement = f"insert into {table} ({', '.join(row)}) values ({marks})"
        self.connection.execute(statement.encode(), list(row.values()))

    def is_(self, **facts: Any) -> "Home":
        """What the township wrote down of the member."""
        for name, value in facts.items():
            self.connection.execute(
                f"update person set {name} = %s where id = %s".encode(), [value, self.person]
            )
        return self

    def earns(self, yuan: str, line: str) -> "Home":
        """The household's income a head, and the line of its category."""
        self.connection.execute("update household set income_per_capita = %s where id = %s", [yuan, self.id])
        self.connection.execute("delete from poverty_line where category = 'SUBSISTENCE_MARGIN'")
        self.insert(
            "poverty_line",
            county="410105",
            residence="URBAN",
            category="SUBSISTENCE_MARGIN",
            from_month=LONG_AGO,
            version=1,
            yuan=line,
            source="s",
            client_id="test",
            recorded_at=DAY,
        )
        return self

    def told(self, kind: str, registry: str, since: date = LONG_AGO, **more: Any) -> "Home":
        """A registry's fact of the member."""
        self.insert(
            "circumstance",
            household_id=self.id,
            id=uuid4(),
            person_id=self.person,
            kind=kind,
            source_registry=registry,
            since=since,
            agency_id=AGENCY,
            recorded_at=DAY,
            **more,
        )
        return self

    def certified(self, category: str, since: date = LONG_AGO, of_member: bool = True, **more: Any) -> "Home":
        """A certification of the member, or of the household as a whole."""
        self.insert(
            "certification",
            household_id=self.id,
            id=uuid4(),
            person_id=self.person if of_member else None,
            category=category,
            valid_from=since,
            authority=AGENCY,
            policy_basis="46-1.2.1",
            version=1,
            recorded_at=DAY,
            **more,
        )
        return self

    def given(
        self, kind: str, first: date, last: date, detail: dict[str, Any], agency: str = AGENCY, **more: Any
    ) -> "Home":
        """Aid for the member, of a period."""
        id = uuid4()
        self.insert(
            "aid_record",
            household_id=self.id,
            id=id,
            version=1,
            person_id=self.person,
            kind=kind,
            program="甲",
            agency_id=agency,
            period_from=first,
            period_until=last,
            status="APPROVED",
            policy_basis="46-3",
            external_id=str(id),
            client_id="test",
            recorded_at=DAY,
            **({"decided_on": first} | more),
        )
        self.insert(f"{kind.lower()}_detail", household_id=self.id, id=id, version=1, **detail)
        return self

    def referred(self, due_at: datetime) -> "Home":
        """A referral that waits."""
        id = uuid4()
        self.insert(
            "referral",
            household_id=self.id,
            id=id,
            person_id=self.person,
            from_agency=AGENCY,
            to_agency=ANOTHER,
            need="EDUCATION",
            reason="需核实",
            status="SENT",
            sent_at=datetime(2026, 10, 1, tzinfo=UTC),
            due_at=due_at,
            external_id=str(id),
            version=1,
        )
        return self


GRANT = {"form": "GRANT", "school_year": 2026, "stage": "PRIMARY"}
ALLOWANCE = {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "month_supplement": None}
PREMIUM = {"form": "PREMIUM_SUBSIDY", "premium_in_full": True}


def student(first: date, last: date) -> Callable[[Home], Home]:
    """A hardship student with education aid of a period."""
    return lambda home: home.told("HARDSHIP_STUDENT", "education").given("EDUCATION", first, last, GRANT)


def unemployed(first: date, last: date) -> Callable[[Home], Home]:
    """A registered unemployed person with employment aid of a period."""
    return lambda home: home.told("REGISTERED_UNEMPLOYED", "human_resources").given(
        "EMPLOYMENT", first, last, {"form": "TAX_RELIEF"}
    )


def idle(born: date) -> Callable[[Home], Home]:
    """Somebody without work."""
    return lambda home: home.is_(birth_date=born, employment="UNEMPLOYED", labour="FULL")


def hardship(since: date, first: date | None = None, last: date | None = None) -> Callable[[Home], Home]:
    """Somebody in extreme hardship, with the premium in full for a period, or without."""

    def made(home: Home) -> Home:
        home.certified("EXTREME_HARDSHIP", since)
        return home if first is None or last is None else home.given("MEDICAL", first, last, PREMIUM)

    return made


def allowance(first: date, last: date, **paid: Any) -> Callable[[Home], Home]:
    """An allowance of a month."""
    return lambda home: home.given("BASIC_LIVING", first, last, ALLOWANCE, **paid)


def aged(born: date, first: date, last: date) -> Callable[[Home], Home]:
    """Somebody with the allowance of a month and no supplement to it, born on a day."""
    return lambda home: (
        home.is_(birth_date=born)
        .certified("SUBSISTENCE_ALLOWANCE")
        .given("BASIC_LIVING", first, last, ALLOWANCE)
    )


def reported_ill(since: date) -> Callable[[Home], Home]:
    """Somebody whom the health office alone knows to be seriously ill, with November's allowance and no supplement to it."""
    return lambda home: (
        home.certified("SUBSISTENCE_ALLOWANCE")
        .told("SERIOUS_ILLNESS", "health", since=since)
        .given("BASIC_LIVING", d("2026-11-01"), d("2026-11-30"), ALLOWANCE)
    )


def severe(**certified: Any) -> Callable[[Home], Home]:
    """A severely disabled member with the allowance, from a day or until one."""
    return lambda home: home.is_(disability_grade=2).certified("SUBSISTENCE_ALLOWANCE", **certified)


def dead(first: date) -> Callable[[Home], Home]:
    """Somebody who died on the day, and aid of a period that begins on another."""
    return lambda home: home.told("DEATH", "civil_affairs", since=DAY).given(
        "SERVICE", first, first, {"form": "VISIT", "provider": "某中心", "times": 1}
    )


def twice(last: date, first: date) -> Callable[[Home], Home]:
    """The same programme from two agencies: one until a day, the other from a day on."""
    return lambda home: home.given("EDUCATION", LONG_AGO, last, GRANT).given(
        "EDUCATION", first, date(2027, 6, 1), GRANT, ANOTHER
    )


def d(text: str) -> date:
    """A day."""
    return date.fromisoformat(text)


F = Finding
CASES: list[tuple[Finding, date, str, Callable[[Home], Home], bool]] = [
    # 46-3.2.2: aid of this school year, 1 September to 31 August
    (F.STUDENT_WITHOUT_AID, DAY, "aid until 31 August", student(LONG_AGO, d("2026-08-31")), True),
    (F.STUDENT_WITHOUT_AID, DAY, "aid until 1 September", student(LONG_AGO, d("2026-09-01")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "aid from 31 August next", student(d("2027-08-31"), d("2027-12-31")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "aid from 1 September next", student(d("2027-09-01"), d("2027-12-31")), True),
    (F.STUDENT_WITHOUT_AID, DAY, "a student from today on", lambda home: home.told("HARDSHIP_STUDENT", "education", DAY), True),
    (F.STUDENT_WITHOUT_AID, DAY, "a student from tomorrow on",
     lambda home: home.told("HARDSHIP_STUDENT", "education", d("2026-11-25")), False),
    (F.STUDENT_WITHOUT_AID, DAY, "a student until today",
     lambda home: home.told("HARDSHIP_STUDENT", "education", until=DAY), True),
    (F.STUDENT_WITHOUT_AID, DAY, "a student until yesterday",
     lambda home: home.told("HARDSHIP_STUDENT", "education", until=d("2026-11-23")), False),
    # 46-3.2.4: aid within twelve months
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid until a year ago", unemployed(LONG_AGO, d("2025-11-24")), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid until a year and a day ago", unemployed(LONG_AGO, d("2025-11-23")), True),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid from today", unemployed(DAY, d("2027-01-01")), False),
    (F.UNEMPLOYED_WITHOUT_AID, DAY, "aid from tomorrow", unemployed(d("2026-11-25"), d("2027-01-01")), True),
    # 46-3.2.4: of working age are those from 16, under 63
    (F.ZERO_EMPLOYMENT, DAY, "16 tomorrow", idle(d("2010-11-25")), False),
    (F.ZERO_EMPLOYMENT, DAY, "16 today", idle(d("2010-11-24")), True),
    (F.ZERO_EMPLOYMENT, DAY, "63 tomorrow", idle(d("1963-11-25")), True),
    (F.ZERO_EMPLOYMENT, DAY, "63 today", idle(d("1963-11-24")), False),
    # 46-3.2.1: who was in extreme hardship when the year began
    (F.PREMIUM_NOT_IN_FULL, DAY, "in hardship since 31 December", hardship(d("2025-12-31")), True),
    (F.PREMIUM_NOT_IN_FULL, DAY, "in hardship since 1 January", hardship(d("2026-01-01")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium until 31 December", hardship(LONG_AGO, LONG_AGO, d("2025-12-31")), True),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium until 1 January", hardship(LONG_AGO, LONG_AGO, d("2026-01-01")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium from 31 December",
     hardship(LONG_AGO, d("2026-12-31"), d("2027-12-31")), False),
    (F.PREMIUM_NOT_IN_FULL, DAY, "premium from 1 January", hardship(LONG_AGO, d("2027-01-01"), d("2027-12-31")), True),
    # 46-3.1: 每月10日前发放到位, the 10th included
    (F.ALLOWANCE_LATE, d("2026-11-10"), "unpaid on the 10th", allowance(d("2026-11-01"), d("2026-11-30")), False),
    (F.ALLOWANCE_LATE, d("2026-11-11"), "unpaid on the 11th", allowance(d("2026-11-01"), d("2026-11-30")), True),
    (F.ALLOWANCE_LATE, DAY, "paid on the 10th",
     allowance(d("2026-11-01"), d("2026-11-30"), paid_on=d("2026-11-10")), False),
    (F.ALLOWANCE_LATE, DAY, "paid on the 11th", allowance(d("2026-11-01"), d("2026-11-30"), paid_on=d("2026-11-11")), True),
    # what was decided after the 10th is due by the next: a payment that came in time by its record is not late here
    (F.ALLOWANCE_LATE, DAY, "decided on 20 October, paid on 5 November",
     allowance(d("2026-10-01"), d("2026-10-31"), decided_on=d("2026-10-20"), paid_on=d("2026-11-05")), False),
    (F.ALLOWANCE_LATE, DAY, "decided on 20 October, paid on 11 November",
     allowance(d("2026-10-01"), d("2026-10-31"), decided_on=d("2026-10-20"), paid_on=d("2026-11-11")), True),
    (F.ALLOWANCE_LATE, DAY, "of a year ago", allowance(d("2025-11-24"), d("2025-12-23")), True),
    (F.ALLOWANCE_LATE, DAY, "of a year and a day ago", allowance(d("2025-11-23"), d("2025-12-22")), False),
    # 46-3.1: 100 yuan more from the month that begins at 70 on; the month before is due until the 10th
    (F.SUPPLEMENT_MISSING, d("2026-11-10"), "October's, on 10 November",
     aged(d("1950-01-01"), d("2026-10-01"), d("2026-10-31")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "October's, on 11 November",
     aged(d("1950-01-01"), d("2026-10-01"), d("2026-10-31")), False),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "until 1 November", aged(d("1950-01-01"), LONG_AGO, d("2026-11-01")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "until 31 October", aged(d("1950-01-01"), LONG_AGO, d("2026-10-31")), False),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "from 30 November",
     aged(d("1950-01-01"), d("2026-11-30"), d("2027-01-31")), True),
    (F.SUPPLEMENT_MISSING, d("2026-11-11"), "from 1 December",
     aged(d("1950-01-01"), d("2026-12-01"), d("2027-01-31")), False),
    (F.SUPPLEMENT_MISSING, DAY, "70 on the 1st", aged(d("1956-11-01"), d("2026-11-01"), d("2026-11-30")), True),
    (F.SUPPLEMENT_MISSING, DAY, "70 on the 2nd", aged(d("1956-11-02"), d("2026-11-01"), d("2026-11-30")), False),
    (F.SUPPLEMENT_MISSING, DAY, "18 on the 1st", aged(d("2008-11-01"), d("2026-11-01"), d("2026-11-30")), False),
    (F.SUPPLEMENT_MISSING, DAY, "18 on the 2nd", aged(d("2008-11-02"), d("2026-11-01"), d("2026-11-30")), True),
    (F.SUPPLEMENT_MISSING, DAY, "reported ill on the 1st", reported_ill(d("2026-11-01")), True),
    (F.SUPPLEMENT_MISSING, DAY, "reported ill on the 2nd", reported_ill(d("2026-11-02")), False),
    # 46-2.1: a deadline is over when its day ends in China, at 16:00 UTC
    (F.REFERRAL_OVERDUE, DAY, "due when today began", lambda home: home.referred(datetime(2026, 11, 23, 16, tzinfo=UTC)), True),
    (F.REFERRAL_OVERDUE, DAY, "due a second later",
     lambda home: home.referred(datetime(2026, 11, 23, 16, 0, 1, tzinfo=UTC)), False),
    # 46-2.3: severe are grades 1 and 2; an allowance counts on its first day and its last, and no more on the day it ended
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "grade 2", lambda home: home.is_(disability_grade=2), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "grade 3", lambda home: home.is_(disability_grade=3), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certificate of grade 2",
     lambda home: home.told("DISABILITY", "disabled_federation", disability_grade=2), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certificate of grade 3",
     lambda home: home.told("DISABILITY", "disabled_federation", disability_grade=3), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "left today", lambda home: home.is_(disability_grade=2, left_on=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "leaves tomorrow",
     lambda home: home.is_(disability_grade=2, left_on=d("2026-11-25")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified from today", severe(since=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified from tomorrow", severe(since=d("2026-11-25")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified until today", severe(valid_until=DAY), False),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "certified until yesterday", severe(valid_until=d("2026-11-23")), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "ended today", severe(ended_on=DAY, ended_because="MISTAKE"), True),
    (F.SEVERE_DISABILITY_OUTSIDE, DAY, "ends tomorrow",
     severe(ended_on=d("2026-11-25"), ended_because="MISTAKE"), False),
    # 46-2.4: income above the line
    (F.INCOME_ABOVE_LINE, DAY, "a fen below the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("899.99", "900.00"), False),
    (F.INCOME_ABOVE_LINE, DAY, "on the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("900.00", "900.00"), False),
    (F.INCOME_ABOVE_LINE, DAY, "a fen above the line",
     lambda home: home.certified("SUBSISTENCE_MARGIN", of_member=False).earns("900.01", "900.00"), True),
    # 46-2.2: aid of a period that begins after somebody's death
    (F.DECEASED_RECIPIENT, DAY, "aid from the day of death", dead(DAY), False),
    (F.DECEASED_RECIPIENT, DAY, "aid from the day after", dead(d("2026-11-25")), True),
    # 46-2.1: two periods overlap where they share a day
    (F.DUPLICATE_AID, DAY, "the one begins on the other's last day", twice(d("2026-06-01"), d("2026-06-01")), True),
    (F.DUPLICATE_AID, DAY, "the one begins the day after", twice(d("2026-06-01"), d("2026-06-02")), False),
]  # fmt: skip


@pytest.fixture(scope="module")
def connection(cluster: TestCluster, template: str) -> Iterator[psycopg.Connection[Any]]:
    """A database without households; what a case writes is taken back."""
    name = f"hub_days_{uuid4().hex[:8]}"
    with psycopg.connect(cluster.create(name, template)) as opened:
        yield opened
        opened.rollback()
    cluster.drop(name)


def households_found(
    connection: psycopg.Connection[Any], finding: Finding, day: date, only: UUID
) -> set[UUID]:
    """Whose fact it is, on a day, in a part that begins and ends with one household."""
    if finding is Finding.DUPLICATE_AID:
        query: Any = pairs_without_case(in_part)
    else:
        query = CONDITIONS[finding].facts()
    subquery = query.subquery()
    compiled = sa.select(subquery.c.household_id).compile(dialect=pg.dialect(paramstyle="pyformat"))  # type: ignore[no-untyped-call]
    whole = compiled.construct_expanded_state({"first": only, "last": only, "day": day})
    return {row[0] for row in connection.execute(whole.statement.encode(), whole.parameters)}


@pytest.mark.parametrize(
    ("finding", "day", "case", "made", "found"), CASES, ids=[f"{case[0]} {case[2]}" for case in CASES]
)
def test_a_finding_begins_and_ends_on_these_days(
    connection: psycopg.Connection[Any],
    finding: Finding,
    day: date,
    case: str,
    made: Callable[[Home], Home],
    found: bool,
) -> None:
    home = made(Home(connection))
    assert households_found(connection, finding, day, home.id) == ({home.id} if found else set()), case
    connection.rollback()


def test_every_finding_of_a_household_has_its_first_and_last_cases() -> None:
    without_a_bound = {F.ILLNESS_OUTSIDE, F.PARTLY_COVERED, F.WITHOUT_LABOUR, F.PERSON_IN_TWO_HOUSEHOLDS}
    """What they ask is a word, not a number or a day; who is a member and what stands on a day is the same for all."""
    assert {case[0] for case in CASES} | without_a_bound == set(CONDITIONS)
