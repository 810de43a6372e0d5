"""Every pair of aid has one rule, in whatever order, with its clause and the policy's words."""

from itertools import product

import pytest

from hub.aid.drafts import detail_columns
from hub.model.aid import AidKind, BasicLivingForm, EducationForm, HousingForm, MedicalForm, TemporaryForm
from hub.model.overlaps import Bearing, OverlapCode
from hub.overlaps.rules import OVERLAP_RULES, Family, rule_between
from tests.policy import IN_CHARGE

FAMILIES = [Family(kind, form.value) for kind in AidKind for form in detail_columns(kind)["form"][0]]  # type: ignore[attr-defined]


def test_a_pair_has_the_same_rule_from_either_side() -> None:
    for family, other in product(FAMILIES, FAMILIES):
        assert rule_between(family, other) is rule_between(other, family), (family, other)


def test_every_rule_cites_the_clause_of_its_kind_and_quotes_it() -> None:
    for rule in OVERLAP_RULES:
        assert rule.text
        assert rule.clause == ("46-2.1" if rule.kind is None else IN_CHARGE[rule.kind][0])


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (Family(AidKind.BASIC_LIVING, BasicLivingForm.SUBSISTENCE_ALLOWANCE),
         Family(AidKind.BASIC_LIVING, BasicLivingForm.EXTREME_HARDSHIP_SUPPORT), OverlapCode.ALLOWANCE_OR_SUPPORT),
        (Family(AidKind.BASIC_LIVING, BasicLivingForm.SUBSISTENCE_ALLOWANCE),
         Family(AidKind.BASIC_LIVING, BasicLivingForm.SUBSISTENCE_ALLOWANCE), OverlapCode.NO_DUPLICATE),
        (Family(AidKind.HOUSING, HousingForm.PUBLIC_RENTAL), Family(AidKind.HOUSING, HousingForm.RENT_SUBSIDY),
         OverlapCode.RENTAL_OR_SUBSIDY),
        (Family(AidKind.HOUSING, HousingForm.HOUSE_RENOVATION), Family(AidKind.HOUSING, HousingForm.RENT_SUBSIDY),
         OverlapCode.NO_DUPLICATE),
        (Family(AidKind.TEMPORARY, TemporaryForm.PAY_FIRST), Family(AidKind.TEMPORARY, TemporaryForm.PAY_FIRST),
         OverlapCode.PAID_FIRST_TOGETHER),
        (Family(AidKind.MEDICAL, MedicalForm.COST_AID), Family(AidKind.MEDICAL, MedicalForm.EMERGENCY_FUND),
         OverlapCode.COST_LEFT_BY_INSURANCE),
        (Family(AidKind.MEDICAL, MedicalForm.INPATIENT_AID), Family(AidKind.MEDICAL, MedicalForm.INPATIENT_AID),
         OverlapCode.COST_LEFT_BY_INSURANCE),
        (Family(AidKind.MEDICAL, MedicalForm.INPATIENT_AID), Family(AidKind.MEDICAL, MedicalForm.COST_AID),
         OverlapCode.COST_LEFT_BY_INSURANCE),
        # a stay in hospital and a year's medicine are two costs
        (Family(AidKind.MEDICAL, MedicalForm.INPATIENT_AID), Family(AidKind.MEDICAL, MedicalForm.OUTPATIENT_AID),
         OverlapCode.MEDICAL_FORMS),
        (Family(AidKind.MEDICAL, MedicalForm.COST_AID), Family(AidKind.MEDICAL, MedicalForm.PREMIUM_SUBSIDY),
         OverlapCode.MEDICAL_FORMS),
        (Family(AidKind.EDUCATION, EducationForm.GRANT), Family(AidKind.EDUCATION, EducationForm.LOAN),
         OverlapCode.EDUCATION_FORMS),
        (Family(AidKind.CHARITY, "DONATION"), Family(AidKind.EDUCATION, EducationForm.GRANT), OverlapCode.CHARITY_BESIDE),
        (Family(AidKind.EDUCATION, EducationForm.GRANT), Family(AidKind.MEDICAL, MedicalForm.COST_AID),
         OverlapCode.NO_DUPLICATE),
    ],
)  # fmt: skip
def test_the_policy_decides_the_pair(one: Family, other: Family, code: OverlapCode) -> None:
    assert rule_between(one, other).code is code


def test_what_the_policy_is_silent_on_is_never_refused() -> None:
    refused = {rule.code for rule in OVERLAP_RULES if rule.bearing is Bearing.EXCLUSIVE}
    assert refused == {OverlapCode.ALLOWANCE_OR_SUPPORT, OverlapCode.RENTAL_OR_SUBSIDY}
