"""The words that an office uses in its files, in addition to those of the vocabularies."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from hub.foundation.database import code_column, instant_column, now


class OfficeWordRow(SQLModel, table=True):
    """`value` is the meaning of a word of the agency in a vocabulary (`category`, `relation`); `client_id` is the import that
    last defined it."""

    __tablename__ = "office_word"

    agency_id: str = code_column(primary_key=True, foreign_key="agency.id")
    vocabulary: str = Field(primary_key=True)
    word: str = Field(primary_key=True)
    value: str
    client_id: str
    recorded_at: datetime = instant_column(default_factory=now)
