"""The mediated contact: what was refused beside another's record goes to civil affairs as a case, without either agency
learning what the other gave (46-2.1, 46-4.2)."""

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.aid.drafts import AidDraft, refusal
from hub.aid.overlapping import meetings, unwritten
from hub.aid.rules import KIND_RULES
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.texts import said
from hub.ledger.chain import Author
from hub.model.overlaps import Bearing
from hub.overlaps.cases import CaseKey, Pair, open_cases
from hub.overlaps.found import lock_subjects
from hub.persons.subjects import Sought, resolve_subjects

LONGEST_SAID = 1000


class NoOverlapToMediate(HubError):
    """Nothing that stands excludes this outcome, or it was written back already.
    没有与该结果互斥的救助记录,或该结果已经反馈。
    """


async def mediate_overlap(
    session: AsyncSession, grant: Grant, secrecy: Secrecy, draft: AidDraft, words: str
) -> CaseKey:
    """Ask civil affairs of the household's county to settle what `recordAid` refused with EXCLUSIVE_AID. The same again
    answers the same case. Where both are decided to stand, the outcome can be written back under its number.

    Raises NoOverlapToMediate, and what `recordAid` refuses a draft for, each at its place under `outcome`.
    """
    text = said("said", words, LONGEST_SAID)
    if error := refusal(grant, draft):
        raise error.at("outcome", *error.path)
    (to,) = await resolve_subjects(
        session, grant, secrecy, [Sought(draft.subject, KIND_RULES[draft.kind].anywhere)]
    )
    if isinstance(to, HubError):
        raise to.at("outcome", *to.path)
    await lock_subjects(session, [to])
    met = (await meetings(session, grant, {0: (draft, to)})).get(0, ())
    excluding = [one.found for one in met if one.rule.bearing is Bearing.EXCLUSIVE]
    if not excluding or not await unwritten(session, grant.agency, {draft.external_id}):
        raise NoOverlapToMediate(path=("outcome",))
    rules = {one.found.id: one.rule.code for one in met}
    pairs = [
        Pair(
            rules[one.id], (one.household_id, one.id), one.agency, to.household_id, to.person_id, grant.agency,
            draft.external_id, said=text,
        )
        for one in excluding
    ]  # fmt: skip
    cases = await open_cases(session, pairs, Author(grant.agency, grant.client))
    return cases[pairs[0].name]
