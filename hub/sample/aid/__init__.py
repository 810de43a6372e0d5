"""Aid of the sample, one file for each kind of 46-3."""

from collections.abc import Callable

from hub.sample.aid.basic_living import give_basic_living
from hub.sample.aid.charity import give_charity
from hub.sample.aid.disaster import give_disaster_aid
from hub.sample.aid.education import give_education_aid
from hub.sample.aid.employment import give_employment_aid
from hub.sample.aid.housing import give_housing_aid
from hub.sample.aid.medical import give_medical_aid
from hub.sample.aid.other import give_other_aid
from hub.sample.aid.service import give_services
from hub.sample.aid.temporary import give_temporary_aid
from hub.sample.story import Story

GIVERS: tuple[Callable[[Story], None], ...] = (
    give_basic_living,
    give_medical_aid,
    give_education_aid,
    give_housing_aid,
    give_employment_aid,
    give_disaster_aid,
    give_temporary_aid,
    give_services,
    give_other_aid,
    give_charity,
)
"""In the order of the clauses."""
