"""The mediated contact: what was refused beside another's record goes to civil affairs as a case, without either agency
learning what the other gave (46-2.1, 46-4.2)."""

from hub.aid.drafts import AidDraft, future_fault, shape_fault
from hub.aid.overlapping_aid import meetings
from hub.commands.context import CommandContext
from hub.foundation.errors import HubError
from hub.foundation.texts import said
from hub.ledger.chain import Author
from hub.ledger.receipts import Request, answered, keep_answer, receipts_held
from hub.model.ledger import ReceiptOf
from hub.model.overlaps import Bearing
from hub.overlaps.cases import CaseKey, Pair, open_cases
from hub.overlaps.detection import lock_subjects
from hub.persons.subjects import Sought, as_named, resolve_subjects
from hub.policy.permissions.aid_scopes import write_scope

LONGEST_SAID = 1000


class NoOverlapToMediate(HubError):
    """Nothing that stands excludes this outcome, or it was written back already.
    没有与该结果互斥的救助记录,或该结果已经反馈。
    """


async def mediate_overlap(context: CommandContext, draft: AidDraft, words: str) -> CaseKey:
    """Ask civil affairs of the household's county to settle what `recordAid` refused with EXCLUSIVE_AID. The same again
    answers the same case. Where both are decided to stand, the outcome can be written back under its number.

    Its steps are those of `hub.commands`; what it answers may be a case that stands already, so it keeps the receipt itself.
    Raises NoOverlapToMediate, and what `recordAid` refuses a draft for, each at its place under `outcome`.
    """
    session, grant, secrecy = context.session, context.grant, context.secrecy
    text = said("said", words, LONGEST_SAID)
    try:
        context.need(write_scope(draft.kind), at=("detail",))
        context.check_naming(draft.subject)
        if wrong := shape_fault(grant, draft):
            raise wrong
    except HubError as error:
        raise error.at("outcome", *error.path) from None
    request = Request(
        "mediateOverlap", [draft.external_id, as_named(secrecy, draft.subject), draft.content, text]
    )
    if (key := await answered(session, grant.agency, request)) is not None:
        household_id, case_id = key
        return household_id, case_id
    if wrong := future_fault(draft):
        raise wrong.at("outcome", *wrong.path)
    (to,) = await resolve_subjects(session, grant, secrecy, [Sought(draft.subject)])
    if isinstance(to, HubError):
        raise to.at("outcome", *to.path)
    await lock_subjects(session, [to])
    met = (await meetings(session, grant, {0: (draft, to)})).get(0, ())
    excluding = [one.found for one in met if one.rule.bearing is Bearing.EXCLUSIVE]
    if not excluding or await receipts_held(session, grant.agency, ReceiptOf.AID, [draft.external_id]):
        raise NoOverlapToMediate(path=("outcome",))
    rules = {one.found.id: one.rule.code for one in met}
    pairs = [
        Pair(
            rules[one.id],
            (one.household_id, one.id),
            one.agency,
            to.household_id,
            to.person_id,
            grant.agency,
            draft.external_id,
            said=text,
        )
        for one in excluding
    ]
    cases = await open_cases(session, pairs, Author(grant.agency, grant.client))
    await keep_answer(session, grant.agency, request, cases[pairs[0].name])
    return cases[pairs[0].name]
