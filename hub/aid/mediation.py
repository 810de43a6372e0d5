"""Mediation of aid that another agency's record excludes: civil affairs gets a case, and neither agency learns what the other
recorded (46-2.1, 46-4.2)."""

from hub.aid.drafts import AidDraft, future_fault, shape_fault
from hub.aid.overlapping_aid import meetings
from hub.commands.context import CommandContext
from hub.foundation.errors import HubError
from hub.foundation.texts import required_text
from hub.ledger.chain import Author
from hub.ledger.receipts import ReceiptRequest, answered, save_answer, stored_receipts
from hub.model.ledger import ReceiptOf
from hub.model.overlaps import Bearing
from hub.overlaps.cases import CaseKey, Pair, open_cases
from hub.overlaps.detection import lock_subjects
from hub.persons.names import with_names_checked
from hub.persons.subjects import Sought, as_named
from hub.policy.permissions.aid_scopes import write_scope

LONGEST_STATEMENT = 1000


class NoOverlapToMediate(HubError):
    """No record excludes this outcome, or it was already written back.
    没有与该结果互斥的救助记录,或该结果已经反馈。
    """


async def mediate_overlap(context: CommandContext, draft: AidDraft, words: str) -> CaseKey:
    """Ask the county's civil affairs to decide about aid that `recordAid` refused with EXCLUSIVE_AID. A repeated request
    returns the same case. If civil affairs allows both records, the aid can be recorded under its external id.

    The steps are those of `hub.commands`. The command keeps its own receipt, because it may return an existing case. Raises
    NoOverlapToMediate, and the refusals of `recordAid`, each with a path under `outcome`.
    """
    session, grant, secrecy = context.session, context.grant, context.secrecy
    context.note(draft.subject)
    text = required_text("said", words, LONGEST_STATEMENT)
    try:
        context.need(write_scope(draft.kind), at=("detail",))
        context.check_naming(draft.subject)
        if fault := shape_fault(grant, draft):
            raise fault
    except HubError as error:
        raise error.at("outcome", *error.path) from None
    request = ReceiptRequest(
        "mediateOverlap", [draft.external_id, as_named(secrecy, draft.subject), draft.content, text]
    )
    if (key := await answered(session, grant.agency, request)) is not None:
        household_id, case_id = key
        return household_id, case_id
    if future := future_fault(draft):
        raise future.at("outcome", *future.path)
    sought = [Sought(draft.subject)]
    (to,) = with_names_checked(sought, await context.resolve(sought))
    if isinstance(to, HubError):
        raise to.at("outcome", *to.path)
    await lock_subjects(session, [to])
    met = (await meetings(session, grant, {0: (draft, to)})).get(0, ())
    excluding = [meeting.found for meeting in met if meeting.rule.bearing is Bearing.EXCLUSIVE]
    if not excluding or await stored_receipts(session, grant.agency, ReceiptOf.AID, [draft.external_id]):
        raise NoOverlapToMediate(path=("outcome",))
    rules = {meeting.found.id: meeting.rule.code for meeting in met}
    pairs = [
        Pair(
            rules[meeting.id],
            (meeting.household_id, meeting.id),
            meeting.agency,
            to.household_id,
            to.person_id,
            grant.agency,
            draft.external_id,
            said=text,
        )
        for meeting in excluding
    ]
    cases = await open_cases(session, pairs, Author(grant.agency, grant.client))
    await save_answer(session, grant.agency, request, cases[pairs[0].name])
    return cases[pairs[0].name]
