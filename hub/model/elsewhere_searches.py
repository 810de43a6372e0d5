"""How many people outside its sight each client searched for, by day (46-3.3)."""

from datetime import date

from sqlmodel import Field, SQLModel


class ElsewhereSearchesRow(SQLModel, table=True):
    """`searches` counts successful and unsuccessful searches. `client_id` is an agency if its operator imports a file."""

    __tablename__ = "elsewhere_searches"

    client_id: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    searches: int
