"""No log contains a personal value, neither the hub's nor PostgreSQL's, after many refusals and failures."""

import io
from pathlib import Path

import psycopg
import pytest

from hub.foundation.encryption import Keys, Secrecy, place_of
from tests.conftest import TestCluster
from tests.fixtures.served import Served
from tests.schema.desk import Desk
from tests.schema.inputs_that_are_kept import KEPT
from tests.schema.test_leaks_by_failure import broken, log

__all__ = ["log"]
OFFICE = "civil_affairs@4101"
BY_NUMBER = "query ($n: String!) { person(idNumber: $n) { name household { code address } } }"
BY_CODE = "query ($c: String!) { household(code: $c) { code address members { name idNumber phone } } }"
DAMAGE = (
    "alter table person add constraint nobody check (name = '') not valid",
    "alter table household add constraint nowhere check (address = '') not valid",
    "alter table aid_record add constraint nothing check (program = '') not valid",
    "alter table referral add constraint unneeded check (reason = '') not valid",
    "revoke insert on chain_event from hub_writer",
)


def of_persons(served: Served, keys: Keys) -> set[str]:
    """The values of the sample's persons and households, in plain text."""
    secrecy, found = Secrecy(keys), set[str]()
    for id, name, number, phone, account in served.rows(
        "select id, name, id_number_sealed, phone_sealed, account_sealed from person"
    ):
        found.add(name)
        for kind, sealed in (("id_number", number), ("phone", phone), ("account", account)):
            if sealed is not None:
                found.add(secrecy.open(sealed, place_of(f"person.{kind}", id.bytes)))
    for row in served.rows("select code, address from household"):
        found |= set(row) - {None}
    return found


def postgres_log(cluster: TestCluster) -> Path:
    """The log of the embedded server."""
    with psycopg.connect(cluster.administration) as connection:
        folder = connection.execute("show data_directory").fetchall()[0][0]
    return Path(folder).parent / "postgres.log"


def test_no_log_holds_a_value_of_a_person(
    writable_hub: Served, keys: Keys, cluster: TestCluster, log: io.StringIO
) -> None:
    file = postgres_log(cluster)
    if not file.exists():
        pytest.skip("the server is not the hub's own")
    persons, desk = of_persons(writable_hub, keys), Desk(writable_hub)
    numbers = [person for person in persons if len(person) == 18][:20]
    codes = [code for (code,) in writable_hub.rows("select code from household limit 20")]
    busy = [(agency, mutation, make(desk)) for mutation, agency, make in KEPT[:12]]
    failed = 0
    for damage in ("select 1", *DAMAGE):
        with broken(writable_hub, damage) as owner:
            owner.commit()
        for number in numbers:
            writable_hub.ask(OFFICE, BY_NUMBER, {"n": number})
        for code in codes:
            writable_hub.ask(OFFICE, BY_CODE, {"c": code})
        for agency, mutation, variables in busy:
            reply = desk.send(
                agency,
                mutation,
                {**variables, "externalId": desk.number()} if "externalId" in variables else variables,
            )
            failed += "INTERNAL" in reply.codes
    assert failed, "something failed in the database"
    hub_log, server_log = log.getvalue(), file.read_text(errors="replace")
    assert "incident" in hub_log
    assert len(persons) > 1000
    for where, text in (("the hub's log", hub_log), ("PostgreSQL's log", server_log)):
        assert [person for person in persons if person in text][:3] == [], where
