"""Facts that are computed from rows in sight, each by the sentence that describes it in the SDL or in the policy."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tests.schema.fuzz.plain.sight import Sight
from tests.schema.fuzz.plain.tables import Row

SUPPORT = (
    "EXTREME_HARDSHIP",
    "SUBSISTENCE_ALLOWANCE",
    "POVERTY_RELAPSE_MONITORED",
    "SUBSISTENCE_MARGIN",
    "RIGID_EXPENDITURE",
    "OTHER_HARDSHIP",
)
"""The categories of 46-1.1, the one with the most support first."""
PAID_BY = 10
"""46-3.1: 每月10日前发放到位, including the 10th."""


def paid_by(begins: date, decided: date) -> date:
    """The first 10th on or after the beginning of the period and the decision (46-3.1)."""
    day = max(begins, decided)
    while day.day != PAID_BY:
        day += timedelta(days=1)
    return day


@dataclass(frozen=True)
class Facts:
    """Facts, computed from the rows that a grant sees."""

    sight: Sight
    today: date
    now: datetime

    @property
    def scopes(self) -> frozenset[str]:
        """The grant's scopes."""
        return self.sight.scopes

    @property
    def regions(self) -> set[str]:
        """Every region's code."""
        return {row["code"] for row in self.sight.tables.rows["region"]}

    @property
    def agencies(self) -> set[str]:
        """Every agency's code."""
        return {row["id"] for row in self.sight.tables.rows["agency"]}

    def standing(self, household: Row) -> list[Row]:
        """The certifications of a household that are in force today."""
        return [
            one
            for one in self.sight.rows("certification", household["id"])
            if one["ended_on"] is None and (one["valid_until"] is None or self.today <= one["valid_until"])
        ]

    def categories(self, household: Row) -> set[str]:
        """The categories in which a household or one of its members is certified today."""
        return {one["category"] for one in self.standing(household)}

    def category(self, household: Row) -> str | None:
        """The category with the most support."""
        return next((one for one in SUPPORT if one in self.categories(household)), None)

    def members(self, household: Row) -> list[Row]:
        """The members who still live in it."""
        return list(self.sight.rows("person", household["id"], left_on=None))

    def covered_members(self, household: Row) -> list[Row]:
        """The members whom the subsistence allowance covers today (46-2.3: 非“整户保”家庭)."""
        covering = {
            one["person_id"] for one in self.standing(household) if one["category"] == "SUBSISTENCE_ALLOWANCE"
        }
        return [one for one in self.members(household) if None in covering or one["id"] in covering]

    def partly_covered(self, household: Row) -> bool:
        """Whether the allowance covers some of the members and not all."""
        return 0 < len(self.covered_members(household)) < len(self.members(household))

    def near_relative_declared(self, certification: Row) -> bool:
        """A declaration stands for its person, or for a member of the household where it is of the household (46-4.3)."""
        return any(
            certification["person_id"] in (None, one["person_id"])
            for one in self.sight.rows("near_relative", certification["household_id"], ended_on=None)
        )

    def lasting_circumstances(self, household: Row) -> set[str]:
        """The circumstances of a household that have not ended."""
        return {
            one["kind"]
            for one in self.sight.rows("circumstance", household["id"])
            if one["until"] is None or self.today <= one["until"]
        }

    def papers_overdue(self, aid: Row) -> bool:
        """The papers are not supplied, and their deadline has passed (46-3.3). Revoked aid owes no papers."""
        due = aid["papers_due_on"]
        return (
            due is not None
            and due < self.today
            and not aid["papers_supplied_on"]
            and aid["status"] != "REVOKED"
        )

    def paid_in_time(self, aid: Row) -> bool | None:
        """Paid by the first 10th since it began and was decided (46-3.1); None: neither paid nor due."""
        due = paid_by(aid["period_from"], aid["decided_on"])
        if aid["paid_on"] is not None:
            return bool(aid["paid_on"] <= due)
        return False if due < self.today else None

    def referral_overdue(self, referral: Row) -> bool:
        """Still open, and past its deadline."""
        return referral["status"] in ("SENT", "ACCEPTED") and referral["due_at"] < self.now

    def alert_overdue(self, alert: Row) -> bool:
        """Not disposed of, and past its deadline."""
        return alert["status"] in ("OPEN", "VISITED") and alert["due_at"] < self.now

    def aid_of(self, referral: Row) -> list[Row]:
        """The aid that answers a referral, in its current version."""
        of = referral["household_id"]
        answers = {one["aid_id"] for one in self.sight.rows("referral_aid", of, referral_id=referral["id"])}
        return [one for one in self.sight.rows("aid_record", of, superseded_at=None) if one["id"] in answers]

    def answer_revoked(self, referral: Row) -> bool:
        """All the aid that answered it was revoked later."""
        answers = self.aid_of(referral)
        revoked = [one["status"] == "REVOKED" for one in answers]
        return referral["status"] == "COMPLETED" and bool(answers) and all(revoked)
