"""A second implementation of the findings of monitoring, in plain Python over rows, written from the policy, not from
hub/monitoring.

The result is a set of (household's id, person's id or None, evidence) for each finding.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from tests.hub.evaluation.entitlements.days import age, month_due, years_back
from tests.hub.evaluation.entitlements.oracle import CHINA, LOW_INCOME, Evaluation, Family, Row
from tests.hub.evaluation.monitoring.misuse import Misuse

Fact = tuple[UUID, UUID | None, str]
PAID_BY = 10
SUPPORTED = {"SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP"}
WITH_A_LINE = {
    "SUBSISTENCE_ALLOWANCE",
    "EXTREME_HARDSHIP",
    "SUBSISTENCE_MARGIN",
    "RIGID_EXPENDITURE",
    "POVERTY_RELAPSE_MONITORED",
}


OVERDUE = {
    "SUBSISTENCE_ALLOWANCE": ("ALLOWANCE_MISSING", "%Y-%m"),
    "SUBSISTENCE_ALLOWANCE_OF_MEMBER": ("ALLOWANCE_MISSING", "%Y-%m"),
    "EXTREME_HARDSHIP_SUPPORT": ("ALLOWANCE_MISSING", "%Y-%m"),
    "PREMIUM_IN_FULL": ("PREMIUM_NOT_IN_FULL", "%Y"),
    "PREMIUM_FIXED_PART": ("PREMIUM_MISSING", "%Y"),
    "MEDICAL_COST_AID": ("MEDICAL_AID_MISSING", ""),
    "EDUCATION_AID": ("STUDENT_WITHOUT_AID", "%Y"),
    "EDUCATION_AID_OF_LISTED": ("STUDENT_WITHOUT_AID", "%Y"),
    "EMPLOYMENT_AID": ("UNEMPLOYED_WITHOUT_AID", ""),
    "DISASTER_AID": ("DISASTER_AID_MISSING", "%Y-%m-%d"),
    "HEATING": ("HEATING_MISSING", "%Y"),
    "FUNERAL_FEES": ("FUNERAL_FEES_MISSING", "%Y-%m-%d"),
    "DISABILITY_LIVING": ("DISABILITY_ALLOWANCE_MISSING", ""),
}
"""Each entitlement that needs no judgement of a department, with its finding. Supplements and zero employment have rules of
their own."""
SUPPORTED_AT_WORK = {
    "SUBSISTENCE_ALLOWANCE",
    "SUBSISTENCE_MARGIN",
    "RIGID_EXPENDITURE",
    "POVERTY_RELAPSE_MONITORED",
}
RENTAL_OR_SUBSIDY = {("HOUSING", "PUBLIC_RENTAL"), ("HOUSING", "RENT_SUBSIDY")}
EXCLUSIVE = (
    RENTAL_OR_SUBSIDY,
    {("BASIC_LIVING", "SUBSISTENCE_ALLOWANCE"), ("BASIC_LIVING", "EXTREME_HARDSHIP_SUPPORT")},
)
"""46-3.1 and 46-3.2.3: forms that exclude each other."""


class Look:
    """Everything on one day: the households with their rows, and the lines of the counties."""

    def __init__(self, families: Sequence[Family], lines: Sequence[Row], day: date) -> None:
        self.day = day
        self.lines = [line for line in lines if line["superseded_at"] is None and line["from_month"] <= day]
        self.households = [Household(family, day) for family in families]
        self.same: dict[bytes, list[tuple[Household, Row]]] = {}
        for household in self.households:
            for person in household.family.persons:
                self.same.setdefault(bytes(person["id_number_index"]), []).append((household, person))

    def facts(self) -> dict[str, set[Fact]]:
        """The facts, by finding."""
        found: dict[str, set[Fact]] = {}
        for household in self.households:
            above = self.above_every_line(household.family.household)
            for finding, person, evidence in (*household.findings(above), *self._across(household)):
                found.setdefault(finding, set()).add((household.id, person, evidence))
        return found

    def _across(self, household: "Household") -> Iterator[tuple[str, UUID | None, str]]:
        """Findings that need other households, or the lines."""
        for person in household.family.persons:
            others = self.same[bytes(person["id_number_index"])]
            if household.lives(person) and any(
                other is not household and other.here(one) for other, one in others
            ):
                yield "PERSON_IN_TWO_HOUSEHOLDS", person["id"], ""
            records = [
                (other, aid)
                for other, one in others
                for aid in other.current()
                if aid["person_id"] == one["id"]
            ]
            for aid in household.current():
                theirs = aid["person_id"] == person["id"]
                if theirs and any(
                    (_doubles(aid, one) and not _beside(household.form(aid), other.form(one)))
                    or (_meets(aid, one) and {household.form(aid), other.form(one)} in EXCLUSIVE)
                    for other, one in records
                ):
                    yield "DUPLICATE_AID", person["id"], str(aid["id"])
        whole = [aid for aid in household.current() if aid["person_id"] is None]
        for aid in whole:
            if any(
                _doubles(aid, one) and not _beside(household.form(aid), household.form(one)) for one in whole
            ):
                yield "DUPLICATE_AID", None, str(aid["id"])
        for aid in household.current("HOUSING"):
            if any(
                _meets(aid, one) and {household.form(aid), household.form(one)} == RENTAL_OR_SUBSIDY
                for one in household.current("HOUSING")
            ):
                yield "DUPLICATE_AID", aid["person_id"], str(aid["id"])
        yield from self._incomes(household)

    def _incomes(self, household: "Household") -> Iterator[tuple[str, UUID | None, str]]:
        """46-2.3, 46-2.4: incomes, compared with the lines."""
        row, in_force = household.family.household, household.told.standing
        income = row["income_per_capita"]
        if income is None or not household.members():
            return
        categories = {certification["category"] for certification in in_force}
        for category in categories & WITH_A_LINE:
            line = self._line(row, category)
            if line is not None and income > line["yuan"]:
                yield "INCOME_ABOVE_LINE", None, category
        within = [
            category
            for category in ("SUBSISTENCE_ALLOWANCE", "SUBSISTENCE_MARGIN")
            if (line := self._line(row, category)) and income <= line["yuan"]
        ]
        if within and not categories:
            yield "INCOME_BELOW_LINE", None, ""
        if not categories:
            return
        if "SUBSISTENCE_ALLOWANCE" in within and not categories & SUPPORTED:
            yield "BETTER_CATEGORY", None, "SUBSISTENCE_ALLOWANCE"
        elif "SUBSISTENCE_MARGIN" in within and categories == {"OTHER_HARDSHIP"}:
            yield "BETTER_CATEGORY", None, "SUBSISTENCE_MARGIN"

    def above_every_line(self, row: Row) -> bool:
        """Whether a household's income is above all known lines of its county."""
        known = [line for category in LOW_INCOME if (line := self._line(row, category))]
        income = row["income_per_capita"]
        return bool(known) and income is not None and all(income > line["yuan"] for line in known)

    def _line(self, household: Row, category: str) -> Row | None:
        of = (household["region"][:6], household["residence"], category)
        among = [line for line in self.lines if (line["county"], line["residence"], line["category"]) == of]
        return max(among, key=lambda row: row["from_month"], default=None)


