"""46-3.2.1: "在定点医药机构发生的住院费用、因慢性病需要长期服药或患重特大疾病需要长期门诊治疗的费用,按规定给予相应医疗救助":
the part of a cost that insurance does not pay is the limit for the aid of all offices together. Above it, the later record
gets a warning."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.drafts import AidDraft
from hub.aid.revocation import Revocation, revoke_aid
from hub.commands.creation import DraftOutcome
from hub.model.aid import AidKind, AidStatus, CorrectionReason, MedicalForm
from hub.model.households import HouseholdRow, Residence
from hub.model.persons import Gender, PersonRow, Relation
from hub.persons.subjects import Subject
from tests.hub.money import ADULT, HOME, Case, Desk, allowance, grant_of, person_id, yuan

CITY, COUNTY, HEALTH = "medical_insurance@4101", "medical_insurance@410105", "health@410105"
ELSEWHERE, OTHER_HOME = "health@410122", UUID("00000000-0000-7000-8000-000000000002")
"""An office of another county, and a household there in which the same person is also registered."""
COST, INPATIENT, OUTPATIENT = MedicalForm.COST_AID, MedicalForm.INPATIENT_AID, MedicalForm.OUTPATIENT_AID
EMERGENCY, PREMIUM = MedicalForm.EMERGENCY_FUND, MedicalForm.PREMIUM_SUBSIDY
OF_OVERLAPS = {"ABOVE_CAP", "DUPLICATE_AID", "TOPPING_UP"}


@dataclass(frozen=True)
class Aid:
    """Medical aid of an office; amounts are texts in yuan."""

    agency: str
    amount: str | None
    cost: str | None = None
    insured: str | None = None
    form: MedicalForm = COST
    home: UUID = HOME

    def draft(self, number: str) -> AidDraft:
        """The draft that the office sends, under a programme of its own."""
        detail: dict[str, Any] = {"form": self.form}
        detail |= {"total_cost": yuan(self.cost)} if self.cost else {}
        detail |= {"insurance_paid": yuan(self.insured)} if self.insured else {}
        return replace(
            allowance(),
            external_id=number,
            subject=Subject(person=(self.home, person_id(0))),
            kind=AidKind.MEDICAL,
            program=f"{self.agency}的医疗救助{number}",
            status=AidStatus.PAID if self.amount else AidStatus.APPROVED,
            paid_on=date(2026, 3, 6) if self.amount else None,
            amount=yuan(self.amount) if self.amount else None,
            detail=detail,
        )


def warned(outcome: DraftOutcome) -> list[str]:
    """The codes of the warnings about other aid, sorted; the record must be accepted."""
    assert outcome.error is None, outcome.error
    return sorted(str(warning.code) for warning in outcome.warnings if warning.code in OF_OVERLAPS)


ABOVE, BESIDE = "ABOVE_CAP", "TOPPING_UP"
ONE, TWO = Aid(CITY, "1500.00"), Aid(HEALTH, "500.00", form=EMERGENCY)


@pytest.mark.parametrize(
    ("before", "aid", "codes"),
    [
        # of 10,000.00 yuan insurance paid 6,000.00 and the city gave 1,500.00, which leaves 2,500.00
        ([ONE], Aid(COUNTY, "2499.99", "10000.00", "6000.00"), []),
        ([ONE], Aid(COUNTY, "2500.00", "10000.00", "6000.00"), []),
        ([ONE], Aid(COUNTY, "2500.01", "10000.00", "6000.00"), [ABOVE]),
        # without an insurance payment, the whole cost is left
        ([ONE], Aid(COUNTY, "8500.00", "10000.00"), []),
        ([ONE], Aid(COUNTY, "8500.01", "10000.00"), [ABOVE]),
        ([ONE], Aid(COUNTY, "8500.00", "10000.00", "0"), []),
        ([ONE], Aid(COUNTY, "8500.01", "10000.00", "0"), [ABOVE]),
        # insurance paid everything: nothing is left, and aid of 0 does not exceed that
        ([ONE], Aid(COUNTY, "0.01", "10000.00", "10000.00"), [ABOVE]),
        ([Aid(CITY, "0")], Aid(COUNTY, "0", "10000.00", "10000.00"), []),
        # without a stated cost there is no limit; an amount that is not yet known is not compared
        ([ONE], Aid(COUNTY, "9999999.00"), []),
        ([ONE], Aid(COUNTY, "9999999.00", None, "6000.00"), []),
        ([ONE], Aid(COUNTY, None, "10000.00", "6000.00"), []),
        ([Aid(CITY, None)], Aid(COUNTY, "4000.00", "10000.00", "6000.00"), []),
        ([Aid(CITY, None)], Aid(COUNTY, "4000.01", "10000.00", "6000.00"), [ABOVE]),
        # all earlier aid is added up, in whatever order it was given
        ([ONE, TWO], Aid(COUNTY, "2000.00", "10000.00", "6000.00"), []),
        ([ONE, TWO], Aid(COUNTY, "2000.01", "10000.00", "6000.00"), [ABOVE, ABOVE]),
        ([TWO, ONE], Aid(COUNTY, "2000.00", "10000.00", "6000.00"), []),
        ([TWO, ONE], Aid(COUNTY, "2000.01", "10000.00", "6000.00"), [ABOVE, ABOVE]),
        ([Aid(CITY, "1500.00"), Aid(COUNTY, "500.00", form=INPATIENT), TWO],
         Aid(COUNTY, "1500.01", "10000.00", "6000.00"), [ABOVE] * 3),
        # inpatient treatment and a year's medicine are two costs; the premium is not a cost of treatment
        ([Aid(CITY, "3000.00", form=INPATIENT)], Aid(COUNTY, "3000.00", "4000.00", form=OUTPATIENT), [BESIDE]),
        ([Aid(CITY, "3000.00", form=INPATIENT)], Aid(COUNTY, "3000.00", "4000.00", form=INPATIENT), [ABOVE]),
        ([Aid(CITY, "3000.00", form=PREMIUM)], Aid(COUNTY, "3000.00", "4000.00"), []),
    ],
)  # fmt: skip
def test_46_3_2_1_offices_together_give_what_insurance_left_to_the_cent(
    desk: Desk, before: list[Aid], aid: Aid, codes: list[str]
) -> None:
    async def steps(case: Case) -> list[str]:
        await case.home()
        for place, one in enumerate(before):
            await case.recorded(grant_of(one.agency), one.draft(f"B-{place}"))
        return warned(await case.record(grant_of(aid.agency), aid.draft("NEW")))

    assert desk.run(steps) == codes


async def registered_elsewhere_too(case: Case) -> None:
    """The household of the case, and a household of another county with the same person."""
    await case.home()
    case.session.add(
        HouseholdRow(
            id=OTHER_HOME,
            code="4101221010000001",
            region="410122101",
            residence=Residence.RURAL,
            source_agency=ELSEWHERE,
        )
    )
    await case.session.flush()
    case.session.add(
        PersonRow(
            household_id=OTHER_HOME, id=person_id(0), birth_date=ADULT, gender=Gender.FEMALE, relation=Relation.SPOUSE,
            name="王芳", id_number_sealed=b"", id_number_index=bytes([0]), id_number_masked="41**************11",
            source_agency=ELSEWHERE,
        )
    )  # fmt: skip
    await case.session.flush()


def test_46_4_2_an_amount_that_the_office_may_not_read_is_not_added(desk: Desk) -> None:
    """The warning would reveal the amount: of 10,000.00 yuan insurance paid 6,000.00."""
    closed = Aid(ELSEWHERE, "4000.00", form=EMERGENCY, home=OTHER_HOME)
    blind = DEPARTMENTS["medical_insurance"].scopes - {Scope.AID_MEDICAL_READ}

    def warnings(amount: str, before: list[Aid], **changes: Any) -> list[str]:
        async def steps(case: Case) -> list[str]:
            await registered_elsewhere_too(case)
            for place, one in enumerate(before):
                await case.recorded(grant_of(one.agency), one.draft(f"B-{place}"))
            aid = Aid(COUNTY, amount, "10000.00", "6000.00")
            return warned(await case.record(grant_of(COUNTY, **changes), aid.draft("NEW")))

        return desk.run(steps)

    assert warnings("4000.00", [closed]) == []
    assert warnings("0.01", [closed], regions=("4101",)) == [ABOVE], "who sees both counties reads it"
    assert warnings("2500.00", [closed, ONE]) == warnings("2500.00", [ONE, closed]) == []
    assert warnings("2500.01", [closed, ONE]) == [ABOVE], "for the record that is read alone"
    assert warnings("4000.00", [ONE]) == [ABOVE]
    assert warnings("4000.00", [ONE], scopes=blind) == []


def test_46_4_3_what_is_corrected_or_revoked_counts_as_it_stands(desk: Desk) -> None:
    async def steps(case: Case) -> dict[str, list[str]]:
        await case.home()
        city, county = case.context(grant_of(CITY)), case.context(grant_of(COUNTY))
        before = await case.recorded(grant_of(CITY), ONE.draft("B-0"))
        own = await case.recorded(
            grant_of(COUNTY), Aid(COUNTY, "2500.00", "10000.00", "6000.00").draft("NEW")
        )
        found: dict[str, list[str]] = {}

        async def correct(version: int, amount: str) -> None:
            change = AidAmendment(version, "金额有误", {"amount": yuan(amount)}, {})
            answer = await amend_aid(county, own, change)
            found[amount] = sorted(
                str(warning.code) for warning in answer.warnings if warning.code in OF_OVERLAPS
            )

        await correct(1, "2499.99")
        await correct(2, "2500.01")
        await revoke_aid(city, before, Revocation(1, CorrectionReason.MISTAKE, "误录"))
        await correct(3, "4000.00")
        return found

    assert desk.run(steps) == {"2499.99": [], "2500.01": [ABOVE], "4000.00": []}
