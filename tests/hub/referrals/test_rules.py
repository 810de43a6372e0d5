"""The life of a referral is data: its page is made from it, and nothing in it is out of reach."""

from pathlib import Path

from hub.aid.rules import KIND_RULES
from hub.aid.tables import AidKind
from hub.applications.rules import ROUTES
from hub.households.tables import Residence
from hub.referrals.diagram import page
from hub.referrals.rules import DEADLINES, STEPS
from hub.referrals.tables import ReferralStatus


def test_the_page_of_the_documentation_is_the_one_that_the_rules_make() -> None:
    assert Path("docs/referrals.md").read_text("utf-8") == page()


def test_every_status_is_reached_from_a_referral_that_was_sent() -> None:
    reached = {ReferralStatus.SENT}
    for _ in ReferralStatus:
        reached |= {step.to for step in STEPS if step.from_any_of & reached}
    assert reached == set(ReferralStatus)


def test_every_need_has_a_deadline_with_its_clause_and_a_department_that_is_in_charge_of_it() -> None:
    assert set(DEADLINES) == set(ROUTES) == set(AidKind)
    for kind, route in ROUTES.items():
        assert route.clause == KIND_RULES[kind].clause
        assert {route.department(residence) for residence in Residence} <= set(KIND_RULES[kind].in_charge)
        assert DEADLINES[kind].within >= 1
        assert DEADLINES[kind].clause in {"46-2.1", KIND_RULES[kind].clause}
