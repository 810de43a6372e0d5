"""Recording aid, recording the same aid again, amending it and revoking it."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from hub.aid.amendments import AidAmendment, amend_aid
from hub.aid.commands import record_aids
from hub.aid.drafts import AidDraft
from hub.aid.revocation import Revocation, revoke_aid
from hub.commands.context import CommandContext
from hub.foundation.calendar import today
from hub.foundation.errors import Conflict, HubError
from hub.model.aid import AidKind, AidStatus, BasicLivingForm, CorrectionReason, Payee
from hub.persons.subjects import Subject
from tests.fixtures.days import dated
from tests.stateful.given import BOUNDED, GIVEN, agencies, homes, kinds, mostly, picks, stale
from tests.stateful.judged import Judged
from tests.stateful.model import WITHOUT_MONEY, Aid, Home, department

statuses = st.sampled_from((AidStatus.APPROVED, AidStatus.PAID, AidStatus.DELIVERED))


class Giving(Judged):
    """The aid that agencies write back, and their later changes to it."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, AidDraft, Any]] = []

    def give(self, agency: str, may: bool, draft: AidDraft, *, certain: bool) -> Aid | None:
        """Record aid; returns the record if it was stored."""

        async def record_aid(context: CommandContext) -> Any:
            (outcome,) = await record_aids(context, [draft])
            if outcome.error:
                raise outcome.error
            assert outcome.created
            return outcome.key

        key = self.run(agency, may, record_aid, certain=certain, named=f"record_aid {draft.kind.value}")
        if key is None:
            return None
        aid = Aid(key, agency, draft.kind.value, status=draft.status.value, yuan=draft.amount)
        aid.goes_out()
        self.model.aids.append(aid)
        self.sent.append((agency, draft, key))
        return aid

    def subject(self, home: Home, of_person: bool) -> Subject:
        """A household, or its first member."""
        return Subject(person=(home.id, home.persons[0])) if of_person else Subject(household_id=home.id)

    @initialize(
        place=mostly,
        at=homes,
        kinds_given=st.permutations(sorted(GIVEN)),
        form=st.sampled_from(BasicLivingForm),
    )
    def give_some(self, place: int, at: int, kinds_given: list[str], form: BasicLivingForm) -> None:
        """Every life has aid of several kinds."""
        for kind in kinds_given[:5]:
            self.record_aid(place, at, kind, False, AidStatus.PAID, True)
        for each in (form, *(one for one in BasicLivingForm if one is not form)):
            self.pay_basic_living(place, at, each, True, False)

    @rule(
        place=agencies, at=homes, kind=kinds, of_person=st.booleans(), status=statuses, runs_on=st.booleans()
    )
    def record_aid(
        self, place: int, at: int, kind: str, of_person: bool, status: AidStatus, runs_on: bool
    ) -> None:
        home, (usual, _) = self.home(at), GIVEN[kind]
        agency = self.somebody(
            place, lambda one: department(one) == usual and self.model.may_give(one, kind, home.id)
        )
        self.give_kind(agency, home, kind, of_person=of_person, status=status, runs_on=runs_on)

    def give_kind(
        self, agency: str, home: Home, kind: str, *, of_person: bool, status: AidStatus, runs_on: bool
    ) -> Aid | None:
        """Record aid of a kind, with its usual form and details."""
        usual, detail = dated(GIVEN[kind])
        money = kind not in WITHOUT_MONEY and status is not AidStatus.APPROVED
        begins = today() - timedelta(days=20)
        draft = AidDraft(
            self.external(),
            self.subject(home, of_person),
            AidKind(kind),
            f"项目{kind}",
            begins,
            today() + timedelta(days=60 if runs_on else 0),
            AidStatus.DELIVERED if status is AidStatus.PAID and not money else status,
            begins,
            detail,
            Decimal(600) if money else None,
            begins if money and status is AidStatus.PAID else None,
        )
        may = self.model.may_give(agency, kind, home.id)
        return self.give(agency, may, draft, certain=department(agency) == usual and kind not in BOUNDED)

    @rule(
        place=agencies,
        at=homes,
        form=st.sampled_from(BasicLivingForm),
        of_person=st.booleans(),
        last=st.booleans(),
    )
    def pay_basic_living(
        self, place: int, at: int, form: BasicLivingForm, of_person: bool, last: bool
    ) -> None:
        """46-3.1: a person receives the allowance or the support in a month, not both."""
        home = self.home(at)
        agency = self.somebody(place, lambda one: self.model.may_give(one, "BASIC_LIVING", home.id))
        first = today().replace(day=1)
        begins = (first - timedelta(days=1)).replace(day=1) if last else first
        ends = (begins + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        draft = AidDraft(
            self.external(),
            self.subject(home, of_person),
            AidKind.BASIC_LIVING,
            f"基本生活{form.value}",
            begins,
            ends,
            AidStatus.PAID,
            today(),
            {"form": form, "payee": Payee.PERSON},
            Decimal(760),
            today(),
        )
        excluded = of_person and self.world.other_basic_living(home.persons[0], form.value, begins, ends)
        may = self.model.may_give(agency, "BASIC_LIVING", home.id) and not excluded
        self.give(agency, may, draft, certain=True)

    @precondition(lambda self: self.sent)
    @rule(pick=picks, otherwise=st.booleans())
    def record_aid_again(self, pick: int, otherwise: bool) -> None:
        """The same content again returns the same record and writes nothing; other content with the same id is a conflict."""
        agency, draft, key = self.sent[pick % len(self.sent)]
        again = replace(draft, program="别的项目") if otherwise else draft

        async def write(context: CommandContext) -> Any:
            (outcome,) = await record_aids(context, [again])
            return outcome

        before, outcome = self.world.written(), self.world.run(agency, write)
        assert not isinstance(outcome, HubError)
        assert self.world.written() == before
        if otherwise:
            assert isinstance(outcome.error, Conflict)
        else:
            assert (outcome.key, outcome.created) == (key, False)

    @precondition(lambda self: self.model.aids)
    @rule(place=agencies, own=st.booleans(), pick=picks, late=stale, less=st.booleans())
    def amend_aid(self, place: int, own: bool, pick: int, late: int, less: bool) -> None:
        aid = self.model.aids[pick % len(self.model.aids)]
        agency = aid.agency if own else self.anybody(place)
        changes: dict[str, Any] = {"outcome": self.external()}
        if less and aid.yuan:
            changes["amount"] = (aid.yuan / 2).quantize(Decimal("0.01"))
        amendment = AidAmendment(aid.version - late, "更正结果", changes, {})
        may = agency == aid.agency and not late and aid.revoked is None
        if self.run(agency, may, lambda context: amend_aid(context, aid.key, amendment)):
            aid.version += 1
            aid.yuan = changes.get("amount", aid.yuan)

    @precondition(lambda self: self.model.aids)
    @rule(
        place=agencies, own=st.booleans(), pick=picks, late=stale, because=st.sampled_from(CorrectionReason)
    )
    def revoke_aid(self, place: int, own: bool, pick: int, late: int, because: CorrectionReason) -> None:
        """46-4.3: a record is revoked once, by the agency that wrote it."""
        aid = self.model.aids[pick % len(self.model.aids)]
        agency = aid.agency if own else self.anybody(place)
        revocation = Revocation(aid.version - late, because, f"核查后撤销{self.external()}")
        may = agency == aid.agency and not late and aid.revoked is None
        if self.run(agency, may, lambda context: revoke_aid(context, aid.key, revocation)):
            aid.version, aid.status, aid.revoked = aid.version + 1, "REVOKED", because.value
