"""Sight beyond one's jurisdiction has an end: one line for each reason, and until when (docs/adr/0010-sight-has-an-end.md)."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_30_sight"
down_revision: str | None = "2026_11_30_masks"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
previous_code_runs: bool = False

_REFERRAL_ENDS = """case status when 'RETURNED' then {returned} when 'FORWARDED' then closed_at when 'ENDED' then closed_at
    when 'COMPLETED' then closed_at + {completed} * interval '1 day' end"""
_OUTSIDE = "not starts_with(h.region, split_part({agency}, '@', 2))"
_FILL = f"""
    insert into shown_household (household_id, agency_id, because, since, until)
    select household_id, agency_id, because, min(since), case when not bool_or(until is null) then max(until) end from (
      select household_id, from_agency, 'REFERRAL_SENT', sent_at,
        {_REFERRAL_ENDS.format(returned="null::timestamptz", completed=90)} from referral
      union all select household_id, to_agency, 'REFERRAL_RECEIVED', sent_at,
        {_REFERRAL_ENDS.format(returned="closed_at", completed=90)} from referral
      union all select household_id, escalated_to, 'ESCALATION', escalated_at,
        {_REFERRAL_ENDS.format(returned="closed_at", completed=0)} from referral where escalated_to is not null
      union all select a.household_id, a.agency_id, 'OWN_RECORD', a.recorded_at,
        a.recorded_at + case a.status when 'REVOKED' then 30 else 365 end * interval '1 day'
        from aid_record a join household h on h.id = a.household_id
        where a.superseded_at is null and {_OUTSIDE.format(agency="a.agency_id")}
      union all select c.household_id, p.agency_id, 'CONFERENCE', c.called_at,
        case c.status when 'HELD' then ((c.held_on + 1)::timestamp at time zone 'Asia/Shanghai') + interval '90 days' end
        from conference c join conference_participant p on p.household_id = c.household_id and p.conference_id = c.id
      union all select a.household_id, a.to_agency, 'ALERT', a.raised_at, case a.status when 'CLOSED' then a.closed_at end
        from alert a join household h on h.id = a.household_id where {_OUTSIDE.format(agency="a.to_agency")}
    ) given (household_id, agency_id, because, since, until) group by household_id, agency_id, because
"""  # noqa: S608


def upgrade() -> None:
    """Reckon every sight anew from what stands."""
    op.add_column("shown_household", sa.Column("until", sa.TIMESTAMP(timezone=True), nullable=True))
    op.drop_constraint("pk_shown_household", "shown_household", type_="primary")
    op.execute("delete from shown_household")
    op.create_primary_key("pk_shown_household", "shown_household", ["household_id", "agency_id", "because"])
    op.execute(_FILL)


def downgrade() -> None:
    """One line for each agency, without an end."""
    op.drop_constraint("pk_shown_household", "shown_household", type_="primary")
    op.execute(
        "delete from shown_household s using shown_household o where o.household_id = s.household_id"
        " and o.agency_id = s.agency_id and o.because < s.because"
    )
    op.create_primary_key("pk_shown_household", "shown_household", ["household_id", "agency_id"])
    op.drop_column("shown_household", "until")
