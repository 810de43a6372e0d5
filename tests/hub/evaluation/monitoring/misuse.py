"""Aid after a death, aid without a certification, overdue papers, and amounts that differ, in plain Python from the policy:
46-2.2, 46-2.3, 46-2.4, 46-3.3, 46-4.3."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.hub.evaluation.entitlements.days import years_back
from tests.hub.evaluation.entitlements.oracle import FOUR, Family, Row

Found = tuple[str, UUID | None, str]
TITLE = {
    "SUBSISTENCE_ALLOWANCE": {"SUBSISTENCE_ALLOWANCE"},
    "EXTREME_HARDSHIP_SUPPORT": {"EXTREME_HARDSHIP"},
    **dict.fromkeys(("HEATING", "ELECTRICITY", "WATER", "GAS"), FOUR),
}
OF_DISABLED = {"DISABILITY_LIVING", "CHILD_REHABILITATION", "BARRIER_FREE"}
SUPPORTED = {"SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP"}


def first_of_month(day: date) -> date:
    """The first day of the month of a day."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """The last day of the month of a day."""
    return first_of_month(first_of_month(day) + timedelta(days=31)) - timedelta(days=1)


def lasts(certification: Row, first: date, last: date) -> bool:
    """Whether a certification is in force on at least one of some days; a mistake never was in force."""
    return bool(
        certification["ended_because"] != "MISTAKE"
        and certification["valid_from"] <= last
        and (certification["valid_until"] or date.max) >= first
        and (certification["ended_on"] or date.max) > max(first, certification["valid_from"])
    )


class Misuse:
    """The findings in one household on one day."""

    def __init__(self, family: Family, day: date) -> None:
        self.family = family
        self.day = day
        self.deaths = [
            row
            for row in family.circumstances
            if row["kind"] == "DEATH" and row["since"] <= day <= (row["until"] or date.max)
        ]

    def current(self) -> Iterator[tuple[Row, str]]:
        """The records that count, with their forms."""
        for aid in self.family.aids:
            if aid["superseded_at"] is None and aid["status"] != "REVOKED":
                yield aid, self.family.details[aid["id"], aid["version"]]["form"]

    def lives(self, person: Row, on: date) -> bool:
        """Whether a person is a member on a day, and not dead."""
        return (person["left_on"] or date.max) > on and not any(
            row["kind"] == "DEATH"
            and row["person_id"] == person["id"]
            and row["since"] <= on <= (row["until"] or date.max)
            for row in self.family.circumstances
        )

    def held(self, categories: set[str], person: UUID | None, first: date, last: date) -> bool:
        """Whether a person, or anybody if None, is in one of the categories on at least one of some days."""
        return any(
            row["category"] in categories
            and (person is None or row["person_id"] in (None, person))
            and lasts(row, first, last)
            for row in self.family.certifications
        )

    def findings(self) -> Iterator[Found]:
        """The findings that need no other household."""
        yield from self._after_death()
        yield from self._without_title()
        yield from self._amounts()
        for aid, _ in self.current():
            detail: Any = self.family.details[aid["id"], aid["version"]]
            due = detail["papers_due_on"] if aid["kind"] == "TEMPORARY" else None
            if due is not None and due < self.day and detail["papers_supplied_on"] is None:
                yield "PAPERS_OVERDUE", aid["person_id"], str(aid["id"])

    def _after_death(self) -> Iterator[Found]:
        month = first_of_month(self.day)
        for death in self.deaths:
            person = death["person_id"]
            for row in self.family.certifications:
                still = person is not None and row["person_id"] == person and lasts(row, self.day, self.day)
                if still and death["since"] < month:
                    yield "DECEASED_CERTIFIED", person, row["category"]
            eve = death["since"] - timedelta(days=1)
            if person is None or not self.held(SUPPORTED, person, eve, death["since"]):
                continue
            for aid, _ in self.current():
                if (
                    aid["kind"] == "BASIC_LIVING"
                    and aid["person_id"] is None
                    and aid["period_from"] > death["since"]
                    and not self._somebody_covered(aid["period_from"])
                ):
                    yield "DECEASED_RECIPIENT", None, ""
        certified = any(lasts(row, self.day, self.day) for row in self.family.certifications)
        if certified and not any(self.lives(person, month) for person in self.family.persons):
            yield "HOUSEHOLD_WITHOUT_MEMBERS", None, ""

    def _somebody_covered(self, on: date) -> bool:
        return any(
            self.lives(person, on) and self.held(SUPPORTED, person["id"], on, on)
            for person in self.family.persons
        )

    def _without_title(self) -> Iterator[Found]:
        for aid, form in self.current():
            first, last = aid["period_from"], aid["period_until"]
            if not years_back(self.day, 1) <= first <= self.day:
                continue
            if (aid["kind"], form) == ("OTHER", form) and form in OF_DISABLED:
                carried = any(
                    person["id"] == (aid["person_id"] or person["id"]) and self._disabled(person)
                    for person in self.family.persons
                )
            elif aid["kind"] in ("BASIC_LIVING", "OTHER") and form in TITLE:
                carried = self.held(TITLE[form], aid["person_id"], first, last)
                if aid["kind"] == "BASIC_LIVING":  # 每月: also the last month of the period
                    month = first_of_month(min(last, self.day))
                    carried = carried and self.held(
                        TITLE[form], aid["person_id"], month, last_of_month(month)
                    )
            else:
                continue
            if not carried:
                yield "AID_WITHOUT_TITLE", aid["person_id"], form

    def _disabled(self, person: Row) -> bool:
        return person["disability_grade"] is not None or any(
            row["kind"] == "DISABILITY"
            and row["person_id"] == person["id"]
            and row["since"] <= self.day <= (row["until"] or date.max)
            for row in self.family.circumstances
        )

    def _amounts(self) -> Iterator[Found]:
        """46-4.3, 足额: the amounts paid for a period, compared with the certified amount in force when it began."""
        sums: dict[tuple[UUID | None, str, date, date], Any] = {}
        for aid, form in self.current():
            paid = aid["kind"] == "BASIC_LIVING" and aid["status"] == "PAID" and aid["amount"] is not None
            if paid and years_back(self.day, 1) <= aid["period_from"] <= self.day:
                key = (aid["person_id"], form, aid["period_from"], aid["period_until"])
                sums[key] = sums.get(key, 0) + aid["amount"]
        for (person, form, first, last), yuan in sums.items():
            months = (last.year - first.year) * 12 + last.month - first.month + 1
            amounts = [
                row["certified_amount"]
                for row in self.family.certifications
                if row["category"] in TITLE[form]
                and row["person_id"] == person
                and row["certified_amount"] is not None
                and lasts(row, first_of_month(first), last_of_month(first))
            ]
            if amounts and all(amount * months != yuan for amount in amounts):
                yield "AMOUNT_DIFFERS", person, f"{first:%Y-%m}"
