"""A second implementation of 46-3 in plain Python, written from the policy and the domain page, not from rules.py.

Rows are dicts as the tables have them; the result is (rule, person's id or None, status).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID

from tests.hub.evaluation.entitlements.days import age, month_due, months_back, winter, years_back

Row = Mapping[str, Any]
Claim = tuple[str, UUID | None, str]
FOUR = {"SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP", "SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE"}
LOW_INCOME = FOUR | {"POVERTY_RELAPSE_MONITORED", "OTHER_HARDSHIP"}
CHINA = timezone(timedelta(hours=8))


@dataclass
class Family:
    """All rows of one household; details by (aid id, version)."""

    household: Row
    persons: list[Row]
    certifications: list[Row]
    circumstances: list[Row]
    aids: list[Row]
    details: Mapping[tuple[UUID, int], Row]
    referrals: list[Row]


class Evaluation:
    """The evaluation of one household on one day."""

    def __init__(self, family: Family, day: date) -> None:
        self.family = family
        self.day = day
        self.standing = [
            certification
            for certification in family.certifications
            if certification["ended_because"] != "MISTAKE"
            and certification["valid_from"] <= day
            and (certification["valid_until"] or date.max) >= day
            and (certification["ended_on"] or date.max) > day
        ]
        self.told = [
            circumstance
            for circumstance in family.circumstances
            if circumstance["since"] <= day <= (circumstance["until"] or date.max)
        ]

    def claims(self) -> list[Claim]:
        """Every entitlement, with its status."""
        found: list[Claim] = [(rule, None, self.status(rule, None)) for rule in self.of_household()]
        for person in self.family.persons:
            here = (person["left_on"] or date.max) > self.day
            if here and not self.reports(person, "DEATH"):
                found += [(rule, person["id"], self.status(rule, person)) for rule in self.of_person(person)]
        return found

    def reports(self, person: Row | None, kind: str) -> list[Row]:
        """The circumstances that registries report of a person, or of anybody in the household."""
        return [
            row
            for row in self.told
            if row["kind"] == kind and (person is None or row["person_id"] in (None, person["id"]))
        ]

    def covering(self, person: Row | None) -> list[Row]:
        """The certifications that cover a person, or anybody in the household."""
        return [row for row in self.standing if person is None or row["person_id"] in (None, person["id"])]

    def alive(self) -> bool:
        """Whether at least one living member is left; also true for a household without registered persons."""
        persons = self.family.persons
        return not persons or any(
            (person["left_on"] or date.max) > self.day and not self.died(person) for person in persons
        )

    def died(self, person: Row) -> bool:
        """Whether the funeral records contain a person."""
        return any(row["kind"] == "DEATH" and row["person_id"] == person["id"] for row in self.told)

    def covered_events(self, kind: str) -> list[date]:
        """The days of disasters or deaths within the last year, of people who were certified then. A certification that ended
        on the day of the event still counts."""
        return [
            event["since"]
            for event in self.reports(None, kind)
            if event["since"] > years_back(self.day, 1)
            and any(
                row["category"] in FOUR
                and row["ended_because"] != "MISTAKE"
                and (row["person_id"] in (None, event["person_id"]) or event["person_id"] is None)
                and any(
                    row["valid_from"] <= then <= (row["valid_until"] or date.max)
                    and then < (row["ended_on"] or date.max)
                    for then in (event["since"], event["since"] - timedelta(days=1))
                )
                for row in self.family.certifications
            )
        ]

    def at_home(self, until: date = date.max) -> set[str]:
        """The household's categories, without support in an institution, which provides house, heating and power itself."""
        return {
            row["category"]
            for row in self.standing
            if row["support"] != "INSTITUTIONAL" and row["valid_from"] < until
        }

    def categories(self, person: Row | None, until: date = date.max) -> set[str]:
        """The categories of a person or household; `until`: only those valid since before a day."""
        return {
            certification["category"]
            for certification in self.covering(person)
            if certification["valid_from"] < until
        }

    def own(self, person: Row | None, until: date = date.max) -> set[str]:
        """The categories certified for the person itself, or for the household as a whole."""
        key = person and person["id"]
        return {
            certification["category"]
            for certification in self.standing
            if certification["person_id"] == key and certification["valid_from"] < until
        }

    def of_household(self) -> Iterator[str]:
        """The entitlements of the household."""
        day, first = self.day, month_due(self.day)[0]
        categories = self.categories(None)
        if self.covered_events("DEATH"):
            yield "FUNERAL_FEES"
        if not self.alive():
            return
        if "SUBSISTENCE_ALLOWANCE" in self.own(None, first):
            yield "SUBSISTENCE_ALLOWANCE"
        if self.family.household["residence"] == "URBAN":
            if categories & {"SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE"}:
                yield "URBAN_HOUSING"
            if any(row["support"] == "DISPERSED" for row in self.standing):
                yield "URBAN_HOUSING_OF_DISPERSED"
        elif self.at_home():
            yield "RURAL_HOUSE"
        if categories & LOW_INCOME and self.nobody_works():
            yield "ZERO_EMPLOYMENT"
        year_ago = years_back(day, 1)
        struck = any(report["since"] > year_ago for report in self.reports(None, "DISASTER"))
        if self.covered_events("DISASTER"):
            yield "DISASTER_AID"
        if struck or any(row["subtype"] == "SUDDEN_HARDSHIP" for row in self.standing):
            yield "URGENT_AID"
        yield from self._of_home(categories)

    def _of_home(self, categories: set[str]) -> Iterator[str]:
        """46-3.5, 46-3.6: heating, electricity, water, gas, charity."""
        day = self.day
        if self.at_home(winter(day)[0] + timedelta(days=1)) & FOUR:
            yield "HEATING"
        if self.at_home() & FOUR:
            yield from ("ELECTRICITY", "WATER", "GAS")
        if categories & LOW_INCOME:
            yield "CHARITY"
        yield from {"RELAPSE_PREVENTION"} if "POVERTY_RELAPSE_MONITORED" in categories else ()

    def nobody_works(self) -> bool:
        """Whether somebody of working age is able to work and neither at school nor retired, and nobody in the household
        works."""
        living = [
            person
            for person in self.family.persons
            if (person["left_on"] or date.max) > self.day and not self.died(person)
        ]
        able = [
            person
            for person in living
            if 16 <= age(person["birth_date"], self.day) < 63
            and person["labour"] != "NONE"
            and person["employment"] not in ("STUDYING", "RETIRED")
        ]
        works = {"EMPLOYED", "FLEXIBLE", "FARMING"}
        return bool(able) and all(row["employment"] not in works for row in living)

    def of_person(self, person: Row) -> Iterator[str]:
        """The entitlements of a member."""
        _day, first = self.day, month_due(self.day)[0]
        categories = self.categories(person)
        grades = [report["disability_grade"] for report in self.reports(person, "DISABILITY")]
        first_day = [
            row
            for row in self.family.circumstances
            if row["person_id"] == person["id"] and row["since"] <= first <= (row["until"] or date.max)
        ]
        severe = (person["disability_grade"] or 9) <= 2 or any((grade or 9) <= 2 for grade in grades)
        disabled = person["disability_grade"] is not None or bool(grades)
        ill = person["health"] == "SERIOUS" or bool(self.reports(person, "SERIOUS_ILLNESS"))
        pupils = self.reports(person, "HARDSHIP_STUDENT")
        if "SUBSISTENCE_ALLOWANCE" in self.own(person, first):
            yield "SUBSISTENCE_ALLOWANCE_OF_MEMBER"
        if "EXTREME_HARDSHIP" in self.own(person, first):
            yield "EXTREME_HARDSHIP_SUPPORT"
        then = age(person["birth_date"], first)  # 每月: the age at the beginning of the month decides
        special = (
            (person["disability_grade"] or 9) <= 2
            or person["health"] == "SERIOUS"
            or person["education_stage"] == "COLLEGE"
            or not 18 <= then < 70
            or any(
                row["kind"] == "SERIOUS_ILLNESS"
                or (row["kind"] == "DISABILITY" and (row["disability_grade"] or 9) <= 2)
                or (row["kind"] == "HARDSHIP_STUDENT" and row["education_stage"] == "COLLEGE")
                for row in first_day
            )
        )
        if "SUBSISTENCE_ALLOWANCE" in self.categories(person, first) and special:
            yield "MONTHLY_SUPPLEMENT"
        if "EXTREME_HARDSHIP" in self.own(person):
            yield "PREMIUM_IN_FULL"
        elif "SUBSISTENCE_ALLOWANCE" in categories:
            yield "PREMIUM_FIXED_PART"
        elif categories - {"OTHER_HARDSHIP"}:
            yield "PREMIUM_FIXED_PART_OF_OTHERS"
        if categories and ill:
            yield "MEDICAL_COST_AID"
        if categories and (person["health"] == "CHRONIC" or self.reports(person, "CHRONIC_ILLNESS")):
            yield "MEDICAL_COST_AID_OF_CHRONIC"
        if categories and (person["education_stage"] or pupils):
            yield "EDUCATION_AID"
        if not categories and pupils:  # 其他经济困难家庭, as reported by education
            yield "EDUCATION_AID_OF_LISTED"
        yield from self._of_able_and_disabled(person, severe, disabled)

    def _of_able_and_disabled(self, person: Row, severe: bool, disabled: bool) -> Iterator[str]:
        """46-3.2.4, 46-3.4, 46-3.5."""
        categories, years = self.categories(person), age(person["birth_date"], self.day)
        idle = person["employment"] == "UNEMPLOYED" and person["labour"] != "NONE"
        if (
            categories & (FOUR - {"EXTREME_HARDSHIP"} | {"POVERTY_RELAPSE_MONITORED"})
            and 16 <= years < 63
            and (idle or self.reports(person, "REGISTERED_UNEMPLOYED"))
        ):
            yield "EMPLOYMENT_AID"
        if categories & LOW_INCOME:
            yield from (["CARE_OF_DISABLED"] if severe else [])
            yield from (["CARE_OF_ELDERLY"] if years >= 60 else [])
            yield from (["CARE_OF_MINORS"] if years < 18 else [])
        if categories & {"SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN"}:
            if disabled and "SUBSISTENCE_ALLOWANCE" in categories:
                yield "DISABILITY_LIVING"
            elif disabled:
                yield "DISABILITY_LIVING_OF_MARGIN"
            yield from (["CHILD_REHABILITATION"] if disabled and years < 18 else [])
            yield from (["BARRIER_FREE"] if severe else [])

    def window(self, rule: str) -> tuple[date, date]:
        """The days in which aid counts for a rule."""
        day = self.day
        autumn = day.year if day.month >= 9 else day.year - 1
        struck = [report["since"] for report in self.reports(None, "DISASTER")]
        monitored = [
            certification["valid_from"] for certification in self.standing if certification["subtype"]
        ]
        match rule:
            case _ if rule in {*MONTHLY}:
                return month_due(day)
            case "PREMIUM_IN_FULL" | "PREMIUM_FIXED_PART" | "PREMIUM_FIXED_PART_OF_OTHERS":
                return date(day.year, 1, 1), date(day.year, 12, 31)
            case "EDUCATION_AID" | "EDUCATION_AID_OF_LISTED":
                return date(autumn, 9, 1), date(autumn + 1, 8, 31)
            case "URBAN_HOUSING" | "URBAN_HOUSING_OF_DISPERSED":
                return day, day
            case "DISASTER_AID":
                return max(self.covered_events("DISASTER")), day
            case "FUNERAL_FEES":
                return max(self.covered_events("DEATH")), day
            case "URGENT_AID":
                return max([*struck, *([min(monitored)] if monitored else [])]), day
            case "HEATING":
                return winter(day)
            case (
                "CARE_OF_DISABLED"
                | "CARE_OF_ELDERLY"
                | "CARE_OF_MINORS"
                | "ELECTRICITY"
                | "WATER"
                | "GAS"
                | "DISABILITY_LIVING"
                | "DISABILITY_LIVING_OF_MARGIN"
            ):
                return months_back(day, 6), day
            case _:
                return years_back(day, 1), day

    def status(self, rule: str, person: Row | None) -> str:
        """The status of an entitlement."""
        kind, answers = ANSWERED[rule]
        first, last = self.window(rule)

        def concerns(row: Row) -> bool:
            return person is None or row["person_id"] in (None, person["id"])

        received = [
            aid
            for aid in self.family.aids
            if aid["kind"] == kind
            and aid["superseded_at"] is None
            and aid["status"] != "REVOKED"
            and concerns(aid)
            and aid["period_from"] <= last
            and aid["period_until"] >= first
            and answers(self.family.details[aid["id"], aid["version"]])
        ]
        if any(twice(one, other) for one in received for other in received):
            return "DUPLICATED"
        if any(aid["status"] != "APPROVED" for aid in received):
            return "RECEIVED"
        if received:
            return "APPROVED"
        over = datetime.combine(self.day + timedelta(days=1), time(), CHINA).astimezone(UTC)
        waiting = any(
            referral["need"] == kind
            and concerns(referral)
            and referral["sent_at"] < over
            and (referral["closed_at"] is None or referral["closed_at"] >= over)
            for referral in self.family.referrals
        )
        return "REFERRED" if waiting else "MISSING"


