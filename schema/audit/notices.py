"""Who read data of a household, in words. Civil affairs of its county prints this for a family that asks."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from auth.purposes import PURPOSES
from auth.scopes import Scope
from hub.evaluation.access.notices import ACCESS_NOTICE, access_notices
from hub.policy.permissions.field_scopes import opened_by
from hub.policy.permissions.nouns import UndeclaredField
from schema.engine.declare.field_sources import Derive, Reads
from schema.engine.declare.fields import column, computed, derived, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.regions.types import Agency


def _purpose(language: int) -> Derive:
    words = {purpose: both[language] for purpose, both in PURPOSES.items()}
    return lambda notice, _: sa.case(words, value=notice.c.purpose, else_=notice.c.purpose)


def _matters(coordinates: Iterable[str]) -> list[Scope]:
    """The scopes that open the coordinates alone, each once. The words of a scope name what was read. A coordinate that is no
    longer in the schema is skipped."""
    opened: set[Scope] = set()
    for coordinate in coordinates:
        try:
            sets = opened_by(coordinate)
        except UndeclaredField:
            continue
        if len(sets) == 1:
            opened |= sets[0]
    return [scope for scope in Scope if scope in opened]


@on_rows(
    Reads("AccessNotice", ACCESS_NOTICE, ("household_id", "id"), made=access_notices),
    "查阅告知 A request that read or wrote data of a household, as shown to the family: which agency, when and for"
    " what purpose",
)
class AccessNotice(OnRows):
    """查阅告知."""

    at: datetime | None = column("at", "时间 When")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "单位 The agency that made the request")
    purpose: str | None = column("purpose", "使用用途代码 The code of the purpose")
    purpose_words: str | None = derived(
        _purpose(0), "使用用途(英文) The purpose in words", made_of=("AccessNotice.purpose",)
    )
    purpose_words_zh: str | None = derived(
        _purpose(1), "使用用途 The purpose in Chinese", made_of=("AccessNotice.purpose",)
    )
    matters: list[str] | None = computed(
        lambda root: [scope.words[0] for scope in _matters(root.row["coordinates"])],
        "查阅内容(英文) What was read, in words",
    )
    matters_zh: list[str] | None = computed(
        lambda root: [scope.words[1] for scope in _matters(root.row["coordinates"])],
        "查阅内容 What was read, in Chinese",
    )
    wrote: bool | None = derived(
        lambda notice, _: notice.c.kept > sa.literal_column("0"), "是否登记 Whether something was written"
    )
