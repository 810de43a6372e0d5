"""46-3.3: the supporting documents of pay-first aid, which are supplied later (补齐相关手续或证明材料)."""

from datetime import date

import sqlalchemy as sa

from hub.aid.amendments import AidAmendment, AmendAid, OwnRecord
from hub.aid.commands import AidKey
from hub.commands.context import CommandContext
from hub.commands.update import update
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, InvalidInput
from hub.model.aid import AidKind, TemporaryDetailRow
from hub.policy.facts.aid import can_be_supplied_on, owes_papers

_detail = table_of(TemporaryDetailRow)
REASON = "补齐手续或证明材料 Papers supplied (46-3.3)"


class NoPapersDue(HubError):
    """No papers are due for this record: it is not pay-first aid, or they were supplied (46-3.3).
    该记录无须补齐材料:不是先行救助,或已补齐(46-3.3)。
    """


class _SupplyPapers(AmendAid):
    """Records that the papers of pay-first aid have been supplied."""

    async def check(self, context: CommandContext, record: OwnRecord, amendment: AidAmendment) -> None:
        columns = _detail.c.form, _detail.c.papers_supplied_on
        at = (_detail.c[name] == record.row[name] for name in ("household_id", "id", "version"))
        owed = (await context.session.execute(sa.select(*columns).where(*at))).one()
        if not owes_papers(owed.form, owed.papers_supplied_on):
            raise NoPapersDue(path=("id",))
        if not can_be_supplied_on(record.row["decided_on"], amendment.detail["papers_supplied_on"], today()):
            raise InvalidInput(
                path=("suppliedOn",),
                field="suppliedOn",
                reason="from the day of the decision to today",
                reason_zh="须在决定之日至今天之间",
            )


_SUPPLY_PAPERS = _SupplyPapers()


async def supply_papers(
    context: CommandContext, key: AidKey, expected_version: int, supplied_on: date
) -> AidKey:
    """Save the day on which the documents were supplied, as an amendment with its event; the first version stays readable.

    Raises NoPapersDue, InvalidInput and the errors of `amend_aid`.
    """
    amendment = AidAmendment(
        expected_version, REASON, {}, {"papers_supplied_on": supplied_on}, AidKind.TEMPORARY
    )
    return (await update(context, _SUPPLY_PAPERS, key, expected_version, amendment)).key
