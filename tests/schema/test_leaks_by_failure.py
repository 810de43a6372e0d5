"""Details of a failure in the database are not revealed: the caller gets an incident's id, and the log gets no values."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from hub.foundation.encryption import Keys
from hub.foundation.incidents import IncidentFormatter
from hub.foundation.settings import Settings
from tests.fixtures.served import Reply, Served, serve
from tests.journeys.conftest import Somebody, in_region
from tests.journeys.outcomes import RECORD_AID, RECORD_AIDS, grant_of_a_pupil

EDUCATION = "education@410105"
MEMBERS = "query ($c: String!) { household(code: $c) { code members { name idNumber } } }"
BY_REFERENCE = MEMBERS.removesuffix("}") + "viewer { client } }"
SECRET = {"externalId": "SECRET-EXTERNAL", "program": "秘密项目", "outcome": "秘密结果", "amount": "77123.45"}
OF_THE_DATABASE = re.compile(
    r"select |insert |copy |relation|constraint|permission denied|asyncpg|sqlalchemy|psycopg|hub_reader|hub_writer"
    r"|aid_record|timeout|household_id|traceback|\$\d",
    re.I,
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that the hub logs, in the format of `hub serve`."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(IncidentFormatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)


@contextmanager
def broken(served: Served, *statements: str) -> Iterator[psycopg.Connection]:
    """The owner's session. It breaks something in the test's own copy and holds locks there."""
    with psycopg.connect(served.database_url) as connection:
        for statement in statements:
            connection.execute(statement)
        yield connection


def a_subject(served: Served) -> Somebody:
    """A resident of the office's own county."""
    return in_region(served, "410105")[0]


