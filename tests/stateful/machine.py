"""The machine: each rule is a command that an agency might send, right or wrong; the model says whether it may."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.commands import record_aids
from hub.aid.drafts import AidDraft
from hub.aid.tables import AidKind, AidStatus
from hub.alerts.commands import dispose_alert, raise_alert
from hub.alerts.drafts import AlertDraft, CalledConference, Disposal, PushedNeed
from hub.alerts.tables import Disposition
from hub.applications.commands import ApplicationDraft, Need, submit_application
from hub.applications.tables import Channel
from hub.certifications.commands import certify, terminate_certification
from hub.certifications.drafts import CertificationDraft, Termination
from hub.certifications.tables import Category, EndReason, MonitoredSubtype
from hub.conferences.commands import close_conference, open_conference
from hub.conferences.drafts import ConferenceDraft, Measure, Minutes
from hub.errors import Conflict, HubError
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
from hub.secrecy import Secrecy
from hub.visits.commands import VisitDraft, record_visit
from hub.visits.tables import Recommendation
from hub.workdays.calendar import today
from tests.stateful.given import BOUNDED, GIVEN
from tests.stateful.judged import Judged
from tests.stateful.model import (
    IN_CHARGE,
    NO_REFERRALS,
    STEPS,
    Aid,
    Alert,
    Conference,
    Referral,
    department,
)

T = TypeVar("T")
agencies = st.integers(0, 63)
"""Half of them somebody who may, the others anybody."""
picks = st.integers(0, 63)
homes = st.integers(0, 2)
kinds = st.sampled_from(sorted(GIVEN))
stale = st.sampled_from((0, 0, 0, 0, 1))
NEW = {
    "accept": accept_referral,
    "return": return_referral,
    "complete": complete_referral,
    "end": end_referral,
}


class Chains(Judged):
    """The commands."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, AidDraft, Any]] = []
        self._invite_guests()

    def _invite_guests(self) -> None:
        """Offices from elsewhere come to see a household from the start: they may help, and not certify."""
        home, caller = self.model.homes[0], "civil_affairs@410105"
        guests = ["civil_affairs@410181", "agriculture@410181", self.everybody[-1], "education@410181"]
        draft = ConferenceDraft("GUESTS", Subject(household_id=home.id), "一事一议", guests, today())
        key = self.run(
            caller, True, lambda session, grant, secrecy: open_conference(session, grant, secrecy, draft)
        )
        assert key is not None
        self._called(Conference(key, caller), *guests)

    # Aid

    @rule(place=agencies, at=homes, kind=kinds, of_person=st.booleans())
    def record_aid(self, place: int, at: int, kind: str, of_person: bool) -> None:
        home, (usual, detail) = self.home(at), GIVEN[kind]
        agency = self.somebody(
            place, lambda one: department(one) == usual and self.model.may_give(one, kind, home.id)
        )
        subject = Subject(person=(home.id, home.persons[0])) if of_person else Subject(household_id=home.id)
        draft = AidDraft(
            self.external(), subject, AidKind(kind), f"项目{kind}", today() - timedelta(days=20), today(),
            AidStatus.APPROVED, today() - timedelta(days=20), detail, None,
        )  # fmt: skip

        async def write(session: AsyncSession, grant: Grant, secrecy: Secrecy) -> Any:
            (outcome,) = await record_aids(session, grant, secrecy, [draft])
            if outcome.error:
                raise outcome.error
            assert outcome.created
            return outcome.key

        may = self.model.may_give(agency, kind, home.id)
        if key := self.run(agency, may, write, certain=department(agency) == usual and kind not in BOUNDED):
            self.model.aids.append(Aid(key, agency, kind))
            self.sent.append((agency, draft, key))

    @precondition(lambda self: self.sent)
    @rule(pick=picks, otherwise=st.booleans())
    def record_aid_again(self, pick: int, otherwise: bool) -> None:
        """The same again answers the same and writes nothing; other content under the same id is a conflict."""
        agency, draft, key = self.sent[pick % len(self.sent)]
        again = replace(draft, program="别的项目") if otherwise else draft

        async def write(session: AsyncSession, grant: Grant, secrecy: Secrecy) -> Any:
            (outcome,) = await record_aids(session, grant, secrecy, [again])
            return outcome

        before, outcome = self.world.written(), self.world.run(agency, write)
        assert not isinstance(outcome, HubError)
        assert self.world.written() == before
        if otherwise:
            assert isinstance(outcome.error, Conflict)
        else:
            assert (outcome.key, outcome.created) == (key, False)

    @precondition(lambda self: self.model.aids)
    @rule(place=agencies, own=st.booleans(), pick=picks, late=stale)
    def amend_aid(self, place: int, own: bool, pick: int, late: int) -> None:
        one = self.model.aids[pick % len(self.model.aids)]
        agency = one.agency if own else self.anybody(place)
        amendment = AidAmendment(one.version - late, "更正结果", {"outcome": self.external()}, {})
        may = agency == one.agency and not late
        if self.run(agency, may, lambda session, grant, _: amend_aid(session, grant, one.key, amendment)):
            one.version += 1

    # Certifications

    @rule(place=agencies, at=homes, category=st.sampled_from(sorted(Category)), shown=st.booleans())
    def certify(self, place: int, at: int, category: Category, shown: bool) -> None:
        home = self.home(at)
        asked = self.model.is_guest if shown else self.model.may_certify
        agency = self.somebody(place, lambda one: asked(one, category, home.id))
        by_member = category is Category.EXTREME_HARDSHIP
        draft = CertificationDraft(
            self.external(), Subject(person=(home.id, home.persons[0])) if by_member else Subject(household_id=home.id),
            category, today() - timedelta(days=40),
            subtype=MonitoredSubtype.MARGINAL if category is Category.POVERTY_RELAPSE_MONITORED else None,
        )  # fmt: skip
        first = not self.model.ever_certified(category, home.id)
        may = self.model.may_certify(agency, category, home.id)
        if self.run(
            agency,
            may,
            lambda session, grant, secrecy: certify(session, grant, secrecy, draft),
            certain=first,
        ):
            self.model.certifications = self.world.certifications([one.id for one in self.model.homes])
            assert sum(one.category == category and not one.ended for one in self.model.certifications) >= 1

    @precondition(lambda self: self.model.certifications)
    @rule(place=agencies, pick=picks, late=stale)
    def terminate(self, place: int, pick: int, late: int) -> None:
        one = self.model.certifications[pick % len(self.model.certifications)]
        agency = self.somebody(place, lambda name: self.model.may_certify(name, one.category, one.key[0]))
        ending = Termination(one.version - late, today(), EndReason.MISTAKE, f"核查有误{self.external()}")
        may = self.model.may_certify(agency, one.category, one.key[0]) and not one.ended and not late
        if self.run(
            agency, may, lambda session, grant, _: terminate_certification(session, grant, one.key, ending)
        ):
            one.version, one.ended = one.version + 1, True

    # Referrals and applications

    @rule(place=agencies, at=homes, to=agencies, need=kinds)
    def create_referral(self, place: int, at: int, to: int, need: str) -> None:
        home = self.home(at)
        receiver = self.somebody(to, lambda one: department(one) == GIVEN[need][0])
        agency = self.somebody(place, lambda one: self.model.may_send(one, receiver, need, home.id))
        draft = ReferralDraft(
            self.external(), Subject(household_id=home.id), receiver, AidKind(need), "家庭困难"
        )
        may = self.model.may_send(agency, receiver, need, home.id)
        if key := self.run(
            agency, may, lambda session, grant, secrecy: create_referral(session, grant, secrecy, draft)
        ):
            self.model.send(Referral(key, agency, receiver, need, False))

    @precondition(lambda self: self.model.referrals)
    @rule(
        step=st.sampled_from(sorted(STEPS)), pick=picks, place=agencies, own=st.booleans(), late=stale, to=agencies,
        with_aid=st.sampled_from((None, True, False)),
    )  # fmt: skip
    def take_a_step(
        self, step: str, pick: int, place: int, own: bool, late: int, to: int, with_aid: bool | None
    ) -> None:
        one = self.model.referrals[pick % len(self.model.referrals)]
        side = one.receiver if STEPS[step][2] == "to" else one.sender
        agency = side if own else self.anybody(place)
        may = self.model.may_step(agency, step, one, one.version - late)
        if step == "forward":
            self._forward(
                one,
                agency,
                self.somebody(to, lambda name: department(name) in IN_CHARGE[one.need]),
                late,
                may,
            )
            return
        aids = [aid for aid in self.model.aids if self.model.answers(aid, one) == with_aid][:1]
        if step == "complete" and aids and not with_aid:
            may = False
        answer = ReferralAnswer(
            one.version - late,
            "不属本单位",
            "已办结",
            [aid.key for aid in aids] if step == "complete" else (),
        )
        if self.run(
            agency, may, lambda session, grant, _: NEW[step](session, grant, one.key, answer), certain=not one.of_person
        ):  # fmt: skip
            one.status, one.version = STEPS[step][1], one.version + 1

    def _forward(self, one: Referral, agency: str, to: str, late: int, may: bool) -> None:
        forwarding = Forwarding(one.version - late, self.external(), to, "请协助办理")
        may = may and self.model.may_send(agency, to, one.need, one.key[0]) and to != one.receiver
        if key := self.run(
            agency, may, lambda session, grant, _: forward_referral(session, grant, one.key, forwarding)
        ):
            one.status, one.version = "FORWARDED", one.version + 1
            self.model.send(Referral(key, agency, to, one.need, one.of_person))

    @rule(place=agencies, at=homes, needs=st.lists(kinds, min_size=1, max_size=3, unique=True))
    def submit_application(self, place: int, at: int, needs: list[str]) -> None:
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.sees(one, home.id))
        asked = [Need(AidKind(one), "家庭困难") for one in needs]
        draft = ApplicationDraft(self.external(), Subject(household_id=home.id), asked, Channel.COUNTER)
        may = department(agency) not in NO_REFERRALS and self.model.sees(agency, home.id)
        key = self.run(
            agency, may, lambda session, grant, secrecy: submit_application(session, grant, secrecy, draft)
        )
        if key:
            assert sorted(self._sent_by(agency, "application_id = %s", key[1])) == sorted(needs)

    def _sent_by(self, agency: str, condition: str, *values: Any) -> list[str]:
        """Take into the model the referrals that a command sent besides; each went to an agency in charge, where the
        household lives. Answers their needs."""
        rows = self.world.rows(
            f"select household_id, id, to_agency, need from referral where {condition} order by id", *values
        )
        for household, id, receiver, need in rows:
            assert department(receiver) in IN_CHARGE[need]
            self.model.send(Referral((household, id), agency, receiver, need, False))
        return [row[3] for row in rows]

    # Alerts, visits, conferences

    @rule(place=agencies, at=homes)
    def raise_alert(self, place: int, at: int) -> None:
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.of_civil_affairs(one, home.id))
        draft = AlertDraft(self.external(), Subject(household_id=home.id), "户主突发重病")
        may = self.model.of_civil_affairs(agency, home.id)
        if key := self.run(
            agency, may, lambda session, grant, secrecy: raise_alert(session, grant, secrecy, draft)
        ):
            self.model.alerts.append(Alert(key))
            self.model.shown.add((f"civil_affairs@{home.region[:9]}", home.id))

    @rule(place=agencies, at=homes, pick=picks, checks=st.booleans())
    def record_visit(self, place: int, at: int, pick: int, checks: bool) -> None:
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.of_civil_affairs(one, home.id))
        alert = self.model.alerts[pick % len(self.model.alerts)] if checks and self.model.alerts else None
        draft = VisitDraft(
            self.external(), Subject(household_id=home.id), today(), "李娜", "家中无人照料", Recommendation.INCLUDE,
            alert.key if alert else None,
        )  # fmt: skip
        may = self.model.of_civil_affairs(agency, home.id) and (alert is None or alert.key[0] == home.id)
        kept = self.run(
            agency, may, lambda session, grant, secrecy: record_visit(session, grant, secrecy, draft)
        )
        if kept and alert and alert.status == "OPEN":
            alert.status, alert.version = "VISITED", alert.version + 1

    @precondition(lambda self: self.model.alerts)
    @rule(place=agencies, pick=picks, late=stale, need=kinds, to=agencies,
          way=st.sampled_from((Disposition.CARRY_OUT, Disposition.INCLUDE, Disposition.CONFERENCE)))  # fmt: skip
    def dispose(self, place: int, pick: int, late: int, need: str, to: int, way: Disposition) -> None:
        one = self.model.alerts[pick % len(self.model.alerts)]
        household = one.key[0]
        receiver = self.somebody(to, lambda name: department(name) == GIVEN[need][0])
        agency = self.somebody(place, lambda name: self.model.of_civil_affairs(name, household))
        disposal = Disposal(
            one.version - late, way, "已上门核查",
            [PushedNeed(receiver, AidKind(need), "需要帮扶")] if way is Disposition.INCLUDE else (),
            CalledConference([receiver], today()) if way is Disposition.CONFERENCE else None,
        )  # fmt: skip
        may = self.model.of_civil_affairs(agency, household) and one.status == "VISITED" and not late
        if way is Disposition.INCLUDE:
            may = may and self.model.may_send(agency, receiver, need, household)
        if way is Disposition.CONFERENCE:
            may = may and self.model.may_confer(agency)
        if not self.run(
            agency, may, lambda session, grant, secrecy: dispose_alert(session, grant, secrecy, one.key, disposal)
        ):  # fmt: skip
            return
        one.status, one.version = "CLOSED", one.version + 1
        if way is Disposition.INCLUDE:
            assert self._sent_by(agency, "external_id = %s", f"{one.key[1]}/1") == [need]
        if way is Disposition.CONFERENCE:
            ((id,),) = self.world.rows("select conference_id from alert where id = %s", one.key[1])
            self._called(Conference((household, id), agency), receiver)

    def _called(self, conference: Conference, *participants: str) -> None:
        self.model.conferences.append(conference)
        self.model.shown |= {(one, conference.key[0]) for one in (conference.caller, *participants)}

    @rule(place=agencies, at=homes, invited=agencies)
    def open_conference(self, place: int, at: int, invited: int) -> None:
        home, other = self.home(at), self.anybody(invited)
        agency = self.somebody(
            place, lambda one: self.model.may_confer(one) and self.model.sees(one, home.id)
        )
        draft = ConferenceDraft(self.external(), Subject(household_id=home.id), "一事一议", [other], today())
        may = self.model.may_confer(agency) and self.model.sees(agency, home.id)
        if key := self.run(
            agency, may, lambda session, grant, secrecy: open_conference(session, grant, secrecy, draft)
        ):
            self._called(Conference(key, agency), other)

    @precondition(lambda self: self.model.conferences)
    @rule(place=agencies, own=st.booleans(), pick=picks, late=stale, to=agencies, kind=kinds)
    def close_conference(self, place: int, own: bool, pick: int, late: int, to: int, kind: str) -> None:
        one = self.model.conferences[pick % len(self.model.conferences)]
        agency = one.caller if own else self.anybody(place)
        doer = self.somebody(to, lambda name: department(name) in IN_CHARGE[kind])
        minutes = Minutes(
            one.version - late, today(), "各单位同意", "分类救助", [Measure(doer, AidKind(kind), "落实")]
        )
        may = agency == one.caller and one.status == "CALLED" and not late
        may = may and department(doer) in IN_CHARGE[kind] and department(doer) not in ("audit",)
        if self.run(
            agency, may, lambda session, grant, secrecy: close_conference(session, grant, secrecy, one.key, minutes)
        ):  # fmt: skip
            one.status, one.version = "HELD", one.version + 1
            pushed = self._sent_by(agency, "external_id = %s", f"{one.key[1]}/1")
            assert pushed == ([] if doer == agency else [kind])
