"""The ledger: chain events, access records, and the receipts that make write-backs idempotent.

`hub_writer` may insert into these tables and read them, and nothing else.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, new_id, now, word_column


def new_event_id() -> UUID:
    """A random UUID (version 4). An id ordered by time would reveal when others wrote."""
    return uuid4()


class EventType(StrEnum):
    """The events of an assistance chain."""

    HOUSEHOLD_REGISTERED = "HOUSEHOLD_REGISTERED"
    HOUSEHOLD_UPDATED = "HOUSEHOLD_UPDATED"
    CERTIFIED = "CERTIFIED"
    CERTIFICATION_ENDED = "CERTIFICATION_ENDED"
    CIRCUMSTANCE_REPORTED = "CIRCUMSTANCE_REPORTED"
    AID_RECORDED = "AID_RECORDED"
    AID_AMENDED = "AID_AMENDED"
    REFERRAL_SENT = "REFERRAL_SENT"
    REFERRAL_ACCEPTED = "REFERRAL_ACCEPTED"
    REFERRAL_RETURNED = "REFERRAL_RETURNED"
    REFERRAL_COMPLETED = "REFERRAL_COMPLETED"
    CONFERENCE_CALLED = "CONFERENCE_CALLED"
    CONFERENCE_HELD = "CONFERENCE_HELD"
    ALERT_RAISED = "ALERT_RAISED"
    ALERT_DISPOSED = "ALERT_DISPOSED"
    ALERT_CLOSED = "ALERT_CLOSED"
    VISITED = "VISITED"
    REFERRAL_FORWARDED = "REFERRAL_FORWARDED"
    REFERRAL_ENDED = "REFERRAL_ENDED"
    REFERRAL_REMINDED = "REFERRAL_REMINDED"
    REFERRAL_ESCALATED = "REFERRAL_ESCALATED"
    APPLICATION_SUBMITTED = "APPLICATION_SUBMITTED"
    CIRCUMSTANCE_ENDED = "CIRCUMSTANCE_ENDED"
    OVERLAP_FOUND = "OVERLAP_FOUND"
    OVERLAP_DECIDED = "OVERLAP_DECIDED"
    AID_REVOKED = "AID_REVOKED"
    RECOVERY_OPENED = "RECOVERY_OPENED"
    RECOVERY_REPAID = "RECOVERY_REPAID"
    RECOVERY_WAIVED = "RECOVERY_WAIVED"
    NEAR_RELATIVE_DECLARED = "NEAR_RELATIVE_DECLARED"
    NEAR_RELATIVE_ENDED = "NEAR_RELATIVE_ENDED"
    LIABILITY_DECIDED = "LIABILITY_DECIDED"
    DISCLOSED = "DISCLOSED"
    SIGHT_GIVEN = "SIGHT_GIVEN"
    SIGHT_ENDED = "SIGHT_ENDED"


class ChainEventRow(SQLModel, table=True):
    """One link of a household's chain.

    `number` counts from 1 in the chain; `hash` is SHA-256 of the RFC 8785 form of the link, including `previous_hash` (32
    zero bytes for the first). `answers` are the numbers of earlier events that it follows from (a visit from an alert, a
    referral from its disposition, aid from a referral). `position` is its place among all events of the hub, from 1 without
    gaps, in the order of commits (`FeedCounterRow`). `id` is random, so that it reveals nothing about other events. Readers
    need the scopes in `needs`, because the existence of the event reveals what they protect.
    """

    __tablename__ = "chain_event"
    __table_args__ = (
        sa.ForeignKeyConstraint(["household_id"], ["household.id"]),
        sa.Index("ix_chain_event_subject", "household_id", "subject_id"),
    )

    household_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    type: EventType = word_column(EventType)
    person_id: UUID | None = None
    subject_id: UUID | None = None
    agency_id: str = code_column(foreign_key="agency.id")
    client_id: str
    occurred_at: datetime = instant_column()
    recorded_at: datetime = instant_column(default_factory=now)
    policy_basis: str | None = None
    needs: list[str] = Field(default_factory=list, sa_type=pg.ARRAY(CODE))
    answers: list[int] = Field(
        default_factory=list,
        sa_column=sa.Column(pg.ARRAY(sa.Integer), server_default=sa.text("'{}'"), nullable=False),
    )
    body: dict[str, Any] = Field(sa_type=pg.JSONB)
    previous_hash: bytes
    hash: bytes
    position: int = Field(sa_type=sa.BigInteger, unique=True)
    id: UUID = Field(default_factory=new_event_id)


class FeedCounterRow(SQLModel, table=True):
    """The single row that counts the events of the hub: `newest` is the position of the last event.

    A transaction that writes events takes their positions from this row in its last statement (`hub.ledger.order`). The next
    transaction waits until it has ended. So positions are in the order of commits, without gaps.
    """

    __tablename__ = "feed_counter"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    newest: int = Field(sa_type=sa.BigInteger)


class AccessOutcome(StrEnum):
    """The result of a request."""

    ANSWERED = "ANSWERED"
    PARTLY_FORBIDDEN = "PARTLY_FORBIDDEN"
    WRITE_REFUSED = "WRITE_REFUSED"
    REFUSED = "REFUSED"
    FAILED = "FAILED"


class CoordinateSetRow(SQLModel, table=True):
    """The sets of coordinates that requests read, each stored once. A request refers to its set by SHA-256 of the sorted
    names, joined by newlines."""

    __tablename__ = "coordinate_set"

    digest: bytes = Field(primary_key=True)
    coordinates: list[str] = Field(sa_type=pg.ARRAY(CODE))


class OperationTextRow(SQLModel, table=True):
    """The document of a request, stored once for all requests that sent it, by SHA-256 of the text as sent. Text values in it
    are left out, because they may be identity numbers."""

    __tablename__ = "operation_text"

    digest: bytes = Field(primary_key=True)
    document: str = Field(sa_type=sa.Text)


class AccessRecordRow(SQLModel, table=True):
    """Who requested what, for what purpose, and with what result; durable before the response is sent.

    For writes, `household_ids` and `person_ids` include everybody who was named, `codes` are the error codes, and `refused`
    and `kept` count the refused and the written results. `whole_households`: the request read about every member of the
    households, so `person_ids` need not list them; records from before persons were recorded count as such. `numbers_named`
    are the blind indexes of the identity numbers that a read searched for, and of those in writes for which no person was in
    sight. `variables` are the paths of the sent values, without the values. `agency_id` and `client_id` are empty if the
    caller was not authenticated.
    """

    __tablename__ = "access_record"
    __table_args__ = (
        sa.Index("ix_access_record_at", "at", "id"),
        sa.Index("ix_access_record_agency", "agency_id", "at", "id"),
        sa.Index("ix_access_record_client", "client_id", "at", "id"),
        sa.Index(
            "ix_access_record_person", "person", "at", "id", postgresql_where=sa.text("person is not null")
        ),
        sa.Index("ix_access_record_households", "household_ids", postgresql_using="gin"),
        sa.Index(
            "ix_access_record_numbers",
            "numbers_named",
            postgresql_using="gin",
            postgresql_where=sa.text("numbers_named <> '{}'"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    at: datetime = instant_column(default_factory=now)
    agency_id: str = code_column()
    client_id: str
    person: str | None = None
    purpose: str
    operation_name: str | None = None
    operation_hash: bytes
    coordinates_digest: bytes
    forbidden: list[str] = Field(sa_type=pg.ARRAY(CODE))
    household_ids: list[UUID] = Field(sa_type=pg.ARRAY(sa.Uuid))
    rows: int
    milliseconds: int
    outcome: AccessOutcome = word_column(AccessOutcome)
    code: str | None = None
    codes: list[str] = Field(
        default_factory=list,
        sa_column=sa.Column(pg.ARRAY(CODE), server_default=sa.text("'{}'"), nullable=False),
    )
    refused: int = Field(
        default=0, sa_column=sa.Column(sa.Integer, server_default=sa.text("0"), nullable=False)
    )
    kept: int = Field(default=0, sa_column=sa.Column(sa.Integer, server_default=sa.text("0"), nullable=False))
    numbers_named: list[bytes] = Field(
        default_factory=list,
        sa_column=sa.Column(pg.ARRAY(sa.LargeBinary), server_default=sa.text("'{}'"), nullable=False),
    )
    person_ids: list[UUID] = Field(
        default_factory=list,
        sa_column=sa.Column(pg.ARRAY(sa.Uuid), server_default=sa.text("'{}'"), nullable=False),
    )
    whole_households: bool = Field(
        default=True, sa_column=sa.Column(sa.Boolean, server_default=sa.text("true"), nullable=False)
    )
    variables: list[str] = Field(
        default_factory=list,
        sa_column=sa.Column(pg.ARRAY(CODE), server_default=sa.text("'{}'"), nullable=False),
    )


class ReceiptOf(StrEnum):
    """The kind of write that a receipt is for."""

    AID = "AID"
    REFERRAL = "REFERRAL"
    CERTIFICATION = "CERTIFICATION"
    CONFERENCE = "CONFERENCE"
    ALERT = "ALERT"
    VISIT = "VISIT"
    APPLICATION = "APPLICATION"
    CIRCUMSTANCE = "CIRCUMSTANCE"
    RECOVERY = "RECOVERY"
    REPAYMENT = "REPAYMENT"
    NEAR_RELATIVE = "NEAR_RELATIVE"
    LIABILITY = "LIABILITY"
    OBJECTION = "OBJECTION"
    OFFER = "OFFER"
    COUNTY_OPTION = "COUNTY_OPTION"
    DISCLOSURE = "DISCLOSURE"
    CHANGE = "CHANGE"


class WriteReceiptRow(SQLModel, table=True):
    """The record that was written as (`agency_id`, `external_id`); `digest` is SHA-256 of its content.

    For a CHANGE, `external_id` is the digest itself in hexadecimal: an agency makes the same change of the same version only
    once. A record without a household (an offer, a list) has no receipt here.
    """

    __tablename__ = "write_receipt"

    agency_id: str = code_column(primary_key=True, foreign_key="agency.id")
    kind: ReceiptOf = word_column(ReceiptOf, primary_key=True)
    external_id: str = Field(primary_key=True)
    household_id: UUID | None = None
    record_id: UUID
    digest: bytes