def the_incident(reply: Reply, log: io.StringIO, secrets: list[str]) -> str:
    """The log entry of the only incident. The caller gets the incident's id and nothing else."""
    (error,) = reply.body["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    incident = error["extensions"]["incident"]
    assert error["message"] == f"The hub failed; the incident is {incident}."
    assert set(error["extensions"]) == {"code", "messageZh", "incident"}
    assert not OF_THE_DATABASE.search(str(reply.body)), reply.body
    told = log.getvalue()
    assert incident in told
    for secret in secrets:
        assert secret not in told, f"{secret} is in the log"
        assert secret not in str(reply.body)
    return told


@pytest.mark.parametrize(
    ("damage", "fact"),
    [
        ("revoke select on person from hub_reader", "sqlstate=42501"),
        ("alter table person rename column name to name_gone", "sqlstate=42703"),
        ("alter table person rename to person_gone", "sqlstate=42P01"),
    ],
    ids=["privilege", "column", "table"],
)
def test_a_read_that_the_database_refuses_tells_an_incident_and_no_more(
    writable_hub: Served, log: io.StringIO, damage: str, fact: str
) -> None:
    somebody = a_subject(writable_hub)
    with broken(writable_hub, damage) as owner:
        owner.commit()
    secrets = [somebody.household_code, somebody.id_number]
    compiled = writable_hub.ask(EDUCATION, MEMBERS, {"c": somebody.household_code})
    assert (compiled.status, compiled.body["data"]) == (200, {"household": None})
    assert compiled.body["errors"][0]["path"] == ["household"]
    assert fact in the_incident(compiled, log, secrets)
    by_reference = writable_hub.ask(EDUCATION, BY_REFERENCE, {"c": somebody.household_code})
    assert by_reference.body["data"]["household"]["members"] is None
    assert log.getvalue().count(fact) > 1
    assert somebody.household_code == by_reference.body["data"]["household"]["code"]
    the_incident(by_reference, log, secrets[1:])
    by_number = "query ($n: String!) { person(idNumber: $n) { name } }"
    reply = writable_hub.ask(EDUCATION, by_number, {"n": somebody.id_number})
    the_incident(reply, log, secrets)


@pytest.mark.parametrize(
    ("damage", "fact"),
    [
        ("alter table aid_record add constraint small check (amount < 77000) not valid", "constraint_name=small"),
        ("alter table aid_record alter amount type numeric(6, 2) using 1", "sqlstate=22003"),
        ("alter table aid_record alter program type varchar(3) using 'x'", "sqlstate=22001"),
        ("create unique index only_one on aid_record (program) where program = '秘密项目'", "constraint_name=only_one"),
        ("alter table aid_record add missing text; alter table aid_record add check (missing is not null) not valid",
         "sqlstate=23514"),
        ("revoke insert on aid_record from hub_writer", "sqlstate=42501"),
    ],
    ids=["check", "overflow", "too-long", "unique", "whole-row", "privilege"],
)  # fmt: skip
def test_a_write_that_the_database_refuses_tells_no_value_to_the_caller_or_the_log(
    writable_hub: Served, log: io.StringIO, damage: str, fact: str
) -> None:
    somebody = a_subject(writable_hub)
    with broken(writable_hub, damage) as owner:
        owner.commit()
    before = writable_hub.everything_written()
    one = grant_of_a_pupil({"personId": somebody.person_id}, **SECRET)
    given: dict[str, Any] = {"outcomes": [one, one | {"externalId": "SECRET-OTHER"}]}
    reply = writable_hub.ask(EDUCATION, RECORD_AIDS, {"input": given})
    told = the_incident(
        reply, log, [*SECRET.values(), "SECRET-OTHER", "文化路中等职业学校", somebody.id_number]
    )
    assert fact in told
    assert reply.body["data"] == {"recordAids": None}
    assert writable_hub.everything_written() == before, "nothing is half-written"


def test_a_statement_that_takes_too_long_says_so_and_no_more(
    sample_copy_url: str, settings: Settings, keys: Keys, log: io.StringIO
) -> None:
    impatient = settings.model_copy(update={"statement_timeout_ms": 300})
    with serve(sample_copy_url, impatient, keys) as served:
        somebody = a_subject(served)
        one = grant_of_a_pupil({"personId": somebody.person_id}, **SECRET)
        with broken(served, "lock table person in access exclusive mode"):
            reads = served.ask(EDUCATION, MEMBERS, {"c": somebody.household_code})
            writes = served.ask(EDUCATION, RECORD_AID, {"input": one})
        assert served.ask(EDUCATION, MEMBERS, {"c": somebody.household_code}).data["household"]
    for reply in (reads, writes):
        assert reply.codes == ["TIMEOUT"]
        told = {**reply.body, "errors": [{**reply.body["errors"][0], "extensions": {}}]}
        assert not re.search(r"statement|canceling|person|select", str(told["errors"][0]["message"]), re.I)
        assert not any(secret in log.getvalue() for secret in SECRET.values())


@pytest.mark.timeout(60)
def test_a_lock_that_is_not_given_says_try_again_and_no_more(writable_hub: Served, log: io.StringIO) -> None:
    """Four attempts of five seconds each: the only slow test in this module."""
    somebody = a_subject(writable_hub)
    one = grant_of_a_pupil({"personId": somebody.person_id}, **SECRET)
    with broken(writable_hub, "select from household for update"):
        refused = writable_hub.ask(EDUCATION, RECORD_AID, {"input": one}).data["recordAid"]
    (error,) = refused["errors"]
    assert (error["code"], refused["aidRecord"]) == ("BUSY", None)
    assert "Try again in 2 s" in error["message"]
    assert not OF_THE_DATABASE.search(str(error))
    assert not any(secret in log.getvalue() + str(error) for secret in SECRET.values())
    kept = writable_hub.ask(EDUCATION, RECORD_AID, {"input": one}).data["recordAid"]
    assert kept["aidRecord"], "once the lock is gone, the same outcome is kept"


def test_the_access_record_of_a_failure_names_no_row(writable_hub: Served) -> None:
    somebody = a_subject(writable_hub)
    with broken(writable_hub, "revoke select on person from hub_reader") as owner:
        owner.commit()
    writable_hub.ask(EDUCATION, MEMBERS, {"c": somebody.household_code})
    record = "select outcome, code, rows, household_ids from access_record order by at desc limit 1"
    assert writable_hub.rows(record) == [("FAILED", "INTERNAL", 0, [])]
