"""The state of the change feed for a caller.

The feed has no delay: an event is in it as soon as it is committed. The state counts only events that the caller may see, so
that it does not reveal how much others write.
"""

from datetime import datetime
from typing import Annotated, Any

import sqlalchemy as sa
import strawberry
from strawberry.types.info import Info

from schema.chain.types import ChainEvent
from schema.engine.declare.field_sources import Connect
from schema.engine.declare.fields import computed
from schema.engine.declare.joins import readable
from schema.engine.declare.keyset import plain
from schema.engine.declare.paging import LARGEST_PAGE, PageRequest
from schema.orders import FEED_ORDER

_FEED = Connect("ChainEvent", FEED_ORDER)
_COORDINATE = "Query.chainEvents"
"""The list whose cursors `after` takes."""


@strawberry.type(description="变更流状态 The state of the change feed for you, and how far you are behind")
class FeedStatus:
    """变更流状态."""

    cursor: strawberry.Private[str | None]
    recorded_at: strawberry.Private[datetime | None]
    behind: strawberry.Private[int]
    behind_since: strawberry.Private[datetime | None]

    newest: str | None = computed(
        lambda root: root.cursor,
        "最新游标 The cursor of the newest event that you may see, for `chainEvents(after:)`; null: there is none",
    )
    newest_at: datetime | None = computed(
        lambda root: root.recorded_at, "最新事件登记时间 When that event was recorded"
    )
    waiting: int | None = computed(
        lambda root: root.behind,
        f"待读事件数 Number of events after your cursor that you may see; {LARGEST_PAGE} means {LARGEST_PAGE} or more",
    )
    waiting_since: datetime | None = computed(
        lambda root: root.behind_since,
        "最早待读事件登记时间 When the first of them was recorded; null: there is none",
    )


async def _status(
    info: Info,
    after: Annotated[
        str | None,
        strawberry.argument(
            description="您已读到的游标 The last cursor that you stored; omitted: the feed from its beginning"
        ),
    ] = strawberry.UNSET,
) -> FeedStatus:
    context: Any = info.context
    cursor = None if after is strawberry.UNSET else after
    request = PageRequest.of(_FEED, _COORDINATE, {"first": 1, "after": cursor})
    event = ChainEvent.reads.rows(context.grant)
    in_sight = readable(ChainEvent.reads, event, context.grant)
    newest = sa.select(event.c.position, event.c.recorded_at).where(in_sight)
    (last,) = await context.rows(
        ChainEvent.reads, newest.order_by(event.c.position.desc()).limit(1), top=True
    ) or (None,)
    following = sa.select(event.c.recorded_at).where(in_sight)
    if request.cursor is not None:
        values = request.opened(context.secrecy, context.grant.agency, event, request.cursor)
        following = following.where(request.keyset.beyond(event, values))
    following = following.order_by(event.c.position).limit(LARGEST_PAGE)
    behind = await context.rows(ChainEvent.reads, following)
    cursors = request.cursors(context.secrecy, context.grant.agency)
    return FeedStatus(
        cursor=None if last is None else cursors.seal([plain(last["position"])]),
        recorded_at=None if last is None else last["recorded_at"],
        behind=len(behind),
        behind_since=behind[0]["recorded_at"] if behind else None,
    )


@strawberry.type
class FeedQueries:
    """Queries about the state of the feed."""

    feed_status: FeedStatus | None = computed(
        _status,
        "变更流状态 The state of the change feed, and how far you are behind it",
        rows=LARGEST_PAGE,
        cursors_of=(_COORDINATE, _FEED),
    )
