"""Random commands of random agencies keep to the model: no illegal step, no write outside a kind or a jurisdiction, every
chain verifies, and entitlements agree with a plain evaluation.

`make test` runs eight lives with a fixed seed. `HUB_FUZZ_EXAMPLES` draws other lives, one for every 50 examples (`make fuzz`:
400 lives). A failure prints its steps and the seed: `HUB_FUZZ_SEED` draws the same lives again, and HUB_FUZZ_SHRINK=1 then
searches for the shortest life that fails.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar
from uuid import uuid4

import anyio
import pytest
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.settings import Settings
from hub.model.aid import AidKind
from hub.model.alerts import Disposition
from hub.sample.make import make_sample
from hub.sample.planted import PLANTED, Planted, planted_codes
from tests.conftest import TestCluster
from tests.stateful.machine import Chains
from tests.stateful.world import World

LIVES = max(8, int(os.environ.get("HUB_FUZZ_EXAMPLES") or "0") // 50)
SEED = int(
    os.environ.get("HUB_FUZZ_SEED")
    or (random.randrange(2**32) if os.environ.get("HUB_FUZZ_EXAMPLES") else 46)
)
PHASES = [Phase.generate, Phase.shrink] if os.environ.get("HUB_FUZZ_SHRINK") else [Phase.generate]
CODES = tuple(
    planted_codes()[case][0]
    for case in (Planted.DUPLICATE_ACROSS_DISTRICTS, Planted.OVERDUE_REFERRAL, Planted.DECEASED_RECIPIENT)
)
"""Two households in 金水区 and one in 巩义市."""

KEPT = {
    *(f"record_aid {kind}" for kind in AidKind),
    *(f"dispose {way}" for way in Disposition),
    *("amend_aid", "revoke_aid", "supply_papers", "open_recovery", "record_repayment", "waive_recovery"),
    *("certify", "terminate", "create_referral", "take_a_step", "submit_application"),
    *("raise_alert", "record_visit", "open_conference", "close_conference"),
}
"""Commands of which a run must store at least one each; otherwise it checked too little."""


@pytest.fixture(scope="module")
def small_template(
    cluster: TestCluster, template: str, settings: Settings, secrecy: Secrecy
) -> Iterator[str]:
    """A database with the planted households alone, to be cloned for each life."""
    name = f"hub_stateful_{uuid4().hex[:8]}"

    async def fill() -> None:
        database = Database(cluster.create(name, template), settings)
        await make_sample(database, secrecy, len(PLANTED), 1, today(), lambda _done, _total: None)
        await database.close()

    anyio.run(fill)
    yield name
    cluster.drop(name)


def test_whatever_agencies_send_the_chains_stay_what_they_may_be(
    cluster: TestCluster, small_template: str, settings: Settings, secrecy: Secrecy
) -> None:
    loop = asyncio.new_event_loop()

    class Lives(Chains):
        """Each life has a database of its own."""

        kept: ClassVar[Counter[str]] = Counter()

        def __init__(self) -> None:
            self.name = f"{small_template}_{uuid4().hex[:8]}"
            url = cluster.create(self.name, small_template)
            self.world = World(url, Database(url, settings), secrecy, loop)
            self.codes = CODES
            super().__init__()

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                loop.run_until_complete(self.world.database.close())
                cluster.drop(self.name)

    print(f"HUB_FUZZ_SEED={SEED}")
    lives = hypothesis_settings(
        max_examples=LIVES,
        stateful_step_count=25,
        deadline=None,
        print_blob=True,
        database=None,
        phases=PHASES,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(SEED)(Lives), settings=lives)
    print(dict(sorted(Lives.kept.items())))
    assert not KEPT - Lives.kept.keys(), "commands of which none was kept"
    loop.close()
