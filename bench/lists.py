"""W8 and W9: households that miss education aid, and those to visit first, in the whole city; a page, with and without the
count."""

from statistics import median
from typing import Any

import orjson

from bench.database import BenchDatabase, report_progress
from bench.load import alone
from bench.measure import Target, tokens_of
from bench.systems import running
from hub.evaluation.live.refreshing import refresh_stale
from hub.foundation.settings import Settings
from hub.service.serving import with_database

_TIMES = 9
_LISTS = {
    "W8": "households(filter: {missing: [EDUCATION]}, orderBy: {field: CODE}, first: 50) { %s nodes { code region { code } } }",
    "W9": "visitList(first: 50) { %s nodes { rank reasons household { code } } }",
}


def measure(on: BenchDatabase) -> dict[str, Any]:
    """Median milliseconds of single requests, once every household is evaluated."""
    with_database(on.urls, Settings(), refresh_stale)
    on.run("vacuum analyze live_household", "vacuum analyze live_entitlement")
    token = tokens_of("civil_affairs@4101", on)
    measured: dict[str, Any] = {}
    with running("hub", on) as hub:
        for name, question in _LISTS.items():
            measured[name] = {"hub": {}}
            for part, count in (("page", ""), ("with_count", "totalCount")):
                body = orjson.dumps({"query": "{ " + question % count + " }"}).decode()
                target = Target(hub, "/graphql", [body])
                took = [alone(target.url, token(), body) for _ in range(_TIMES)]
                measured[name]["hub"][f"{part}_ms"] = round(1000 * median(took), 1)
            report_progress(f"{name}: {measured[name]['hub']}")
    return measured
