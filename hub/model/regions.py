"""Regions of residence: GB/T 2260 and GB/T 10114 codes, hierarchical by prefix."""

from enum import StrEnum

from sqlmodel import SQLModel

from hub.foundation.database import code_column, word_column


class RegionLevel(StrEnum):
    """The level of a region, from the length of its code: 2, 4, 6, 9 or 12 digits."""

    PROVINCE = "PROVINCE"
    CITY = "CITY"
    COUNTY = "COUNTY"
    TOWNSHIP = "TOWNSHIP"
    VILLAGE = "VILLAGE"


class RegionRow(SQLModel, table=True):
    """A region; `code` is a prefix of the codes of all regions inside it."""

    __tablename__ = "region"

    code: str = code_column(primary_key=True)
    name: str
    level: RegionLevel = word_column(RegionLevel)
    parent: str | None = code_column(default=None, foreign_key="region.code", index=True)
