"""46-3 a second time, in plain Python, written from the policy and the domain page: rules.py is not asked.

Rows are dicts as the tables hold them; what it answers is (rule, person's id or None, status).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Claim = tuple[str, UUID | None, str]
FOUR = {"SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP", "SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE"}
LOW_INCOME = FOUR | {"POVERTY_RELAPSE_MONITORED", "OTHER_HARDSHIP"}
CHINA = timezone(timedelta(hours=8))


@dataclass
class Family:
    """Every row of one household; details by (aid id, version)."""

    household: Row
    persons: list[Row]
    certifications: list[Row]
    circumstances: list[Row]
    aids: list[Row]
    details: Mapping[tuple[UUID, int], Row]
    referrals: list[Row]


def years_back(day: date, years: int) -> date:
    """The same day of an earlier year."""
    last = day.day if (day.month, day.day) != (2, 29) else 28
    return date(day.year - years, day.month, last)


def age(born: date, day: date) -> int:
    """Whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def months_back(day: date, months: int) -> date:
    """The same day some months before, or the last of that month."""
    count = day.year * 12 + day.month - 1 - months
    following = date((count + 1) // 12, (count + 1) % 12 + 1, 1)
    return date(count // 12, count % 12 + 1, min(day.day, (following - timedelta(days=1)).day))


def month_due(day: date) -> tuple[date, date]:
    """46-3.1: paid by the 10th, so until then the month before is the last one due."""
    first = day.replace(day=1)
    if day.day <= 10:
        first = (first - timedelta(days=1)).replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def winter(day: date) -> tuple[date, date]:
    """The last heating season whose subsidy is due, on 20 December."""
    year = day.year if day >= date(day.year, 12, 20) else day.year - 1
    return date(year, 11, 15), date(year + 1, 3, 15)


class Evaluation:
    """One household on one day."""

    def __init__(self, family: Family, day: date) -> None:
        self.family = family
        self.day = day
        self.standing = [
            certification
            for certification in family.certifications
            if certification["valid_from"] <= day
            and (certification["valid_until"] or date.max) >= day
            and (certification["ended_on"] or date.max) > day
        ]
        self.told = [
            circumstance
            for circumstance in family.circumstances
            if circumstance["since"] <= day <= (circumstance["until"] or date.max)
        ]

    def claims(self) -> list[Claim]:
        """Every entitlement with its status."""
        found: list[Claim] = [(rule, None, self.status(rule, None)) for rule in self.of_household()]
        for person in self.family.persons:
            here = (person["left_on"] or date.max) > self.day
            if here and not self.reports(person, "DEATH"):
                found += [(rule, person["id"], self.status(rule, person)) for rule in self.of_person(person)]
        return found

    def reports(self, person: Row | None, kind: str) -> list[Row]:
        """What registries say of a person, or of anybody of the household."""
        return [
            row
            for row in self.told
            if row["kind"] == kind and (person is None or row["person_id"] in (None, person["id"]))
        ]

    def covering(self, person: Row | None) -> list[Row]:
        """The certifications that a person, or the household, is in."""
        return [row for row in self.standing if person is None or row["person_id"] in (None, person["id"])]

    def categories(self, person: Row | None, until: date = date.max) -> set[str]:
        """The categories of those, held since before a day."""
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
        """What the household is entitled to."""
        day, first = self.day, month_due(self.day)[0]
        categories = self.categories(None)
        if "SUBSISTENCE_ALLOWANCE" in self.own(None, first):
            yield "SUBSISTENCE_ALLOWANCE"
        if self.family.household["residence"] == "URBAN":
            if categories & {"SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN", "RIGID_EXPENDITURE"}:
                yield "URBAN_HOUSING"
            if any(row["support"] == "DISPERSED" for row in self.standing):
                yield "URBAN_HOUSING_OF_DISPERSED"
        elif categories & LOW_INCOME:
            yield "RURAL_HOUSE"
        if categories & LOW_INCOME and self.nobody_works():
            yield "ZERO_EMPLOYMENT"
        year_ago = years_back(day, 1)
        struck = any(report["since"] > year_ago for report in self.reports(None, "DISASTER"))
        if categories & FOUR and struck:
            yield "DISASTER_AID"
        if struck or any(row["subtype"] == "SUDDEN_HARDSHIP" for row in self.standing):
            yield "URGENT_AID"
        if self.categories(None, winter(day)[0] + timedelta(days=1)) & FOUR:
            yield "HEATING"
        if categories & FOUR and any(report["since"] > year_ago for report in self.reports(None, "DEATH")):
            yield "FUNERAL_FEES"
        if categories & FOUR:
            yield "UTILITIES"
        if categories & LOW_INCOME:
            yield "CHARITY"
        yield from {"RELAPSE_PREVENTION"} if "POVERTY_RELAPSE_MONITORED" in categories else ()

    def nobody_works(self) -> bool:
        """Somebody of working age is able, and nobody of them works."""
        able = [
            person
            for person in self.family.persons
            if (person["left_on"] or date.max) > self.day
            and 16 <= age(person["birth_date"], self.day) < 63
            and person["labour"] != "NONE"
            and person["employment"] != "STUDYING"
        ]
        return bool(able) and all(row["employment"] in (None, "UNEMPLOYED", "NONE") for row in able)

    def of_person(self, person: Row) -> Iterator[str]:
        """What a member is entitled to."""
        _day, first = self.day, month_due(self.day)[0]
        categories, years = self.categories(person), age(person["birth_date"], self.day)
        grades = [report["disability_grade"] for report in self.reports(person, "DISABILITY")]
        severe = (person["disability_grade"] or 9) <= 2 or any((grade or 9) <= 2 for grade in grades)
        disabled = person["disability_grade"] is not None or bool(grades)
        ill = person["health"] == "SERIOUS" or bool(self.reports(person, "SERIOUS_ILLNESS"))
        pupils = self.reports(person, "HARDSHIP_STUDENT")
        college = person["education_stage"] == "COLLEGE" or any(
            pupil["education_stage"] == "COLLEGE" for pupil in pupils
        )
        if "SUBSISTENCE_ALLOWANCE" in self.own(person, first):
            yield "SUBSISTENCE_ALLOWANCE_OF_MEMBER"
        if "EXTREME_HARDSHIP" in self.own(person, first):
            yield "EXTREME_HARDSHIP_SUPPORT"
        then = age(
            person["birth_date"], first
        )  # 每月: who is 70, or no minor any more, when the month begins
        special = severe or ill or then >= 70 or then < 18 or college
        if "SUBSISTENCE_ALLOWANCE" in self.categories(person, first) and special:
            yield "MONTHLY_SUPPLEMENT"
        if "EXTREME_HARDSHIP" in self.own(person):
            yield "PREMIUM_IN_FULL"
        elif categories & (LOW_INCOME - {"OTHER_HARDSHIP", "EXTREME_HARDSHIP"}):
            yield "PREMIUM_FIXED_PART"
        if categories & LOW_INCOME and ill:
            yield "MEDICAL_COST_AID"
        if categories & (FOUR | {"OTHER_HARDSHIP"}) and (person["education_stage"] or pupils):
            yield "EDUCATION_AID"
        idle = person["employment"] == "UNEMPLOYED" and person["labour"] != "NONE"
        if (
            categories & (FOUR - {"EXTREME_HARDSHIP"})
            and 16 <= years < 63
            and (idle or self.reports(person, "REGISTERED_UNEMPLOYED"))
        ):
            yield "EMPLOYMENT_AID"
        if categories & LOW_INCOME:
            yield from (["CARE_OF_DISABLED"] if severe else [])
            yield from (["CARE_OF_ELDERLY"] if years >= 70 else [])
            yield from (["CARE_OF_MINORS"] if years < 18 else [])
        if categories & {"SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN"}:
            yield from (["DISABILITY_LIVING"] if disabled else [])
            yield from (["CHILD_REHABILITATION"] if disabled and years < 18 else [])
            yield from (["BARRIER_FREE"] if severe else [])

    def window(self, rule: str) -> tuple[date, date]:
        """The days in which aid counts."""
        day = self.day
        autumn = day.year if day.month >= 9 else day.year - 1
        struck = [report["since"] for report in self.reports(None, "DISASTER")]
        monitored = [
            certification["valid_from"] for certification in self.standing if certification["subtype"]
        ]
        match rule:
            case _ if rule in {*MONTHLY}:
                return month_due(day)
            case "PREMIUM_IN_FULL" | "PREMIUM_FIXED_PART":
                return date(day.year, 1, 1), date(day.year, 12, 31)
            case "EDUCATION_AID":
                return date(autumn, 9, 1), date(autumn + 1, 8, 31)
            case "URBAN_HOUSING" | "URBAN_HOUSING_OF_DISPERSED":
                return day, day
            case "DISASTER_AID":
                return max(struck), day
            case "FUNERAL_FEES":
                return max(report["since"] for report in self.reports(None, "DEATH")), day
            case "URGENT_AID":
                return max([*struck, *([min(monitored)] if monitored else [])]), day
            case "HEATING":
                return winter(day)
            case (
                "CARE_OF_DISABLED" | "CARE_OF_ELDERLY" | "CARE_OF_MINORS" | "UTILITIES" | "DISABILITY_LIVING"
            ):
                return months_back(day, 6), day
            case _:
                return years_back(day, 1), day

    def status(self, rule: str, person: Row | None) -> str:
        """What came of an entitlement."""
        kind, answers = ANSWERED[rule]
        first, last = self.window(rule)

        def concerns(row: Row) -> bool:
            return person is None or row["person_id"] in (None, person["id"])

        given = [
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
        if any(twice(one, other) for one in given for other in given):
            return "DUPLICATED"
        if given:
            return "RECEIVED"
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
    """Two agencies gave one programme to one subject at one time."""
    same = (row["program"], row["person_id"]) == (other["program"], other["person_id"])
    overlap = row["period_from"] <= other["period_until"] and other["period_from"] <= row["period_until"]
    return same and overlap and row["agency_id"] != other["agency_id"]


MONTHLY = (
    "SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_ALLOWANCE_OF_MEMBER", "EXTREME_HARDSHIP_SUPPORT", "MONTHLY_SUPPLEMENT",
)  # fmt: skip


def _any(_detail: Row) -> bool:
    return True


def _form(*forms: str) -> Callable[[Row], bool]:
    return lambda detail: detail["form"] in forms


ANSWERED: Mapping[str, tuple[str, Callable[[Row], bool]]] = {
    **dict.fromkeys(MONTHLY, ("BASIC_LIVING", _any)),
    "MONTHLY_SUPPLEMENT": ("BASIC_LIVING", lambda detail: (detail["month_supplement"] or 0) > 0),
    "PREMIUM_IN_FULL": (
        "MEDICAL",
        lambda detail: detail["form"] == "PREMIUM_SUBSIDY" and detail["premium_in_full"] is True,
    ),
    "PREMIUM_FIXED_PART": ("MEDICAL", _form("PREMIUM_SUBSIDY")),
    "MEDICAL_COST_AID": ("MEDICAL", _form("COST_AID", "INPATIENT_AID", "OUTPATIENT_AID")),
    "EDUCATION_AID": ("EDUCATION", _any),
    "URBAN_HOUSING": ("HOUSING", _any),
    "URBAN_HOUSING_OF_DISPERSED": ("HOUSING", _any),
    "RURAL_HOUSE": ("HOUSING", _any),
    "EMPLOYMENT_AID": ("EMPLOYMENT", _any),
    "ZERO_EMPLOYMENT": ("EMPLOYMENT", _any),
    "DISASTER_AID": ("DISASTER", _any),
    "URGENT_AID": ("TEMPORARY", _any),
    "CARE_OF_DISABLED": ("SERVICE", _any),
    "CARE_OF_ELDERLY": ("SERVICE", _any),
    "CARE_OF_MINORS": ("SERVICE", _any),
    "HEATING": ("OTHER", _form("HEATING")),
    "FUNERAL_FEES": ("OTHER", _form("FUNERAL_FEES")),
    "UTILITIES": ("OTHER", _form("ELECTRICITY", "WATER", "GAS")),
    "DISABILITY_LIVING": ("OTHER", _form("DISABILITY_LIVING")),
    "CHILD_REHABILITATION": ("OTHER", _form("CHILD_REHABILITATION")),
    "BARRIER_FREE": ("OTHER", _form("BARRIER_FREE")),
    "CHARITY": ("CHARITY", _any),
    "RELAPSE_PREVENTION": ("RELAPSE_PREVENTION", _any),
}
