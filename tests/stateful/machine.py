"""The state machine: each rule is a command that an agency might send, allowed or not; the model decides which."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hub.applications.commands import ApplicationDraft, Need, submit_application
from hub.certifications.commands import certify, terminate_certification
from hub.certifications.drafts import CertificationDraft, Termination
from hub.foundation.calendar import today
from hub.model.aid import AidKind, AidStatus, CorrectionReason
from hub.model.applications import Channel
from hub.model.certifications import Category, EndReason, MonitoredSubtype
from hub.persons.subjects import Subject
from hub.referrals.commands import create_referral
from hub.referrals.drafts import ReferralDraft
from hub.referrals.steps import (
    Forwarding,
    ReferralAnswer,
    accept_referral,
    complete_referral,
    end_referral,
    forward_referral,
    return_referral,
)
from tests.policy import EXCLUDED_BY
from tests.stateful.given import GIVEN, agencies, homes, kinds, mostly, needs, picks, stale
from tests.stateful.model import NO_REFERRALS, STEPS, Home, Referral, department
from tests.stateful.recovering import Recovering
from tests.stateful.urgent import Urgent

NEW = {
    "accept": accept_referral,
    "return": return_referral,
    "complete": complete_referral,
    "end": end_referral,
}


class Chains(Urgent, Recovering):
    """All commands; this class adds certifications, referrals and applications."""

    def __init__(self) -> None:
        super().__init__()
        self._invite_guests()

    def _invite_guests(self) -> None:
        """Agencies from elsewhere see a household from the start: they may give aid, but not certify."""
        home, caller = self.model.homes[0], "civil_affairs@410105"
        guests = ["civil_affairs@410181", "agriculture@410181", self.everybody[-1], "education@410181"]
        assert self.call_conference(caller, home, *guests)

    # Certifications

    @initialize(place=mostly, at=homes, categories=st.permutations(sorted(Category)), guest=mostly)
    def certify_and_end(self, place: int, at: int, categories: list[Category], guest: int) -> None:
        """Every life has certifications that begin, requested by an authority and by a guest, and one that ends."""
        self.certify(guest, 0, categories[0], True)
        for category in categories[1:4]:
            self.certify(place, at, category, False)
        if self.model.certifications:
            self.terminate(place, len(self.model.certifications) - 1, 0)

    @rule(place=agencies, at=homes, category=st.sampled_from(sorted(Category)), shown=st.booleans())
    def certify(self, place: int, at: int, category: Category, shown: bool) -> None:
        home = self.home(at)
        may_ask = self.model.is_guest if shown else self.model.may_certify
        agency = self.somebody(place, lambda one: may_ask(one, category, home.id))
        by_member = category is Category.EXTREME_HARDSHIP
        draft = CertificationDraft(
            self.external(),
            Subject(person=(home.id, home.persons[0])) if by_member else Subject(household_id=home.id),
            category,
            today() - timedelta(days=40),
            subtype=MonitoredSubtype.MARGINAL if category is Category.POVERTY_RELAPSE_MONITORED else None,
        )
        first = not any(self.model.ever_certified(one, home.id) for one in (category, *EXCLUDED_BY[category]))
        may = self.model.may_certify(agency, category, home.id)
        if self.run(
            agency,
            may,
            lambda context: certify(context, draft),
            certain=first,
        ):
            self.model.certifications = self.world.certifications([one.id for one in self.model.homes])
            assert (
                sum(
                    certification.category == category and not certification.ended
                    for certification in self.model.certifications
                )
                >= 1
            )

    @precondition(lambda self: self.model.certifications)
    @rule(place=agencies, pick=picks, late=stale)
    def terminate(self, place: int, pick: int, late: int) -> None:
        certification = self.model.certifications[pick % len(self.model.certifications)]
        agency = self.somebody(
            place, lambda name: self.model.may_certify(name, certification.category, certification.key[0])
        )
        ending = Termination(
            certification.version - late, today(), EndReason.MISTAKE, f"核查有误{self.external()}"
        )
        may = (
            self.model.may_certify(agency, certification.category, certification.key[0])
            and not certification.ended
            and not late
        )
        if self.run(agency, may, lambda context: terminate_certification(context, certification.key, ending)):
            certification.version, certification.ended = certification.version + 1, True

    # Referrals and applications

    @initialize(
        place=mostly, at=homes, to=mostly, asked=st.lists(needs, min_size=2, max_size=2, unique=True),
        steps=st.tuples(st.sampled_from(("accept", "return")), st.sampled_from(sorted(STEPS)), st.sampled_from(sorted(STEPS))),
    )  # fmt: skip
    def answer_needs(
        self, place: int, at: int, to: int, asked: list[str], steps: tuple[str, str, str]
    ) -> None:
        """Every life has needs that are answered, each in several steps by the agency that must act next."""
        for need in asked:
            self.create_referral(place, at, to, need)
            if self.model.referrals:
                for step in steps:
                    self.take_a_step(step, len(self.model.referrals) - 1, place, True, 0, to, True)

    @initialize(at=homes, need=kinds)
    def answer_with_what_was_taken_back(self, at: int, need: str) -> None:
        """A revoked record answers no need."""
        home, sender = self.home(at), "civil_affairs@4101"
        usual, _ = GIVEN[need]
        able = (
            one
            for one in self.everybody
            if one != sender and department(one) == usual and self.model.may_give(one, need, home.id)
        )
        if (receiver := next(able, None)) is None:
            return
        aid = self.give_kind(receiver, home, need, of_person=False, status=AidStatus.DELIVERED, runs_on=False)
        self._send(sender, receiver, need, home)
        last = len(self.model.referrals) - 1
        self.take_a_step("accept", last, 0, True, 0, 0, None)
        if aid is not None:
            self.revoke_aid(0, True, self.model.aids.index(aid), 0, CorrectionReason.MISTAKE)
            self.take_a_step("complete", last, 0, True, 0, 0, False)

    @rule(place=agencies, at=homes, to=agencies, need=needs)
    def create_referral(self, place: int, at: int, to: int, need: str) -> None:
        home = self.home(at)
        receiver = self.somebody(to, lambda one: self.model.in_charge(one, need))
        agency = self.somebody(place, lambda one: self.model.may_send(one, receiver, need, home.id))
        self._send(agency, receiver, need, home)

    def _send(self, agency: str, receiver: str, need: str, home: Home) -> None:
        draft = ReferralDraft(
            self.external(), Subject(household_id=home.id), receiver, AidKind(need), "家庭困难"
        )
        may = self.model.may_send(agency, receiver, need, home.id)
        if key := self.run(
            agency,
            may,
            lambda context: create_referral(context, draft),
            named="create_referral",
        ):
            self.model.send(Referral(key, agency, receiver, need, False))

    @precondition(lambda self: self.model.referrals)
    @rule(
        step=st.sampled_from(sorted(STEPS)),
        pick=picks,
        place=agencies,
        own=st.booleans(),
        late=stale,
        to=agencies,
        with_aid=st.sampled_from((None, True, False)),
    )
    def take_a_step(
        self, step: str, pick: int, place: int, own: bool, late: int, to: int, with_aid: bool | None
    ) -> None:
        referral = self.model.referrals[pick % len(self.model.referrals)]
        side = referral.receiver if STEPS[step][2] == "to" else referral.sender
        agency = side if own else self.anybody(place)
        may = self.model.may_step(agency, step, referral, referral.version - late)
        if step == "forward":
            self._forward(
                referral,
                agency,
                self.somebody(to, lambda name: self.model.in_charge(name, referral.need)),
                late,
                may,
            )
            return
        aids = [aid for aid in self.model.aids if self.model.answers(aid, referral) == with_aid]
        aids = sorted(aids, key=lambda aid: not self.model.of_need(aid, referral))[:1]
        if step == "complete" and aids and not with_aid:
            may = False
        answer = ReferralAnswer(
            referral.version - late,
            "不属本单位",
            "已办结",
            [aid.key for aid in aids] if step == "complete" else (),
        )
        if self.run(
            agency,
            may,
            lambda context: NEW[step](context, referral.key, answer),
            certain=not referral.of_person,
        ):
            referral.status, referral.version = STEPS[step][1], referral.version + 1

    def _forward(self, referral: Referral, agency: str, to: str, late: int, may: bool) -> None:
        forwarding = Forwarding(referral.key, referral.version - late, self.external(), to, "请协助办理")
        may = (
            may
            and self.model.may_send(agency, to, referral.need, referral.key[0])
            and to != referral.receiver
        )
        if key := self.run(
            agency,
            may,
            lambda context: forward_referral(context, forwarding),
            named="take_a_step",
        ):
            referral.status, referral.version = "FORWARDED", referral.version + 1
            self.model.send(Referral(key, agency, to, referral.need, referral.of_person))

    @rule(place=agencies, at=homes, asked=st.lists(needs, min_size=1, max_size=3, unique=True))
    def submit_application(self, place: int, at: int, asked: list[str]) -> None:
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.sees(one, home.id))
        wanted = [Need(AidKind(one), "家庭困难") for one in asked]
        draft = ApplicationDraft(self.external(), Subject(household_id=home.id), wanted, Channel.COUNTER)
        may = department(agency) not in NO_REFERRALS and self.model.sees(agency, home.id)
        key = self.run(agency, may, lambda context: submit_application(context, draft))
        if key:
            assert sorted(self.sent_by(agency, "application_id = %s", key[1])) == sorted(asked)
