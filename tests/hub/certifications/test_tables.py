"""Certifications that the database itself refuses, whoever writes them."""

import psycopg
import pytest

from hub.foundation.database import table_of
from hub.model.certifications import CertificationRow
from tests.fixtures.served import Served


def beside(served: Served, changes: dict[str, str]) -> list[tuple[object, ...]]:
    """Insert a copy of the certification of a household that is covered whole, with another id and with these expressions
    changed."""
    columns = {column.name: column.name for column in table_of(CertificationRow).columns}
    columns |= {"id": "gen_random_uuid()", **changes}
    return served.rows(
        f"insert into certification ({', '.join(columns)}) select {', '.join(columns.values())} from certification"
        " where category = 'SUBSISTENCE_ALLOWANCE' and person_id is null and ended_on is null order by id limit 1"
        " returning category"
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "uq_certification_current"),
        ({"ended_on": "valid_from - 1", "ended_because": "'MISTAKE'"}, "ck_certification_ending"),
        ({"ended_on": "valid_from"}, "ck_certification_ended_for_a_reason"),
        ({"ended_on": "valid_from", "ended_because": "'WHIM'"}, "ck_certification_endreason"),
        ({"valid_until": "valid_from - 1"}, "ck_certification_validity"),
        ({"category": "'EXTREME_HARDSHIP'"}, "ck_certification_of_persons"),
        ({"certified_amount": "0"}, "ck_certification_certified_amount"),
        ({"category": "'POVERTY_RELAPSE_MONITORED'"}, "ck_certification_subtype"),
        ({"support": "'DISPERSED'"}, "ck_certification_support_of_extreme_hardship"),
    ],
)
def test_a_certification_that_cannot_stand_is_refused_by_the_database(
    writable_hub: Served, changes: dict[str, str], constraint: str
) -> None:
    with pytest.raises(psycopg.IntegrityError) as refused:
        beside(writable_hub, changes)
    assert refused.value.diag.constraint_name == constraint


def test_another_category_stands_beside_it(writable_hub: Served) -> None:
    assert beside(writable_hub, {"category": "'OTHER_HARDSHIP'"}) == [("OTHER_HARDSHIP",)]