def _doubles(later: Row, earlier: Row) -> bool:
    """Whether two records are of the same programme at the same time, from one agency or two; only the later record counts as
    the duplicate."""
    return earlier["program"] == later["program"] and _meets(later, earlier)


def _meets(later: Row, earlier: Row) -> bool:
    """Whether a record meets an earlier one in time; urgent or disaster aid on the next day belongs to the same matter."""
    of_one_matter = earlier["kind"] == later["kind"] and later["kind"] in ("TEMPORARY", "DISASTER")
    apart = timedelta(days=1 if of_one_matter else 0)
    return bool(
        earlier["id"] < later["id"]
        and earlier["period_from"] <= later["period_until"] + apart
        and later["period_from"] <= earlier["period_until"] + apart
    )


def _beside(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """46-3.2, 46-3.4 to 46-3.6: different forms of these kinds may be received together, and charity together with any other
    kind."""
    kinds = {"MEDICAL", "EDUCATION", "EMPLOYMENT", "DISASTER", "SERVICE", "OTHER", "RELAPSE_PREVENTION"}
    charity = (one[0] == "CHARITY") != (other[0] == "CHARITY")
    return charity or (one[0] == other[0] and one[0] in kinds and one[1] != other[1])


class Household:
    """One household on the day."""

    def __init__(self, family: Family, day: date) -> None:
        self.family = family
        self.day = day
        self.id: UUID = family.household["id"]
        self.told = Evaluation(family, day)

    def here(self, person: Row) -> bool:
        """Whether a person is a member."""
        return (person["left_on"] or date.max) > self.day

    def lives(self, person: Row) -> bool:
        """Whether a person is a member and not in the funeral records."""
        return self.here(person) and not self.told.died(person)

    def members(self) -> list[Row]:
        """The living members: of the dead, only payments after death are found."""
        return [person for person in self.family.persons if self.lives(person)]

    def current(self, kind: str | None = None) -> list[Row]:
        """The records that count, of one kind or of all."""
        return [
            aid
            for aid in self.family.aids
            if aid["superseded_at"] is None and aid["status"] != "REVOKED" and kind in (None, aid["kind"])
        ]

    def form(self, aid: Row) -> tuple[str, str]:
        """The kind and form of a record."""
        return aid["kind"], self.family.details[aid["id"], aid["version"]]["form"]

    def reported(self, *kinds: str) -> list[Row]:
        """The circumstances of some kinds that registries report on the day."""
        return [row for row in self.told.told if row["kind"] in kinds]

    def findings(self, above_every_line: bool) -> Iterator[tuple[str, UUID | None, str]]:
        """The findings that need no other household."""
        yield from self._unmet()
        yield from self._out_of_work(above_every_line)
        yield from self._outside()
        yield from self._wrong()
        yield from self._late()
        yield from Misuse(self.family, self.day).findings()

    def _unmet(self) -> Iterator[tuple[str, UUID | None, str]]:
        """46-2.3, 现行救助政策是否落实到位: aid that is missing after its deadline."""
        for rule, person, status in self.told.claims():
            if status == "MISSING" and rule in OVERDUE:
                finding, form = OVERDUE[rule]
                first = self.told.window(rule)[0]
                if self._overdue(rule, person, first):
                    yield finding, person, f"{first:{form}}" if form else ""

    def _overdue(self, rule: str, person: UUID | None, first: date) -> bool:
        if rule == "DISASTER_AID":
            return first + timedelta(days=10) < self.day
        if rule == "FUNERAL_FEES":
            return first + timedelta(days=30) < self.day
        if rule.startswith("PREMIUM"):
            return self._certified_before(rule, person, first)
        if rule in ("MEDICAL_COST_AID", "DISABILITY_LIVING"):
            month = month_due(self.day)[0]
            kind = "SERIOUS_ILLNESS" if rule == "MEDICAL_COST_AID" else "DISABILITY"
            reports = [row["since"] for row in self.reported(kind) if row["person_id"] == person]
            return self._certified_before(rule, person, month) and (not reports or min(reports) < month)
        return True

    def _certified_before(self, rule: str, person: UUID | None, day: date) -> bool:
        categories = {
            "PREMIUM_IN_FULL": {"EXTREME_HARDSHIP"},
            "MEDICAL_COST_AID": LOW_INCOME,
        }.get(rule, {"SUBSISTENCE_ALLOWANCE"})
        return any(
            row["category"] in categories and row["person_id"] in (None, person) and row["valid_from"] < day
            for row in self.told.standing
        )

    def _out_of_work(self, above_every_line: bool) -> Iterator[tuple[str, UUID | None, str]]:
        """46-3.2.4, 就业困难低收入人员: without households of no category that are above every line."""
        if above_every_line and not self.told.standing:
            return
        window = years_back(self.day, 1), self.day
        concerned = {row["person_id"] for row in self.reported("REGISTERED_UNEMPLOYED")}
        for person in self.members():
            entitled = SUPPORTED_AT_WORK & self.told.categories(person)
            if (
                person["id"] in concerned
                and not entitled
                and not self._given("EMPLOYMENT", person["id"], window)
            ):
                yield "UNEMPLOYED_WITHOUT_AID", person["id"], ""
        if self.told.nobody_works():
            yield "ZERO_EMPLOYMENT", None, ""

    def _given(self, kind: str, person: UUID, window: tuple[date, date]) -> bool:
        return any(
            record["person_id"] in (None, person)
            and record["period_from"] <= window[1]
            and record["period_until"] >= window[0]
            for record in self.current(kind)
        )

    def _held(self, person: UUID | None, categories: set[str]) -> bool:
        """Whether a person is in one of some categories, alone or with the household."""
        return any(
            certification["category"] in categories and certification["person_id"] in (None, person)
            for certification in self.told.standing
        )

    def _outside(self) -> Iterator[tuple[str, UUID | None, str]]:
        members = self.members()
        concerned = {row["person_id"] for row in self.reported("SERIOUS_ILLNESS", "RIGID_EXPENSE")}
        if any(concerned & {None, person["id"]} for person in members) and not self.told.standing:
            yield "ILLNESS_OUTSIDE", None, ""
        certified = {
            row["person_id"] for row in self.reported("DISABILITY") if (row["disability_grade"] or 9) <= 2
        }
        for person in members:
            severe = (person["disability_grade"] or 9) <= 2 or person["id"] in certified
            if severe and not self._held(person["id"], SUPPORTED):
                yield "SEVERE_DISABILITY_OUTSIDE", person["id"], ""
        covered = [self._held(person["id"], {"SUBSISTENCE_ALLOWANCE"}) for person in members]
        if any(covered) and not all(covered):
            yield "PARTLY_COVERED", None, ""
        if (
            members
            and not self.told.standing
            and all(member["labour"] in ("WEAK", "NONE") for member in members)
        ):
            yield "WITHOUT_LABOUR", None, ""

    def _wrong(self) -> Iterator[tuple[str, UUID | None, str]]:
        for death in self.reported("DEATH"):
            for aid in self.current():
                theirs = aid["person_id"] is not None and aid["person_id"] == death["person_id"]
                if theirs and aid["period_from"] > death["since"]:
                    yield "DECEASED_RECIPIENT", aid["person_id"], ""

    def _supplemented(self, person: Row, first: date, last: date) -> bool:
        """Whether a person is covered by subsistence allowance in a month, and alive at its end. A death report that its
        registry ended was withdrawn."""
        covered = any(
            certification["category"] == "SUBSISTENCE_ALLOWANCE"
            and certification["person_id"] in (None, person["id"])
            and certification["ended_because"] != "MISTAKE"
            and certification["valid_from"] <= last
            and (certification["valid_until"] or last) >= first
            and (certification["ended_on"] or date.max) > max(first, certification["valid_from"])
            for certification in self.family.certifications
        )
        return covered and not any(
            circumstance["kind"] == "DEATH"
            and circumstance["person_id"] == person["id"]
            and circumstance["since"] <= last <= (circumstance["until"] or date.max)
            for circumstance in self.family.circumstances
        )

    def _reported_of_a_class(self, person: Row, first: date) -> bool:
        """46-2.3: whether a registry reports such a fact on the first day of the month."""
        return any(
            circumstance["person_id"] == person["id"]
            and circumstance["since"] <= first <= (circumstance["until"] or date.max)
            and (
                circumstance["kind"] == "SERIOUS_ILLNESS"
                or (circumstance["kind"] == "DISABILITY" and circumstance["disability_grade"] <= 2)
                or (
                    circumstance["kind"] == "HARDSHIP_STUDENT"
                    and circumstance["education_stage"] == "COLLEGE"
                )
            )
            for circumstance in self.family.circumstances
        )

    def _late(self) -> Iterator[tuple[str, UUID | None, str]]:
        day = self.day
        first, last = month_due(day)
        for aid in self.current("BASIC_LIVING"):
            detail = self.family.details[aid["id"], aid["version"]]
            due = aid["period_from"] <= last and aid["period_until"] >= first
            if due and detail["form"] == "SUBSISTENCE_ALLOWANCE":
                concerned = [
                    member
                    for member in self.family.persons
                    if self.here(member) and aid["person_id"] in (None, member["id"])
                ]
                entitled = sum(
                    (_of_a_class(member, first) or self._reported_of_a_class(member, first))
                    and self._supplemented(member, first, last)
                    for member in concerned
                )
                if (detail["month_supplement"] or 0) < 100 * entitled:
                    yield "SUPPLEMENT_MISSING", aid["person_id"], f"{first:%Y-%m}"
            due_on = max(
                aid["period_from"], aid["decided_on"]
            )  # 每月10日前: nothing is paid before the decision
            while due_on.day != PAID_BY:
                due_on += timedelta(days=1)
            late = due_on < (aid["paid_on"] or day)
            if late and years_back(day, 1) <= aid["period_from"] <= day:
                yield "ALLOWANCE_LATE", aid["person_id"], f"{aid['period_from']:%Y-%m}"
        midnight = datetime.combine(day, time(), CHINA)
        for referral in self.family.referrals:
            if referral["status"] in ("SENT", "ACCEPTED") and referral["due_at"] <= midnight:
                yield "REFERRAL_OVERDUE", referral["person_id"], str(referral["id"])


def _of_a_class(person: Row, first: date) -> bool:
    """46-3.1: whether a member has a severe disability or a serious illness, is 70 or over, in college, or a minor."""
    years = age(person["birth_date"], first)
    return (
        (person["disability_grade"] or 9) <= 2
        or person["health"] == "SERIOUS"
        or years >= 70
        or years < 18
        or person["education_stage"] == "COLLEGE"
    )


def facts(families: Sequence[Family], lines: Sequence[Mapping[str, Any]], day: date) -> dict[str, set[Fact]]:
    """Every finding on a day."""
    return Look(families, lines, day).facts()
