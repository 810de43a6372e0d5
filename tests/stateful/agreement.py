"""What must be true at the end of a life: tables, chains, sight, running aid and entitlements agree with the model."""

from collections.abc import Sequence

import psycopg

from hub.foundation.calendar import today
from tests.hub.evaluation.entitlements.families import families, told
from tests.hub.evaluation.entitlements.oracle import Evaluation
from tests.hub.policy.permissions.reasons import ON_DUTY
from tests.stateful.model import IN_CHARGE, Model, department, region, rows_of
from tests.stateful.world import World


def agree(world: World, model: Model, agencies: Sequence[str]) -> None:
    """Fails if the database and the model differ."""
    ids = [one.id for one in model.homes]
    held, expected = world.held(model), rows_of(model)
    assert held == expected
    assert world.chains_hold(ids)
    query = f"select agency_id, household_id from {ON_DUTY} s where household_id = any(%s)"
    shown = set(world.rows(query, ids))
    for home in model.homes:
        for agency in agencies:
            really = home.region.startswith(region(agency)) or (agency, home.id) in shown
            assert really == model.sees(agency, home.id), (agency, home.region)
    for agency, kind in world.rows("select distinct agency_id, kind from aid_record"):
        assert department(agency) in IN_CHARGE[kind]
    for certification in model.certifications:
        if certification.ended:
            assert world.flagged("civil_affairs@4101", certification.key) == world.running_on(
                certification.key
            )
    with psycopg.connect(world.url) as connection:
        ours = told(connection, today(), ids)
        evaluated = {
            id: {(rule, person or id, status) for rule, person, status in ours.get(id, [])} for id in ids
        }
        before = world.kept(ids)
        assert before == {id: evaluated[id] for id in before}
        world.evaluate()
        assert world.kept(ids) == evaluated
        for family in families(connection, ids):
            plain = Evaluation(family, today()).claims()
            assert sorted(ours.get(family.household["id"], []), key=str) == sorted(plain, key=str)
