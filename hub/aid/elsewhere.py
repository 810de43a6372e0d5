"""46-3.3: a person in urgent trouble is helped where the trouble happens, so the person is also searched for outside the
agency's sight.

A search reveals whether a number is registered. `auth/departments.toml` names the departments with this duty and the number of
searches that each client may make in a day, whether they find a person or not. Rows of files count as the searches of the client
that uploaded them, or of the agency whose operator imports them. The access records hold the numbers and the households that
were found (46-4.3).
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
from hub.persons.names import with_names_checked
from hub.persons.subjects import Resolved, Sought

_searches = table_of(ElsewhereSearchesRow)


class SearchLimitReached(HubError, numbers=("most",)):
    """A client may search for at most {most} people a day outside its sight (46-3.3); nobody was searched for.
    每个客户端每日最多查找 {most} 名辖区以外的人员(46-3.3),本次未查找。
    """


class SearchDeferred(HubError):
    """The person is not in your sight. A preview does not search elsewhere (46-3.3); the import searches and reports the result.
    此人不在您的辖区内;预览不在辖区外查找(46-3.3),导入时查找并告知。
    """


async def find_subjects(context: CommandContext, drafts: Sequence[AidDraft]) -> list[Resolved | HubError]:
    """The subject of each draft: visible, or found anywhere by number if the department may search everywhere. A preview
    searches for nobody out of sight."""
    most = DEPARTMENTS[context.grant.department].searches_elsewhere
    anywhere = [most > 0 and found_anywhere(draft) for draft in drafts]
    sought = [
        Sought(draft.subject, each and not context.previewed)
        for draft, each in zip(drafts, anywhere, strict=True)
    ]
    found = with_names_checked(sought, await context.resolve(sought))
    if context.previewed:
        later = SearchDeferred(path=("subject", "idNumber"))
        return [
            later if each and request.subject.id_number and isinstance(to, NotFound) else to
            for each, request, to in zip(anywhere, sought, found, strict=True)
        ]
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
    """Whether a person is out of sight or not registered: both count as a search."""
    return isinstance(to, NotFound) if isinstance(to, HubError) else not to.in_sight


async def _allowed(context: CommandContext, count: int, most: int) -> bool:
    """Count the client's searches of today, if the limit allows them. Concurrent searches of the client wait."""
    if count > most:
        return False
    counted_as = context.grant.counted_as or context.grant.client
    row = pg.insert(_searches).values(client_id=counted_as, day=today(), searches=count)
    total = _searches.c.searches + row.excluded.searches
    counted = row.on_conflict_do_update(
        index_elements=["client_id", "day"], set_={"searches": total}, where=total <= most
    ).returning(_searches.c.searches)
    return await context.session.scalar(counted) is not None
