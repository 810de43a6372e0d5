"""Alerts, the visits that check them, their four dispositions, and case conferences (46-2.3, 46-2.4)."""

from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hub.alerts.commands import dispose_alert, raise_alert
from hub.alerts.drafts import AlertDraft, CalledConference, Disposal, PushedNeed
from hub.certifications.drafts import Termination
from hub.conferences.commands import close_conference, open_conference
from hub.conferences.drafts import ConferenceDraft, Measure, Minutes
from hub.foundation.calendar import today
from hub.model.aid import AidKind
from hub.model.alerts import Disposition
from hub.model.certifications import EndReason
from hub.model.visits import Recommendation
from hub.persons.subjects import Subject
from hub.visits.commands import VisitDraft, record_visit
from tests.stateful.given import agencies, homes, mostly, needs, picks, stale
from tests.stateful.judged import Judged
from tests.stateful.model import WITHOUT_MONEY, Alert, Certification, Conference, Home

PUSHES = (Disposition.CARRY_OUT, Disposition.INCLUDE)


class Alerting(Judged):
    """Alerts, visits, dispositions and conferences: from a finding to its outcome."""

    # Alerts and visits

    @rule(place=agencies, at=homes)
    def raise_alert(self, place: int, at: int) -> None:
        home = self.home(at)
        self._raise(home, self.somebody(place, lambda one: self.model.may_raise(one, home.id)))

    def _raise(self, home: Home, agency: str) -> Alert | None:
        draft = AlertDraft(self.external(), Subject(household_id=home.id), "户主突发重病")
        may = self.model.may_raise(agency, home.id)
        key = self.run(
            agency,
            may,
            lambda context: raise_alert(context, draft),
            named="raise_alert",
        )
        if key is None:
            return None
        self.model.alerts.append(Alert(key))
        return self.model.alerts[-1]

    @rule(
        place=agencies, at=homes, pick=picks, checks=st.booleans(), recommends=st.sampled_from(Recommendation)
    )
    def record_visit(self, place: int, at: int, pick: int, checks: bool, recommends: Recommendation) -> None:
        alert = self.model.alerts[pick % len(self.model.alerts)] if checks and self.model.alerts else None
        home = self.model.home(alert.key[0]) if alert and pick % 2 else self.home(at)
        agency = self.somebody(place, lambda one: self.model.of_civil_affairs(one, home.id))
        self._visit(home, agency, alert, recommends)

    def _visit(self, home: Home, agency: str, alert: Alert | None, recommends: Recommendation) -> None:
        draft = VisitDraft(
            self.external(),
            Subject(household_id=home.id),
            today(),
            "李娜",
            "家中无人照料",
            recommends,
            alert.key if alert else None,
        )
        may = self.model.may_visit(agency, home.id, of_alert=alert is not None) and (
            alert is None or alert.key[0] == home.id
        )
        stored = self.run(
            agency,
            may,
            lambda context: record_visit(context, draft),
            named="record_visit",
        )
        if stored and alert and alert.status == "OPEN":
            alert.status, alert.version = "VISITED", alert.version + 1

    # Dispositions

    @rule(
        place=agencies, at=homes, pick=picks, checked=st.sampled_from((True, True, False)), late=stale, need=needs,
        to=agencies, way=st.sampled_from(Disposition), certified=picks,
    )  # fmt: skip
    def dispose(
        self,
        place: int,
        at: int,
        pick: int,
        checked: bool,
        late: int,
        need: str,
        to: int,
        way: Disposition,
        certified: int,
    ) -> None:
        """Mostly, disposes of an alert that was checked at home; if none waits, one is raised and checked first. Otherwise,
        disposes of any alert."""
        alert = self._checked(self.home(at), pick) if checked else self._any_alert(pick)
        if alert is None:
            return
        self._dispose_of(alert, place, late, way, need, to, certified)

    @initialize(
        places=st.lists(mostly, min_size=len(Disposition), max_size=len(Disposition)),
        pick=picks,
        need=needs,
        to=mostly,
        ways=st.permutations(sorted(Disposition)),
        certified=picks,
    )
    def dispose_in_each_way(
        self, places: list[int], pick: int, need: str, to: int, ways: list[Disposition], certified: int
    ) -> None:
        """Every life has alerts for each disposition, whatever else is drawn. An unchecked alert and a closed alert get no
        disposition."""
        for at, (place, way) in enumerate(zip(places, ways, strict=True)):
            one = self._checked(self.home(at), pick)
            if way is Disposition.TERMINATE:
                self._end_elsewhere(one)
            self._dispose_of(one, place, 0, way, need, to, certified)
        home = self.home(pick)
        fresh = self._raise(home, f"civil_affairs@{home.region[:9]}")
        for alert in (fresh, one):
            if alert is not None and alert.status in ("OPEN", "CLOSED"):
                self._push(alert, 1, 0, Disposition.CARRY_OUT, need, 0)

    def _end_elsewhere(self, alert: Alert) -> None:
        """An alert cannot end a certification of another household, even if the office is in charge of both."""
        for ending in self.model.certifications:
            if ending.key[0] != alert.key[0] and not ending.ended:
                self._end(alert, 1, 0, ending)

    def _dispose_of(
        self, alert: Alert, place: int, late: int, way: Disposition, need: str, to: int, certified: int
    ) -> None:
        if way is Disposition.TERMINATE:
            self._terminate(alert, place, late, certified)
        elif way is Disposition.CONFERENCE:
            self._confer(alert, place, late, to)
        elif way is Disposition.UNFOUNDED:
            self._close_unfounded(alert, place, late)
        else:
            self._push(alert, place, late, way, need, to)

    def _any_alert(self, pick: int) -> Alert | None:
        return self.model.alerts[pick % len(self.model.alerts)] if self.model.alerts else None

    def _checked(self, home: Home, pick: int) -> Alert:
        waiting = [one for one in self.model.alerts if one.status == "VISITED"]
        if waiting:
            return waiting[pick % len(waiting)]
        office = f"civil_affairs@{home.region[:9]}"
        alert = self._raise(home, office)
        assert alert is not None
        self._visit(home, office, alert, Recommendation.NOTHING)
        return alert

    def _may_dispose(self, agency: str, alert: Alert, late: int) -> bool:
        may = self.model.of_civil_affairs(agency, alert.key[0]) and alert.status == "VISITED"
        return may and not late

    def _dispose(self, agency: str, may: bool, alert: Alert, disposal: Disposal) -> bool:
        way = disposal.disposition.value
        key = self.run(
            agency,
            may,
            lambda context: dispose_alert(context, alert.key, disposal),
            named=f"dispose {way}",
        )
        if key is None:
            return False
        alert.status, alert.version, alert.disposition = "CLOSED", alert.version + 1, way
        return True

    def _push(self, alert: Alert, place: int, late: int, way: Disposition, need: str, to: int) -> None:
        """CARRY_OUT, with a referral to the agency at fault if one is named, or INCLUDE, with a referral by kind of need."""
        household, pushed = alert.key[0], way is Disposition.INCLUDE or to % 3 > 0
        receiver = self.somebody(to, lambda name: self.model.in_charge(name, need))
        agency = self.somebody(place, lambda name: self.model.of_civil_affairs(name, household))
        needs = [PushedNeed(receiver, AidKind(need), "需要帮扶")] if pushed else []
        may = self._may_dispose(agency, alert, late)
        may = may and (not pushed or self.model.may_send(agency, receiver, need, household))
        if self._dispose(agency, may, alert, Disposal(alert.version - late, way, "已上门核查", needs)):
            sent = self.sent_by(agency, "external_id = %s", f"{alert.key[1]}/1")
            assert sent == ([need] if pushed else [])

    def _close_unfounded(self, alert: Alert, place: int, late: int) -> None:
        """UNFOUNDED: the check did not confirm the alert. It is closed, and nothing follows."""
        agency = self.somebody(place, lambda name: self.model.of_civil_affairs(name, alert.key[0]))
        disposal = Disposal(alert.version - late, Disposition.UNFOUNDED, "经核查不属实")
        self._dispose(agency, self._may_dispose(agency, alert, late), alert, disposal)

    def _confer(self, alert: Alert, place: int, late: int, to: int) -> None:
        """CONFERENCE: the alert is complex, and an agency that may call a conference calls one."""
        receiver = self.anybody(to)
        agency = self.somebody(
            place, lambda name: self.model.may_confer(name) and self.model.sees(name, alert.key[0])
        )
        disposal = Disposal(
            alert.version - late,
            Disposition.CONFERENCE,
            "已上门核查",
            conference=CalledConference([receiver], today()),
        )
        may = self._may_dispose(agency, alert, late) and self.model.may_confer(agency)
        may = may and self.model.may_bring_in(agency, receiver, alert.key[0])
        if self._dispose(agency, may, alert, disposal):
            ((id,),) = self.world.rows("select conference_id from alert where id = %s", alert.key[1])
            self.called(Conference((alert.key[0], id), agency, str(alert.key[1])), receiver)

    def _terminate(self, alert: Alert, place: int, late: int, certified: int) -> None:
        """TERMINATE: the household is no longer eligible. The authority ends the certification, and aid that runs on is
        flagged."""
        ours = [each for each in self.model.certifications if each.key[0] == alert.key[0] and not each.ended]
        among = ours if certified % 4 and ours else self.model.certifications
        if not among:
            return
        self._end(alert, place, late, among[certified // 4 % len(among)])

    def _end(self, alert: Alert, place: int, late: int, ending: Certification) -> None:
        agency = self.somebody(
            place,
            lambda name: (
                self.model.of_civil_affairs(name, alert.key[0])
                and self.model.may_certify(name, ending.category, ending.key[0])
            ),
        )
        disposal = Disposal(
            alert.version - late,
            Disposition.TERMINATE,
            "已上门核查",
            certification=ending.key,
            termination=Termination(
                ending.version, today(), EndReason.NO_LONGER_ELIGIBLE, f"不再符合{self.external()}"
            ),
        )
        may = self._may_dispose(agency, alert, late) and self._may_end(agency, ending, alert)
        if self._dispose(agency, may, alert, disposal):
            ending.version, ending.ended = ending.version + 1, True
            assert self.world.flagged(agency, ending.key) == self.world.running_on(ending.key)
            ((id,),) = self.world.rows("select certification_id from alert where id = %s", alert.key[1])
            assert id == ending.key[1]

    def _may_end(self, agency: str, ending: Certification, of: Alert) -> bool:
        may = self.model.may_certify(agency, ending.category, ending.key[0])
        return may and not ending.ended and ending.key[0] == of.key[0]

    # Conferences

    @rule(place=agencies, at=homes, invited=agencies)
    def open_conference(self, place: int, at: int, invited: int) -> None:
        home = self.home(at)
        agency = self.somebody(
            place, lambda one: self.model.may_confer(one) and self.model.sees(one, home.id)
        )
        self.call_conference(agency, home, self.anybody(invited))

    def call_conference(self, agency: str, home: Home, *participants: str) -> Conference | None:
        """Call a conference; returns it if it was stored."""
        draft = ConferenceDraft(
            self.external(), Subject(household_id=home.id), "一事一议", participants, today()
        )
        may = self.model.may_confer(agency) and self.model.sees(agency, home.id)
        may = may and all(
            self.model.may_bring_in(agency, participant, home.id) for participant in participants
        )
        key = self.run(
            agency,
            may,
            lambda context: open_conference(context, draft),
            named="open_conference",
        )
        if key is None:
            return None
        return self.called(Conference(key, agency, draft.external_id), *participants)

    def called(self, conference: Conference, *participants: str) -> Conference:
        """Add it to the model: the caller and the participants see the household."""
        self.model.conferences.append(conference)
        self.model.shown |= {(one, conference.key[0]) for one in (conference.caller, *participants)}
        return conference

    @precondition(lambda self: self.model.conferences)
    @rule(
        place=agencies, own=st.booleans(), pick=picks, late=stale, to=agencies, kind=needs, yuan=st.booleans()
    )
    def close_conference(
        self, place: int, own: bool, pick: int, late: int, to: int, kind: str, yuan: bool
    ) -> None:
        conference = self.model.conferences[pick % len(self.model.conferences)]
        doer = self.somebody(to, lambda name: self.model.in_charge(name, kind))
        agency = conference.caller if own else self.anybody(place)
        self.close(conference, agency, doer, kind, Decimal(8000) if yuan else None, late)

    def close(
        self, conference: Conference, agency: str, doer: str, kind: str, yuan: Decimal | None, late: int
    ) -> None:
        """Record the minutes: an agency is to give aid of a kind, up to an amount if one was set."""
        minutes = Minutes(
            conference.version - late,
            today(),
            "各单位同意",
            "分类救助",
            [Measure(doer, AidKind(kind), "落实", yuan)],
        )
        may = (
            agency == conference.caller
            and conference.status == "CALLED"
            and not late
            and self.model.in_charge(doer, kind)
        )
        may = may and (yuan is None or kind not in WITHOUT_MONEY)
        if self.run(
            agency,
            may,
            lambda context: close_conference(context, conference.key, minutes),
            named="close_conference",
        ):
            conference.status, conference.version, conference.doer, conference.kind, conference.yuan = (
                "HELD",
                conference.version + 1,
                doer,
                kind,
                yuan,
            )
            pushed = self.sent_by(agency, "external_id = %s", f"{conference.key[1]}/1")
            assert pushed == ([] if doer == agency else [kind])
