"""The department of each need, with its clause (46-3, 46-4.1)."""

from dataclasses import dataclass

from hub.model.agencies import Department
from hub.model.aid import AidKind
from hub.model.households import Residence

CLAUSE = "46-4.1"
"""一次申请、分类审核认定: one application; each need is examined by the department in charge."""


@dataclass(frozen=True, slots=True)
class Route:
    """The department of a need; `rural` if another one is in charge of rural households."""

    to: Department
    clause: str
    rural: Department | None = None

    def department(self, residence: Residence) -> Department:
        """The department in charge for a household of this residence."""
        return self.rural if self.rural and residence is Residence.RURAL else self.to


ROUTES: dict[AidKind, Route] = {
    AidKind.BASIC_LIVING: Route(Department.CIVIL_AFFAIRS, "46-3.1"),
    AidKind.MEDICAL: Route(Department.MEDICAL_INSURANCE, "46-3.2.1"),
    AidKind.EDUCATION: Route(Department.EDUCATION, "46-3.2.2"),
    AidKind.HOUSING: Route(Department.HOUSING_SECURITY, "46-3.2.3", rural=Department.URBAN_CONSTRUCTION),
    AidKind.EMPLOYMENT: Route(Department.HUMAN_RESOURCES, "46-3.2.4"),
    AidKind.DISASTER: Route(Department.EMERGENCY_MANAGEMENT, "46-3.2.5"),
    AidKind.TEMPORARY: Route(Department.CIVIL_AFFAIRS, "46-3.3"),
    AidKind.SERVICE: Route(Department.CIVIL_AFFAIRS, "46-3.4"),
    AidKind.OTHER: Route(Department.CIVIL_AFFAIRS, "46-3.5"),
    AidKind.CHARITY: Route(Department.CHARITY, "46-3.6"),
}
