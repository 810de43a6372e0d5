"""The life of a referral is data: its page is generated from it, and every state can be reached."""

from pathlib import Path

from hub.aid.rules import KIND_RULES
from hub.model.aid import AidKind
from hub.model.households import Residence
from hub.model.referrals import ReferralStatus
from hub.referrals.diagram import page
from hub.referrals.rules import DEADLINES, STEPS
from tests.policy import ANSWERED_WITHIN, IN_CHARGE, USUALLY_ANSWERED_WITHIN


def test_the_page_of_the_documentation_is_the_one_that_the_rules_make() -> None:
    assert Path("docs/referrals.md").read_text("utf-8") == page()


def test_every_status_is_reached_from_a_referral_that_was_sent() -> None:
    reached = {ReferralStatus.SENT}
    for _ in ReferralStatus:
        reached |= {step.to for step in STEPS if step.from_any_of & reached}
    assert reached == set(ReferralStatus)


def test_every_need_has_a_deadline_with_its_clause_and_a_department_that_is_in_charge_of_it() -> None:
    assert set(DEADLINES) == set(KIND_RULES) == set(AidKind)
    for kind, rule in KIND_RULES.items():
        clause, in_charge = IN_CHARGE[kind]
        assert rule.clause == clause
        assert {rule.answered_by(residence) for residence in Residence} <= in_charge
        assert DEADLINES[kind].within == ANSWERED_WITHIN.get(kind, USUALLY_ANSWERED_WITHIN)
        assert DEADLINES[kind].clause == (clause if kind in ANSWERED_WITHIN else "46-2.1")
