"""Regions in common spellings: code, code padded with zeros, or name."""

from collections import defaultdict

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.households import Residence
from hub.model.regions import RegionRow

_COUNTY, _TOWNSHIP, _VILLAGE = 6, 9, 12
_region = table_of(RegionRow)


class UnknownRegion(HubError):
    """There is no such township or village; give its code (9 or 12 digits) or its name.
    没有这个乡镇(街道)或村(社区),请填 9 位或 12 位区划代码或名称。
    """


class UnknownCounty(HubError):
    """There is no such county; give its code (6 digits) or its name.
    没有这个区县,请填 6 位区划代码或名称。
    """


class AmbiguousRegion(HubError):
    """More than one region of your jurisdiction has this name; give the code.
    您的辖区内有多个同名区划,请填区划代码。
    """


class RegionOutsideJurisdiction(HubError):
    """The region lies outside your jurisdiction.
    该区划不在您的辖区内。
    """


class Places:
    """The townships and villages, and those that a grant may write to."""

    def __init__(self, names: dict[str, str], grant: Grant) -> None:
        self._names = names
        self._jurisdiction = grant.regions
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for code in filter(self.within, self._dwellings()):
            for name in self._names_of(code):
                self._by_name[name].add(code)
        self._agency_region = grant.agency.partition("@")[2]

    @classmethod
    async def load(cls, connection: AsyncConnection, grant: Grant) -> "Places":
        """Read every region once."""
        rows = await connection.execute(sa.select(_region.c.code, _region.c.name))
        return cls({row.code: row.name for row in rows}, grant)

    def within(self, code: str) -> bool:
        """Whether a region is in the jurisdiction."""
        return code.startswith(self._jurisdiction)

    def own(self) -> str | None:
        """The agency's own region if it is a township or a village; its households live there."""
        return self._agency_region if self._agency_region in self._dwellings() else None

    def dwelling(self, written: str) -> str:
        """The code of a township or village from its spelling, half-width and without spaces.

        Raises UnknownRegion, AmbiguousRegion, RegionOutsideJurisdiction.
        """
        if not written.isdigit():
            found = self._by_name.get(written, set())
            if len(found) > 1:
                raise AmbiguousRegion()
            if not found:
                raise UnknownRegion()
            return next(iter(found))
        code = written[:_TOWNSHIP] if len(written) == _VILLAGE and written.endswith("000") else written
        if code not in self._names or len(code) < _TOWNSHIP:
            raise UnknownRegion()
        if not self.within(code):
            raise RegionOutsideJurisdiction()
        return code

    def county(self, written: str) -> str:
        """The code of a county from its code or name.

        Raises UnknownCounty, RegionOutsideJurisdiction.
        """
        code = written[:_COUNTY] if written.isdigit() and not written[_COUNTY:].strip("0") else written
        counties = {county: name for county, name in self._names.items() if len(county) == _COUNTY}
        found = next((county for county, name in counties.items() if code in (county, name)), None)
        if found is None:
            raise UnknownCounty()
        if not self.within(found):
            raise RegionOutsideJurisdiction()
        return found

    def likely_residence(self, code: str) -> Residence:
        """URBAN in a street (街道), RURAL in another township, if a file does not say."""
        street = self._names[code[:_TOWNSHIP]].endswith("街道")
        return Residence.URBAN if street else Residence.RURAL

    def _dwellings(self) -> list[str]:
        return [code for code in self._names if len(code) >= _TOWNSHIP]

    def _names_of(self, code: str) -> set[str]:
        """The name of a region, alone and after the names of its township and county."""
        township = self._names[code[:_TOWNSHIP]]
        county = self._names.get(code[:6], "")
        if len(code) == _TOWNSHIP:
            return {township, county + township}
        village = self._names[code]
        return {village, township + village, county + township + village}
