"""Registered OAuth clients (RFC 7591's words)."""

from datetime import datetime

from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.database import CODE, code_column, instant_column, now


class OAuthClientRow(SQLModel, table=True):
    """A client of one agency. `secret_hash` is SHA-256 of a 256-bit random secret that was shown once."""

    __tablename__ = "oauth_client"

    client_id: str = code_column(primary_key=True)
    client_name: str
    secret_hash: bytes
    agency_id: str = code_column(foreign_key="agency.id", index=True)
    scopes: list[str] = Field(sa_type=pg.ARRAY(CODE))
    purposes: list[str] = Field(sa_type=pg.ARRAY(CODE))
    reject_forbidden: bool = False
    created_at: datetime = instant_column(default_factory=now)
    revoked_at: datetime | None = instant_column(default=None)
