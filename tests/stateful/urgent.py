"""Urgent aid (46-3.3): paid first up to three times the local monthly standard, with papers supplied later; above that as a
conference decided."""

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hub.aid.drafts import AidDraft
from hub.aid.supporting_documents import supply_papers
from hub.foundation.calendar import today
from hub.model.aid import AidKind, AidStatus, TemporaryForm
from hub.persons.subjects import Subject
from tests.stateful.alerting import Alerting
from tests.stateful.given import agencies, homes, mostly, picks, stale
from tests.stateful.giving import Giving
from tests.stateful.model import Aid, Home

NOWHERE = "419999001"
around = st.sampled_from((Decimal(0), Decimal("-0.01"), Decimal("0.01")))
"""Differences in yuan from a limit."""


class Urgent(Giving, Alerting):
    """Urgent aid for anybody in trouble, wherever it happens."""

    def _urgent(
        self,
        agency: str,
        may: bool,
        home: Home,
        form: TemporaryForm,
        region: str,
        yuan: Decimal,
        *,
        by_number: bool = False,
        conference: str | None = None,
    ) -> Aid | None:
        subject = Subject(id_number=home.number) if by_number else Subject(household_id=home.id)
        detail = {"form": form, "trouble": "突发火灾", "happened_at_region": region, "conference": conference}
        draft = AidDraft(
            self.external(),
            subject,
            AidKind.TEMPORARY,
            "临时救助",
            today() - timedelta(days=3),
            today() + timedelta(days=27),
            AidStatus.PAID,
            today() - timedelta(days=3),
            detail,
            yuan,
            today(),
        )
        return self.give(agency, may, draft, certain=True)

    @initialize(
        at=homes,
        place=mostly,
        where=st.integers(0, 4),
        by_number=st.booleans(),
        share=around,
        more=st.booleans(),
        pick=picks,
    )
    def help_urgently(
        self, at: int, place: int, where: int, by_number: bool, share: Decimal, more: bool, pick: int
    ) -> None:
        """Every life has urgent aid."""
        self.pay_first(place, at, where, by_number, share)
        self.pay_first(place, at, 0, not by_number, Decimal(0))
        self.pay_above_the_limit(place, at, pick, True, more)
        for owed in (True, False):
            self.supply_papers(place, True, owed, 0, 0, 0)

    @rule(
        place=agencies,
        at=homes,
        where=picks,
        by_number=st.booleans(),
        share=around,
    )
    def pay_first(self, place: int, at: int, where: int, by_number: bool, share: Decimal) -> None:
        """Paid wherever the person is registered, if the identity number is known (取消户籍地、居住地申请限制)."""
        home = self.home(at)
        places = [home.region, home.region[:6], self.home(at + 1).region, "410181", NOWHERE]
        region = places[where % len(places)]
        agency = self.somebody(
            place, lambda one: self.model.may_help_urgently(one, home.id, by_number=by_number)
        )
        most = self.model.most_paid_first(region)
        yuan = (most or Decimal(900)) + share
        may = self.model.may_help_urgently(agency, home.id, by_number=by_number)
        may = may and most is not None and yuan <= most
        aid = self._urgent(agency, may, home, TemporaryForm.PAY_FIRST, region, yuan, by_number=by_number)
        if aid is not None:
            aid.papers = "OWED"
            ((due,),) = self.world.rows(
                "select papers_due_on from temporary_detail where id = %s", aid.key[1]
            )
            assert timedelta(days=26) <= due - (today() - timedelta(days=3)) <= timedelta(days=45)

    @rule(place=agencies, at=homes, pick=picks, decided=st.booleans(), more=st.booleans())
    def pay_above_the_limit(self, place: int, at: int, pick: int, decided: bool, more: bool) -> None:
        """Aid that a conference decided; in half of the draws a conference that decides now."""
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.may_help_urgently(one, home.id, by_number=False))
        if decided and self.model.may_help_urgently(agency, home.id, by_number=False):
            self._decide_urgent_aid(home, "civil_affairs@4101" if pick % 3 == 0 else agency)
        among = self.model.conferences[-1:] if decided else self.model.conferences
        conference = among[pick % len(among)]
        yuan = (conference.yuan or Decimal(9000)) + (Decimal("0.01") if more else 0)
        may = self.model.may_help_urgently(agency, home.id, by_number=False)
        may = may and self.model.decided(conference, home.id, agency, yuan)
        number = conference.number
        self._urgent(
            agency, may, home, TemporaryForm.CASE_CONFERENCE, home.region[:6], yuan, conference=number
        )

    def _decide_urgent_aid(self, home: Home, agency: str) -> None:
        """The county's conference decides that an agency gives more than may be paid first: mostly the agency that will give
        it."""
        caller = f"civil_affairs@{home.region[:6]}"
        conference = self.call_conference(caller, home, agency)
        assert conference is not None
        self.close(conference, caller, agency, "TEMPORARY", Decimal(9000), 0)
        assert conference.status == "HELD"

    @precondition(lambda self: self.model.aids)
    @rule(place=agencies, own=st.booleans(), owed=st.booleans(), pick=picks, late=stale, early=stale)
    def supply_papers(self, place: int, own: bool, owed: bool, pick: int, late: int, early: int) -> None:
        """Papers are supplied once, and not before the decision."""
        paid_first = [aid for aid in self.model.aids if aid.papers == "OWED" or (aid.papers and not owed)]
        among = paid_first or self.model.aids
        if not among:
            return
        aid = among[pick % len(among)]
        agency = aid.agency if own else self.anybody(place)
        version, day = aid.version - late, today() - timedelta(days=4 * early)
        may = agency == aid.agency and aid.papers == "OWED" and aid.revoked is None and not late and not early
        if self.run(agency, may, lambda context: supply_papers(context, aid.key, version, day)):
            aid.version, aid.papers = aid.version + 1, "SUPPLIED"
