"""46-3.3: a person who is registered nowhere is helped where the trouble happens, and is registered by the same command.

"取消户籍地、居住地申请限制,在急难发生地按规定通过临时救助或生活无着流浪乞讨人员救助政策,及时给予急难社会救助。"

A person with an identity number is searched for in all households first. If the person is registered, the aid is recorded
there. If not, a household of one is registered where the trouble happened.

For a person without papers, a household without members is registered: the hub stores no personal data that nobody knows. The
aid record holds the known facts, and the township registers the member under the household's code (`upsertHouseholds`) when
the papers come.

All of it is one transaction: if the aid is refused, nobody is registered.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa

from hub.aid.commands import record_aids
from hub.aid.drafts import AidDraft, outcome_fault
from hub.aid.urgent import found_anywhere
from hub.commands.context import CommandContext
from hub.commands.creation import DraftOutcome
from hub.foundation.database import new_id, table_of
from hub.foundation.errors import HubError, InvalidInput, NotFound
from hub.foundation.texts import required_text
from hub.households.commands import upsert_households
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.households.import_lock import one_at_a_time
from hub.households.registration import RegistrationRules
from hub.ledger.chain import EventDraft, lock_households
from hub.ledger.receipts import stored_receipts
from hub.model.aid import AidKind, detail_path
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType, ReceiptOf
from hub.model.persons import Relation
from hub.persons.subjects import Subject
from hub.policy.permissions import write_scopes
from hub.policy.permissions.aid_scopes import write_scope

CLAUSE = "46-3.3"
LONGEST_KNOWN_AS = 200
_household = table_of(HouseholdRow)
_CODE_DIGITS = 16
_REGION = detail_path(AidKind.TEMPORARY, "happened_at_region")


@dataclass(frozen=True, slots=True)
class Unregistered:
    """The person who is helped: identity number and name, or for a person without papers the known facts (`known_as`)."""

    id_number: str | None = None
    name: str | None = None
    known_as: str | None = None

    def member(self) -> MemberDraft:
        """The one member of a new household."""
        return MemberDraft(id_number=self.id_number, name=self.name, relation=Relation.HEAD)


async def record_urgent_aid(context: CommandContext, who: Unregistered, draft: AidDraft) -> DraftOutcome:
    """Record urgent aid for a person, and register the person if necessary. Idempotent by (agency, externalId).

    Raises ForbiddenWrite, InvalidInput, UnknownRegion, RegionOutsideJurisdiction, and the refusals of recordAid and
    upsertHouseholds.
    """
    context.need(*write_scopes.REGISTERING)
    context.need(write_scope(AidKind.TEMPORARY), at=("detail",))
    _check_shape(who, draft)
    if who.known_as is not None:
        return await _without_papers(context, who.known_as.strip(), draft)
    of_person = replace(draft, subject=Subject(id_number=who.id_number, name=who.name))
    (outcome,) = await record_aids(context, [of_person])
    if isinstance(outcome.error, NotFound) and outcome.error.path == ("subject",):
        await _register(context, who, draft)
        (outcome,) = await record_aids(context, [of_person])
    return _saved(outcome)


def _check_shape(who: Unregistered, draft: AidDraft) -> None:
    if draft.kind is not AidKind.TEMPORARY or not found_anywhere(draft):
        reason, reason_zh = (
            "a person is registered with urgent aid only where the trouble happens",
            "仅限在急难发生地给予的急难救助",
        )
        path = detail_path(AidKind.TEMPORARY, "form")
        raise InvalidInput(path=path, field="form", reason=reason, reason_zh=reason_zh)
    if (name := _invalid_field(who)) is not None:
        raise InvalidInput(
            path=("person", name),
            field=name,
            reason="give idNumber with name, or knownAs alone for who has no papers",
            reason_zh="须填身份证号和姓名;无证件的只填已知情况",
        )
    if who.known_as is not None:
        try:
            required_text("knownAs", who.known_as, LONGEST_KNOWN_AS)
        except InvalidInput as error:
            raise error.at("person", "knownAs") from None


def _invalid_field(who: Unregistered) -> str | None:
    """The field of the person that is missing or must be left out; None if the fields are valid."""
    if who.known_as is not None:
        return None if who.id_number is None and who.name is None else "knownAs"
    if who.id_number is None:
        return "knownAs" if who.name is None else "idNumber"
    return "name" if who.name is None else None


async def _register(context: CommandContext, who: Unregistered, draft: AidDraft) -> None:
    """Register a household of one where the trouble happened."""
    region = await _dwelling(context, draft)
    whole = WholeDraft(region=region)
    (outcome,) = await upsert_households(
        context, [HouseholdDraft(_code_of(context, draft), [who.member()], whole)]
    )
    for path, error in outcome.refused:
        raise error.at(*(_REGION if path == ("region",) else ("person", *path[-1:])))


async def _without_papers(context: CommandContext, known_as: str, draft: AidDraft) -> DraftOutcome:
    """Record aid for a household in which nobody is registered yet."""
    if error := outcome_fault(draft):
        raise error
    note = f"无证件人员:{known_as}"
    outcome = note if draft.outcome is None else f"{draft.outcome.strip()}\n{note}"
    noted = replace(draft, outcome=outcome, longest_outcome=len(outcome))
    held = await stored_receipts(context.session, context.grant.agency, ReceiptOf.AID, [draft.external_id])
    if draft.external_id in held:
        household_id = held[draft.external_id].household
    else:
        region = await _dwelling(context, draft)
        await one_at_a_time(context.session)
        household_id = await _empty_household(context, _code_of(context, draft), region)
    to = replace(noted, subject=Subject(household_id=household_id))
    return _saved((await record_aids(context, [to]))[0])


async def _empty_household(context: CommandContext, code: str, region: str) -> UUID:
    """The household of a code; registers it without members if it does not exist."""
    stands: UUID | None = await context.session.scalar(
        sa.select(_household.c.id).where(_household.c.code == code)
    )
    if stands is not None:
        return stands
    rules = await RegistrationRules.load(await context.session.connection(), context.grant)
    id = new_id()
    await context.session.execute(
        sa.insert(_household).values(
            id=id,
            code=code,
            region=region,
            residence=rules.places.likely_residence(region),
            source_agency=context.grant.agency,
        )
    )
    await lock_households(context.session, [id])
    body = {"code": code, "region": region, "members": 0}
    await context.append_events(EventDraft(id, EventType.HOUSEHOLD_REGISTERED, body, None, id, CLAUSE))
    await context.renew_sight(id, moved=True)
    return id


async def _dwelling(context: CommandContext, draft: AidDraft) -> str:
    """The township or village where the trouble happened, in the caller's jurisdiction."""
    rules = await RegistrationRules.load(await context.session.connection(), context.grant)
    try:
        return rules.places.dwelling(str(draft.detail.get("happened_at_region") or ""))
    except HubError as error:
        raise error.at(*_REGION) from None


def _code_of(context: CommandContext, draft: AidDraft) -> str:
    """The code of the new household. It is derived from the agency and the external id, so a repeated request gets the same
    code."""
    name = f"{context.grant.agency}/{draft.external_id}"
    return f"JN{sha256(name.encode()).hexdigest()[:_CODE_DIGITS].upper()}"


def _saved(outcome: DraftOutcome) -> DraftOutcome:
    """The outcome. Raises its refusal, so that the registration is rolled back too; errors of the subject get a path under
    `person`."""
    error = outcome.error
    if error is None:
        return outcome
    first, *rest = error.path or ("",)
    if first in ("subject", "name"):
        error = error.at("person", *(rest if first == "subject" else error.path))
    raise error
