"""Registered OAuth clients (terms of RFC 7591), and their registered documents."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel import Field, SQLModel

from hub.foundation.database import CODE, code_column, instant_column, now


class OAuthClientRow(SQLModel, table=True):
    """A client of one agency. `secret_hash` is SHA-256 of a 256-bit random secret, which was shown once."""

    __tablename__ = "oauth_client"

    client_id: str = code_column(primary_key=True)
    client_name: str
    secret_hash: bytes
    agency_id: str = code_column(foreign_key="agency.id", index=True)
    scopes: list[str] = Field(sa_type=pg.ARRAY(CODE))
    purposes: list[str] = Field(sa_type=pg.ARRAY(CODE))
    reject_forbidden: bool = False
    trusted_documents_only: bool = False
    created_at: datetime = instant_column(default_factory=now)
    revoked_at: datetime | None = instant_column(default=None)


class OAuthClientDocumentRow(SQLModel, table=True):
    """A GraphQL document that a client may send by its hash; `sha256` is that of its UTF-8 text.

    A document is never changed or deleted. It can be withdrawn and registered again.
    """

    __tablename__ = "oauth_client_document"
    __table_args__ = (sa.CheckConstraint("octet_length(sha256) = 32", name="sha256"),)

    client_id: str = code_column(primary_key=True, foreign_key="oauth_client.client_id")
    sha256: bytes = Field(primary_key=True)
    text: str
    registered_at: datetime = instant_column(default_factory=now)
    withdrawn_at: datetime | None = instant_column(default=None)