def twice(row: Row, other: Row) -> bool:
    """Whether two records are aid of the same programme for the same subject with overlapping periods."""
    same = (row["program"], row["person_id"]) == (other["program"], other["person_id"])
    overlap = row["period_from"] <= other["period_until"] and other["period_from"] <= row["period_until"]
    return same and overlap and row["id"] != other["id"]


MONTHLY = (
    "SUBSISTENCE_ALLOWANCE",
    "SUBSISTENCE_ALLOWANCE_OF_MEMBER",
    "EXTREME_HARDSHIP_SUPPORT",
    "MONTHLY_SUPPLEMENT",
)


def _any(_detail: Row) -> bool:
    return True


def _form(*forms: str) -> Callable[[Row], bool]:
    return lambda detail: detail["form"] in forms


ANSWERED: Mapping[str, tuple[str, Callable[[Row], bool]]] = {
    **dict.fromkeys(MONTHLY, ("BASIC_LIVING", _form("SUBSISTENCE_ALLOWANCE"))),
    "EXTREME_HARDSHIP_SUPPORT": ("BASIC_LIVING", _form("EXTREME_HARDSHIP_SUPPORT")),
    "MONTHLY_SUPPLEMENT": ("BASIC_LIVING", lambda detail: (detail["month_supplement"] or 0) >= 100),
    "PREMIUM_IN_FULL": (
        "MEDICAL",
        lambda detail: detail["form"] == "PREMIUM_SUBSIDY" and detail["premium_in_full"] is True,
    ),
    "PREMIUM_FIXED_PART": ("MEDICAL", _form("PREMIUM_SUBSIDY")),
    "PREMIUM_FIXED_PART_OF_OTHERS": ("MEDICAL", _form("PREMIUM_SUBSIDY")),
    "MEDICAL_COST_AID": ("MEDICAL", _form("COST_AID", "INPATIENT_AID", "OUTPATIENT_AID")),
    "MEDICAL_COST_AID_OF_CHRONIC": ("MEDICAL", _form("COST_AID", "OUTPATIENT_AID")),
    "EDUCATION_AID": ("EDUCATION", _any),
    "EDUCATION_AID_OF_LISTED": ("EDUCATION", _any),
    "URBAN_HOUSING": ("HOUSING", _form("PUBLIC_RENTAL", "RENT_SUBSIDY")),
    "URBAN_HOUSING_OF_DISPERSED": ("HOUSING", _form("PUBLIC_RENTAL", "RENT_SUBSIDY")),
    "RURAL_HOUSE": ("HOUSING", _form("HOUSE_RENOVATION")),
    "EMPLOYMENT_AID": ("EMPLOYMENT", _any),
    "ZERO_EMPLOYMENT": ("EMPLOYMENT", _any),
    "DISASTER_AID": ("DISASTER", _any),
    "URGENT_AID": ("TEMPORARY", _any),
    "CARE_OF_DISABLED": ("SERVICE", _any),
    "CARE_OF_ELDERLY": ("SERVICE", _any),
    "CARE_OF_MINORS": ("SERVICE", _any),
    "HEATING": ("OTHER", _form("HEATING")),
    "FUNERAL_FEES": ("OTHER", _form("FUNERAL_FEES")),
    "ELECTRICITY": ("OTHER", _form("ELECTRICITY")),
    "WATER": ("OTHER", _form("WATER")),
    "GAS": ("OTHER", _form("GAS")),
    "DISABILITY_LIVING": ("OTHER", _form("DISABILITY_LIVING")),
    "DISABILITY_LIVING_OF_MARGIN": ("OTHER", _form("DISABILITY_LIVING")),
    "CHILD_REHABILITATION": ("OTHER", _form("CHILD_REHABILITATION")),
    "BARRIER_FREE": ("OTHER", _form("BARRIER_FREE")),
    "CHARITY": ("CHARITY", _any),
    "RELAPSE_PREVENTION": ("RELAPSE_PREVENTION", _any),
}
