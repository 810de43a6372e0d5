"""Money of the sample: the lines and rates that incomes and amounts are based on.

Example figures near those in force around Zhengzhou in 2026, in yuan; no decision may be based on them.
"""

from decimal import Decimal
from functools import cache

from hub.lines.load import standard_lines
from hub.model.certifications import Category
from hub.model.households import Residence


@cache
def line(county: str, residence: Residence, category: Category) -> int:
    """Whole yuan a month for one person: the newest line of `hub/lines`."""
    found = {
        from_month: yuan
        for (of, urban_or_rural, whose, from_month), (yuan, _) in standard_lines().items()
        if (of, urban_or_rural, whose) == (county, residence, category)
    }
    return int(found[max(found)])


INCOME_OF: dict[Category | None, tuple[float, float]] = {
    Category.EXTREME_HARDSHIP: (0.0, 0.3),
    Category.SUBSISTENCE_ALLOWANCE: (0.1, 0.95),
    Category.POVERTY_RELAPSE_MONITORED: (1.02, 1.28),
    Category.SUBSISTENCE_MARGIN: (1.02, 1.5),
    Category.RIGID_EXPENDITURE: (1.52, 2.0),
    Category.OTHER_HARDSHIP: (1.52, 2.2),
    None: (2.3, 3.0),
}
"""Income per head as a multiple of the subsistence line; no category overlaps a category with more support."""

MONTH_SUPPLEMENT = Decimal(100)
"""46-3.1: for each covered member who is severely disabled, seriously ill, 70 or older, in college or a minor."""

RESIDENT_PREMIUM = Decimal(400)
PREMIUM_FIXED_PART = Decimal(220)
HEATING = Decimal(400)
ELECTRICITY_KWH_A_MONTH = 15
ELECTRICITY_YUAN_A_KWH = Decimal("0.56")
DISABILITY_LIVING_A_MONTH = Decimal(85)
FUNERAL_FEES = Decimal(1200)
RENT_SUBSIDY_A_MONTH = Decimal(320)
