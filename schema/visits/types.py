"""The ranked visit list of 46-2.3 (重点走访), for each township."""

import sqlalchemy as sa
import strawberry

from hub.evaluation.live.reading import visit_list
from hub.evaluation.visits.ranking import TO_VISIT
from hub.evaluation.visits.rules import CLAUSE, VisitReason, reasons_withheld
from hub.foundation.database import words
from hub.glossary.code_sets import term
from hub.policy.facts.alerts import waits
from schema.alerts.types import Alert, Visit
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one, where
from schema.engine.declare.row_types import OnRows, on_rows
from schema.entitlements.types import texts
from schema.orders import BY_DEADLINE, NEWEST_VISIT
from schema.regions.arguments import in_region
from schema.type_names import LazyHousehold

_WORDS_ZH = {reason.value: term(reason).zh for reason in VisitReason}


def _words_zh(row: sa.FromClause) -> sa.ColumnElement[str]:
    """The reasons in the policy's words, in order."""
    reason = sa.func.unnest(row.c.reasons).column_valued("reason")
    words = sa.case(_WORDS_ZH, value=sa.type_coerce(reason, sa.Text))
    return sa.select(sa.func.string_agg(words, sa.literal(";", sa.Text))).scalar_subquery()


@on_rows(
    Reads("HouseholdToVisit", TO_VISIT, ("household_id",), made=visit_list),
    "重点走访家庭 A household to visit first (46-2.3), by the facts that your scopes open",
)
class HouseholdToVisit(OnRows):
    """重点走访对象."""

    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "家庭 The household")
    rank: int | None = derived(
        lambda row, grant: sa.cast(sa.null(), sa.Integer) if reasons_withheld(grant) else row.c.rank,
        "次序 The smaller, the sooner: by the first of its reasons, then by the number of reasons; null if reasons"
        " that are withheld from you could change it",
        made_of=("HouseholdToVisit.reasons",),
    )
    reasons_withheld: list[VisitReason] | None = derived(
        lambda _row, grant: sa.type_coerce(texts(reasons_withheld(grant)), sa.ARRAY(words(VisitReason))),
        "未能判断的走访原因 The reasons that your scopes do not open wholly: this household may have them too, and"
        " other households may be on the list for them",
    )
    reasons: list[VisitReason] | None = column("reasons", "走访原因 Why, in the policy's order")
    reasons_zh: str | None = derived(
        lambda row, _: _words_zh(row),
        "走访原因(原文) Why, in the policy's words",
        made_of=("HouseholdToVisit.reasons",),
    )
    policy_basis: str | None = derived(lambda _row, _grant: sa.literal(CLAUSE, sa.Text), "依据条款 Clause")
    last_visit: Visit | None = to_one(
        "Visit",
        {"household_id": "household_id"},
        "最近走访 The last visit; null: none was recorded",
        order=NEWEST_VISIT,
    )
    open_alerts: list[Alert] | None = to_many(
        "Alert",
        Join({"household_id": "household_id"}),
        BY_DEADLINE,
        "待处置预警 Open alerts, the next deadline first",
        where=lambda alert, _: waits(alert),
    )


@strawberry.input(description="走访名单筛选 By region; without a region, all that you see")
class VisitListFilter:
    """A filter by region only; the list itself shows the reasons."""

    region: str | None = where(
        "Household.region",
        lambda row, v, _: in_region(row.c.region, v),
        "区划 Inside this region, a township as a rule",
    )
