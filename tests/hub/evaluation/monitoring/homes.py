"""Households with one member, written directly as rows, and the facts that a case adds to them."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg

DAY = date(2026, 11, 24)
AGENCY, ANOTHER = "civil_affairs@410105", "civil_affairs@410103"
LONG_AGO = date(2020, 1, 1)


class Home:
    """A household with one member of forty years, to which a case adds facts."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.id, self.person = uuid4(), uuid4()
        self.other = self.person
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
        """Insert a row."""
        marks = ", ".join(["%s"] * len(row))
        statement = f"insert into {table} ({', '.join(row)}) values ({marks})"
        self.connection.execute(statement.encode(), list(row.values()))

    def is_(self, **facts: Any) -> "Home":
        """Set facts of the member that the township registers."""
        for name, value in facts.items():
            self.connection.execute(
                f"update person set {name} = %s where id = %s".encode(), [value, self.person]
            )
        return self

    def joined(self) -> "Home":
        """Add a second member, thirty years old."""
        other = uuid4()
        self.connection.execute(
            "insert into person (household_id, id, name, id_number_sealed, id_number_index, id_number_masked, birth_date, gender,"
            " relation, source_agency, version, created_at, updated_at) select household_id, %s, name, id_number_sealed, %s,"
            " id_number_masked, date '1996-01-01', gender, 'OTHER', source_agency, version, created_at, updated_at from person"
            " where id = %s",
            [other, other.bytes, self.person],
        )
        self.other = other
        return self

    def certified_other(self) -> "Home":
        """Certify the second member for the allowance."""
        self.person, mine = self.other, self.person
        self.certified("SUBSISTENCE_ALLOWANCE")
        self.person = mine
        return self

    def earns(self, yuan: str, line: str) -> "Home":
        """Set the household's income per head, and the only known line."""
        self.connection.execute("update household set income_per_capita = %s where id = %s", [yuan, self.id])
        self.connection.execute("delete from poverty_line")
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
        """Add a registry's fact about the member."""
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
        """Certify the member, or the household as a whole."""
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
        """Add aid for the member, for a period."""
        id = uuid4()
        self.insert(
            "aid_record",
            household_id=self.id,
            id=id,
            version=1,
            kind=kind,
            program="甲",
            agency_id=agency,
            period_from=first,
            period_until=last,
            policy_basis="46-3",
            external_id=str(id),
            client_id="test",
            recorded_at=DAY,
            **({"decided_on": first, "person_id": self.person, "status": "APPROVED"} | more),
        )
        self.insert(f"{kind.lower()}_detail", household_id=self.id, id=id, version=1, **detail)
        return self

    def referred(self, due_at: datetime) -> "Home":
        """Add a referral that waits for an answer."""
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
    """A person without work."""
    return lambda home: home.is_(birth_date=born, employment="UNEMPLOYED", labour="FULL")


def hardship(since: date, first: date | None = None, last: date | None = None) -> Callable[[Home], Home]:
    """A person in extreme hardship, with the premium in full for a period, or without it."""

    def made(home: Home) -> Home:
        home.certified("EXTREME_HARDSHIP", since)
        return home if first is None or last is None else home.given("MEDICAL", first, last, PREMIUM)

    return made


def never_paid(since: date, category: str = "SUBSISTENCE_ALLOWANCE") -> Callable[[Home], Home]:
    """A person certified since a day, without any payment."""
    of_member = category not in ("SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE")
    return lambda home: home.certified(category, since, of_member)


def paid_for(first: date, last: date, form: str = "SUBSISTENCE_ALLOWANCE") -> Callable[[Home], Home]:
    """A person certified long ago, and paid for a period."""
    return lambda home: home.certified("SUBSISTENCE_ALLOWANCE").given(
        "BASIC_LIVING", first, last, {**ALLOWANCE, "form": form}
    )


def struck(on: date, **certified: Any) -> Callable[[Home], Home]:
    """A person struck by a disaster on a day, with a certification."""
    return lambda home: home.told("DISASTER", "emergency_management", since=on).certified(
        "SUBSISTENCE_MARGIN", of_member=False, **certified
    )


def died(on: date, **certified: Any) -> Callable[[Home], Home]:
    """A person who died on a day, with a certification."""
    return lambda home: home.told("DEATH", "civil_affairs", since=on).certified(
        "EXTREME_HARDSHIP", **certified
    )


def outside(earns: str) -> Callable[[Home], Home]:
    """A person without work, in a household of no category, with an income to compare with the only line of 900 yuan."""
    return lambda home: home.is_(
        birth_date=LONG_AGO.replace(year=1986), employment="UNEMPLOYED", labour="FULL"
    ).earns(earns, "900.00")


