"""Every finding and near misses of each, planted in one database: every finding is found, and no near miss by a day or a
cent. Among all planted homes, nothing is found that a plain reading of the policy does not find (precision and recall 1.0)."""

from collections import defaultdict
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import dict_row

from hub.model.alerts import Finding
from tests.conftest import TestCluster
from tests.hub.evaluation.entitlements.families import families
from tests.hub.evaluation.monitoring.homes import DAY, Home
from tests.hub.evaluation.monitoring.oracle import facts
from tests.hub.evaluation.monitoring.test_against_python import found
from tests.hub.evaluation.monitoring.test_first_and_last_days import CASES


def test_what_was_planted_is_found_and_no_near_miss_and_nothing_else(
    cluster: TestCluster, template: str
) -> None:
    name = f"hub_planted_{uuid4().hex[:8]}"
    planted: defaultdict[Finding, dict[bool, set[UUID]]] = defaultdict(lambda: {True: set(), False: set()})
    with psycopg.connect(cluster.create(name, template)) as connection:
        for finding, day, _, made, is_one in CASES:
            if day == DAY:
                planted[finding][is_one].add(made(Home(connection)).id)
        with connection.cursor(row_factory=dict_row) as cursor:
            lines = cursor.execute("select * from poverty_line").fetchall()
        ours, plain = found(connection, DAY), facts(families(connection), lines, DAY)
        connection.rollback()
    cluster.drop(name)
    for finding, homes in planted.items():
        assert homes[True], f"{finding} was not planted"
        assert homes[False], f"{finding} has no near miss"
        households = {household for household, _, _ in ours[finding.value]}
        assert homes[True] <= households, f"{finding} was planted and not found"
        assert not homes[False] & households, f"{finding} was found of a near miss"
    for name_of_finding, everything in ours.items():
        if name_of_finding != Finding.DUPLICATE_AID:  # the plain reading finds pairs with a case too
            assert everything == plain.get(name_of_finding, set()), name_of_finding
