"""Regions in common spellings: code, code padded with zeros, or name.

A name may be written alone or after the names of the regions around it, with or without the words for its office: 体育社区,
体育社区居委会 and 郑州市金水区经八路街道体育社区 are the same village. The exact name of the register comes first.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.foundation.errors import HubError
from hub.model.households import Residence
from hub.model.regions import RegionRow

_COUNTY, _TOWNSHIP, _VILLAGE = 6, 9, 12
_MOST_NAMED = 5
_COMMITTEE = re.compile(r"(.+?)(社区|村)?(?:居民|村民)?(居民委员会|村民委员会|委员会|居委会|村委会)")
_OFFICE = re.compile(r"(人民政府|办事处|政府)$")
"""The words for the office of a region at the end of its name."""
_WITH_NAME = re.compile(r"([0-9]{9}|[0-9]{12})([^0-9].*)")
"""A code with the name of its region after it, as a template offers it."""
_KIND = re.compile(r"(街道|社区|新村|行政村|村|镇|乡)$")
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
    """More than one region of your jurisdiction has this name: {regions}; give the code.
    您的辖区内有多个同名区划:{regions_zh},请填区划代码。
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
        self._agency_region = grant.region

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
        if (both := _WITH_NAME.fullmatch(written)) and both[2] in self._names_of(both[1]):
            written = both[1]
        if not written.isdigit():
            found = self._by_name.get(written) or self._plainly_named(self._plain(written))
            if len(found) > 1:
                listed = self._listed(found)
                raise AmbiguousRegion(regions=listed, regions_zh=listed)
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

    def dwellings_with_names(self) -> list[str]:
        """The townships and villages of the jurisdiction, each as `410105001 经八路街道`, which `dwelling` understands."""
        return [
            f"{code} {self._names[code[:_TOWNSHIP]]}{self._names[code] if len(code) > _TOWNSHIP else ''}"
            for code in sorted(filter(self.within, self._dwellings()))
        ]

    def counties(self) -> list[str]:
        """The names of the counties of the jurisdiction."""
        return [
            name for code, name in sorted(self._names.items()) if len(code) == _COUNTY and self.within(code)
        ]

    def likely_residence(self, code: str) -> Residence:
        """URBAN in a street (街道), RURAL in another township, if a file does not say."""
        street = self._names[code[:_TOWNSHIP]].endswith("街道")
        return Residence.URBAN if street else Residence.RURAL

    @cached_property
    def _by_plain_name(self) -> Mapping[str, set[str]]:
        """The regions by their own names without the words for offices. It is needed only for spellings that the register
        does not have."""
        found: dict[str, set[str]] = defaultdict(set)
        for code in filter(self.within, self._dwellings()):
            for name in _plain_names(self._names[code]):
                found[name].add(code)
        return found

    def _plainly_named(self, written: str) -> set[str]:
        """The regions whose plain name ends the text, either alone or after the names of the regions around it."""
        return {
            code
            for at in range(len(written))
            for code in self._by_plain_name.get(written[at:], ())
            if written[:at] in self._above(code)
        }

    def _above(self, code: str) -> set[str]:
        """The texts that may precede the name of a region: nothing, its county, its township, or both."""
        county, township = self._names.get(code[:_COUNTY], ""), self._names[code[:_TOWNSHIP]]
        if len(code) == _TOWNSHIP:
            return {"", county}
        return {"", county, *(prefix + name for name in _plain_names(township) for prefix in ("", county))}

    def _listed(self, codes: Iterable[str]) -> str:
        """Regions with their codes, as an error names them."""
        named = [
            f"{self._names[code[:_TOWNSHIP]]}{self._names[code] if len(code) > _TOWNSHIP else ''} {code}"
            for code in sorted(codes)
        ]
        return "、".join(named[:_MOST_NAMED]) + ("…" if len(named) > _MOST_NAMED else "")

    def _plain(self, written: str) -> str:
        """A name without the names of its province and city, the words for its office, and the marks between the parts."""
        for above in (self._names.get("41", ""), self._names.get("4101", "")):
            written = written.removeprefix(above) if above else written
        return "".join(_without_office(part) for part in _parts(written))

    def _dwellings(self) -> list[str]:
        return [code for code in self._names if len(code) >= _TOWNSHIP]

    def _names_of(self, code: str) -> set[str]:
        """The name of a region, alone and after the names of its township and county; empty if there is no such region."""
        if code not in self._names:
            return set()
        township = self._names[code[:_TOWNSHIP]]
        county = self._names.get(code[:6], "")
        if len(code) == _TOWNSHIP:
            return {township, county + township}
        village = self._names[code]
        return {village, township + village, county + township + village}


def _parts(written: str) -> list[str]:
    """The parts of a name that has words for an office in the middle: 经八路街道办事处体育社区."""
    return re.split(r"(?<=办事处)|(?<=人民政府)|(?<=街道办)(?!事处)|[-/、,>]", written)


@lru_cache(maxsize=8192)
def _plain_names(name: str) -> frozenset[str]:
    """The name of a region without the words for its office, and also without the one for its kind."""
    plain = _without_office(name)
    return frozenset(plain_name for plain_name in (plain, _KIND.sub("", plain)) if plain_name)


def _without_office(name: str) -> str:
    """The name without the words for its office: 体育社区居民委员会 becomes 体育社区, 经八路街道办事处 becomes 经八路街道,
    大河村民委员会 becomes 大河村."""
    if name.endswith(("街道办事处", "街道办")):
        return name.removesuffix("事处").removesuffix("办")
    committee = _COMMITTEE.fullmatch(name)
    if committee is None:
        return _OFFICE.sub("", name)
    own, kind, office = committee[1], committee[2], committee[3]
    if kind is None and not own.endswith(("社区", "村")):
        kind = "村" if office.startswith("村") else "社区"
    return own + (kind or "")
