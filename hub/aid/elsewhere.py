"""46-3.3: whoever is in urgent trouble is helped where it happens, and so is looked for out of sight too.

Such a search tells whether a number is registered. The departments that have the duty stand in `auth/departments.toml`, with how
many searches a client of theirs makes in a day, whether they find somebody or nobody; the numbers and the households that were
found stand in the access records (46-4.3).
"""

from collections.abc import Sequence

from sqlalchemy.dialects import postgresql as pg

from auth.departments import DEPARTMENTS
from hub.aid.drafts import AidDraft
from hub.aid.urgent import found_anywhere
from hub.commands.context import CommandContext
from hub.foundation.calendar import today
from hub.foundation.database import table_of
from hub.foundation.errors import HubError, NotFound
from hub.model.elsewhere_searches import ElsewhereSearchesRow
from hub.persons.subjects import Resolved, Sought

_searches = table_of(ElsewhereSearchesRow)


class SearchLimitReached(HubError, numbers=("most",)):
    """A client looks for at most {most} people a day who are not in its sight (46-3.3); nobody was looked for.
    每个客户端每日最多查找 {most} 名辖区以外的人员(46-3.3),本次未查找。
    """


async def find_subjects(context: CommandContext, drafts: Sequence[AidDraft]) -> list[Resolved | HubError]:
    """Whom each draft is about: in sight, or found by number where the duty is to look everywhere."""
    most = DEPARTMENTS[context.grant.department].searches_elsewhere
    sought = [Sought(draft.subject, most > 0 and found_anywhere(draft)) for draft in drafts]
    found = await context.resolve(sought)
    elsewhere = {
        request.subject.id_number
        for request, to in zip(sought, found, strict=True)
        if request.anywhere and request.subject.id_number and _is_elsewhere(to)
    }
    if not elsewhere or await _allowed(context, len(elsewhere), most):
        return found
    refused = SearchLimitReached(path=("subject", "idNumber"), most=most)
    return [
        refused if request.subject.id_number in elsewhere else to
        for request, to in zip(sought, found, strict=True)
    ]


def _is_elsewhere(to: Resolved | HubError) -> bool:
    """Whether somebody is out of sight, or nowhere: both are one search."""
    return isinstance(to, NotFound) if isinstance(to, HubError) else not to.in_sight


async def _allowed(context: CommandContext, count: int, most: int) -> bool:
    """Count some searches of the client's today, where so many are left; whoever searches beside it waits."""
    if count > most:
        return False
    row = pg.insert(_searches).values(client_id=context.grant.client, day=today(), searches=count)
    total = _searches.c.searches + row.excluded.searches
    counted = row.on_conflict_do_update(
        index_elements=["client_id", "day"], set_={"searches": total}, where=total <= most
    ).returning(_searches.c.searches)
    return await context.session.scalar(counted) is not None
