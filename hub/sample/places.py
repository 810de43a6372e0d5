"""Where the households of the sample live: villages and communities of `hub/regions/zhengzhou.csv`."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

from hub.model.households import Residence

COUNTY_WEIGHTS = {
    "410102": 7, "410103": 7, "410104": 6, "410105": 11, "410106": 2, "410108": 4, "410122": 9, "410171": 3,
    "410172": 3, "410173": 6, "410181": 8, "410182": 7, "410183": 9, "410184": 8, "410185": 10,
}  # fmt: skip
"""How the low-income population is distributed over the counties, roughly, in percent."""

_COMMUNITY = re.compile(r"(社区)?(居民管理委员会|居民委员会|居民居委会|管理委员会|居委会|委员会|社区)$")
_VILLAGE = re.compile(r"村?(村民委员会|村委会)$")


@dataclass(frozen=True, slots=True)
class Village:
    """One village or community, with the names of the township and county around it."""

    code: str
    village: str
    township: str
    township_name: str
    county: str
    county_name: str

    @property
    def residence(self) -> Residence:
        """A street office's area is urban; a town's or township's is rural."""
        return Residence.URBAN if self.township_name.endswith("街道") else Residence.RURAL


@cache
def places() -> Mapping[str, tuple[Village, ...]]:
    """The places of each county, by its code."""
    rows = csv.DictReader(files("hub.regions").joinpath("zhengzhou.csv").read_text("utf-8").splitlines())
    name = {row["code"]: row["name"] for row in rows}
    found: dict[str, list[Village]] = {county: [] for county in COUNTY_WEIGHTS}
    for code, committee in name.items():
        if len(code) == 12:
            township, county = code[:9], code[:6]
            short = name[township].removeprefix(f"郑州{name[county]}")
            found[county].append(
                Village(code, village_name(committee), township, short, county, name[county])
            )
    return {county: tuple(of_county) for county, of_county in found.items()}


def village_name(committee: str) -> str:
    """The usual name of a committee's place: 雷村村委会 is 雷村, 碧沙岗社区居委会 is 碧沙岗社区."""
    if not _VILLAGE.search(committee):
        return _COMMUNITY.sub("社区", committee)
    village = _VILLAGE.sub("", committee)
    return village if village.endswith("社区") else f"{village}村"


def address(rng: Random, place: Village) -> str:
    """An address in a place."""
    where = f"郑州市{place.county_name}{place.township_name}{place.village}"
    if place.residence is Residence.RURAL:
        return f"{where}{rng.randint(1, 12)}组{rng.randint(1, 160)}号"
    return f"{where}{rng.randint(1, 28)}号楼{rng.randint(1, 4)}单元{rng.randint(1, 6)}0{rng.randint(1, 4)}"


def spread(households: int) -> list[tuple[str, int]]:
    """The number of households of each county, in the order of the county codes. The sum is `households`."""
    total, shares, allotted = sum(COUNTY_WEIGHTS.values()), [], 0
    running = 0
    for county, weight in COUNTY_WEIGHTS.items():
        running += weight
        upto = households * running // total
        shares.append((county, upto - allotted))
        allotted = upto
    return shares
