"""Which agencies see which households outside their jurisdiction, why, and until when: the content of `shown_household`.

It is computed from the current referrals, aid, conferences and alerts, and from the duration of each reason
(`hub/policy/permissions/sight.toml`). See docs/adr/0010-sight-has-an-end.md.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.foundation.database import TIMESTAMP, table_of
from hub.model.agencies import ShownBecause
from hub.model.aid import AidRecordRow
from hub.model.alerts import AlertRow
from hub.model.conferences import ConferenceParticipantRow, ConferenceRow
from hub.model.households import HouseholdRow
from hub.model.referrals import ReferralRow
from hub.policy.facts.versions import current
from hub.policy.permissions.sight import REASONS

_referral, _aid, _alert = table_of(ReferralRow), table_of(AidRecordRow), table_of(AlertRow)
_conference, _participant = table_of(ConferenceRow), table_of(ConferenceParticipantRow)
_household = table_of(HouseholdRow)

Among = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""A condition on household ids, which limits the computation."""


def beyond(household: FromClause, agency: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a household lives outside an agency's region."""
    return sa.not_(sa.func.starts_with(household.c.region, sa.func.split_part(agency, "@", 2)))


def shown(among: Among) -> Select[Any]:
    """The rows of `shown_household`; `until` is null as long as the reason lasts."""
    reasons = sa.union_all(*_reasons(among)).subquery("every")
    lasts = sa.func.bool_or(reasons.c.until.is_(None))
    return sa.select(
        reasons.c.household_id,
        reasons.c.agency_id,
        reasons.c.because,
        sa.func.min(reasons.c.since).label("since"),
        sa.case((sa.not_(lasts), sa.func.max(reasons.c.until))).label("until"),
    ).group_by(reasons.c.household_id, reasons.c.agency_id, reasons.c.because)


def _reasons(among: Among) -> Iterator[Select[Any]]:
    """One row for every act that shows a household to an agency."""
    for because, agency in (
        (ShownBecause.REFERRAL_SENT, _referral.c.from_agency),
        (ShownBecause.REFERRAL_RECEIVED, _referral.c.to_agency),
        (ShownBecause.ESCALATION, _referral.c.escalated_to),
    ):
        since = _referral.c.escalated_at if because is ShownBecause.ESCALATION else _referral.c.sent_at
        until = _until(because, _referral.c.status, _referral.c.closed_at)
        yield _reason(_referral, agency, because, since, until).where(
            among(_referral.c.household_id), agency.is_not(None)
        )
    yield (
        _reason(
            _aid,
            _aid.c.agency_id,
            ShownBecause.OWN_RECORD,
            _aid.c.recorded_at,
            _until(ShownBecause.OWN_RECORD, _aid.c.status, _aid.c.recorded_at),
        )
        .join(_household, _household.c.id == _aid.c.household_id)
        .where(among(_aid.c.household_id), current(_aid), beyond(_household, _aid.c.agency_id))
    )
    held = sa.func.timezone(
        "Asia/Shanghai", sa.cast(_conference.c.held_on + 1, sa.TIMESTAMP), type_=TIMESTAMP
    )
    yield (
        _reason(
            _conference,
            _participant.c.agency_id,
            ShownBecause.CONFERENCE,
            _conference.c.called_at,
            _until(ShownBecause.CONFERENCE, _conference.c.status, held),
        )
        .join(
            _participant,
            sa.and_(
                _participant.c.household_id == _conference.c.household_id,
                _participant.c.conference_id == _conference.c.id,
            ),
        )
        .where(among(_conference.c.household_id))
    )
    yield (
        _reason(
            _alert,
            _alert.c.to_agency,
            ShownBecause.ALERT,
            _alert.c.raised_at,
            _until(ShownBecause.ALERT, _alert.c.status, _alert.c.closed_at),
        )
        .join(_household, _household.c.id == _alert.c.household_id)
        .where(among(_alert.c.household_id), beyond(_household, _alert.c.to_agency))
    )


def _reason(
    table: FromClause,
    agency: ColumnElement[str],
    because: ShownBecause,
    since: ColumnElement[Any],
    until: ColumnElement[Any],
) -> Select[Any]:
    return sa.select(
        table.c.household_id,
        agency.label("agency_id"),
        sa.literal(because.value).label("because"),
        since.label("since"),
        until.label("until"),
    ).select_from(table)


def _until(
    because: ShownBecause, status: ColumnElement[Any], last_act: ColumnElement[Any]
) -> ColumnElement[datetime | None]:
    """When sight for a reason ends, from the status of the record that gives the sight and the time of its last act."""
    reason = REASONS[because]
    word = sa.type_coerce(status, sa.Text)
    ends = [
        (word == sa.literal(state), last_act + sa.func.make_interval(0, 0, 0, days, type_=sa.Interval()))
        for state, days in reason.days_after.items()
    ]
    always = reason.days_after_any
    otherwise: ColumnElement[Any] = sa.cast(sa.null(), TIMESTAMP)
    if always is not None:
        otherwise = last_act + sa.func.make_interval(0, 0, 0, always, type_=sa.Interval())
    return sa.case(*ends, else_=otherwise) if ends else otherwise