def allowance(first: date, last: date, **paid: Any) -> Callable[[Home], Home]:
    """An allowance for a period, usually a month."""
    return lambda home: home.given("BASIC_LIVING", first, last, ALLOWANCE, **paid)


def aged(born: date, first: date, last: date) -> Callable[[Home], Home]:
    """A person born on a day, with the allowance of a month and no supplement."""
    return lambda home: (
        home.is_(birth_date=born)
        .certified("SUBSISTENCE_ALLOWANCE")
        .given("BASIC_LIVING", first, last, ALLOWANCE)
    )


def reported_ill(since: date) -> Callable[[Home], Home]:
    """A person whose serious illness only the health office reports, with November's allowance and no supplement."""
    return lambda home: (
        home.certified("SUBSISTENCE_ALLOWANCE")
        .told("SERIOUS_ILLNESS", "health", since=since)
        .given("BASIC_LIVING", d("2026-11-01"), d("2026-11-30"), ALLOWANCE)
    )


def severe(**certified: Any) -> Callable[[Home], Home]:
    """A severely disabled member with the allowance, from a day or until a day."""
    return lambda home: home.is_(disability_grade=2).certified("SUBSISTENCE_ALLOWANCE", **certified)


def dead(first: date) -> Callable[[Home], Home]:
    """A person who died on the day, and aid for a period that begins on another day."""
    return lambda home: home.told("DEATH", "civil_affairs", since=DAY).given(
        "SERVICE", first, first, {"form": "VISIT", "provider": "某中心", "times": 1}
    )


def urgent_again(on: date) -> Callable[[Home], Home]:
    """Urgent aid of 20 November, and of another day."""
    detail = {"form": "PAY_FIRST", "trouble": "失火", "happened_at_region": "410105001"}
    first = date(2026, 11, 20)
    return lambda home: home.given("TEMPORARY", first, first, detail).given("TEMPORARY", on, on, detail)


def twice(last: date, first: date, again: str = ANOTHER) -> Callable[[Home], Home]:
    """The same programme twice: until a day, and again from a day on, by another agency or the same one."""
    return lambda home: home.given("EDUCATION", LONG_AGO, last, GRANT).given(
        "EDUCATION", first, date(2027, 6, 1), GRANT, again
    )


def household_paid(first: date) -> Callable[[Home], Home]:
    """A household whose only covered member died on the day, and its allowance for a period that begins on another day."""
    return lambda home: (
        home.told("DEATH", "civil_affairs", since=DAY)
        .certified("SUBSISTENCE_ALLOWANCE")
        .given("BASIC_LIVING", first, first, ALLOWANCE, person_id=None)
    )


def struck_dead(on: date) -> Callable[[Home], Home]:
    """A household of the margin category whose member died on a day."""
    return lambda home: home.told("DEATH", "civil_affairs", since=on).certified(
        "SUBSISTENCE_MARGIN", of_member=False
    )


def supplement(yuan: str, minors: int) -> Callable[[Home], Home]:
    """A household of one or two minors, with November's allowance and a supplement."""

    def made(home: Home) -> Home:
        if minors == 2:
            home.joined()
        home.connection.execute(
            "update person set birth_date = '2015-01-01' where household_id = %s", [home.id]
        )
        return home.certified("SUBSISTENCE_ALLOWANCE", of_member=False).given(
            "BASIC_LIVING",
            d("2026-11-01"),
            d("2026-11-30"),
            ALLOWANCE | {"month_supplement": yuan},
            person_id=None,
        )

    return made


def paid_of(
    *amounts: str, first: date = date(2026, 11, 1), last: date = date(2026, 11, 30)
) -> Callable[[Home], Home]:
    """A person certified for 400 yuan a month, and the amounts paid for a period."""

    def made(home: Home) -> Home:
        home.certified("SUBSISTENCE_ALLOWANCE", certified_amount="400.00")
        for yuan in amounts:
            home.given("BASIC_LIVING", first, last, ALLOWANCE, amount=yuan, status="PAID", paid_on=first)
        return home

    return made


def ran_out(on: date) -> Callable[[Home], Home]:
    """November's allowance of a person whose certification was valid until a day."""
    return lambda home: home.certified("SUBSISTENCE_ALLOWANCE", valid_until=on).given(
        "BASIC_LIVING", d("2026-11-01"), d("2026-11-30"), ALLOWANCE
    )


def papers(due: date, supplied: date | None = None) -> Callable[[Home], Home]:
    """Urgent aid with papers due on a day."""
    detail = {"form": "PAY_FIRST", "trouble": "失火", "happened_at_region": "410105001", "papers_due_on": due}
    return lambda home: home.given("TEMPORARY", DAY, DAY, detail | {"papers_supplied_on": supplied})


def d(text: str) -> date:
    """A date from its text."""
    return date.fromisoformat(text)
