"""The keys of a hub belong to its database. Lost keys, another hub's keys and older keys are refused, each with a sentence,
and nothing is encrypted, decrypted or signed with them."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hub.foundation.encryption import Keys
from hub.persons.identity_number import check_digit
from tests.conftest import TestCluster
from tests.fixtures.installation import Installation, installation, told

OFFICE = "civil_affairs@410105001"
HEADER = "户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别\n"
HOUSEHOLD = "K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象\n"


@pytest.fixture
def hub(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """An installation with keys."""
    with installation(cluster, template) as made:
        yield made


def imported(hub: Installation, *more: str) -> None:
    """Import a household."""
    file = hub.folder / "户籍.csv"
    file.write_text(HEADER + HOUSEHOLD)
    hub.well("import", "households", str(file), "--agency", OFFICE, *more)


def persons(hub: Installation) -> int:
    """The number of persons."""
    return hub.count("person")


COMMANDS = ("verify", "client list", "visits list --region 410105001 --agency " + OFFICE)


def test_another_hubs_keys_are_refused_by_every_command(hub: Installation, tmp_path: Path) -> None:
    imported(hub)
    Keys.create().save(tmp_path / "other.json")
    for command in COMMANDS:
        message = told(hub.run(*command.split(), HUB_KEYS_FILE=str(tmp_path / "other.json")))
        assert message.startswith("KEYS_OF_ANOTHER_HUB"), command
        assert "data.1, index" in message or "cursor, data.1, index" in message
    for command in COMMANDS:
        hub.well(*command.split())


def test_a_citizen_is_not_registered_again_under_another_hubs_keys(hub: Installation, tmp_path: Path) -> None:
    imported(hub)
    Keys.create().save(tmp_path / "other.json")
    arguments = ("import", "households", str(hub.folder / "户籍.csv"), "--agency", OFFICE)
    assert told(hub.run(*arguments, HUB_KEYS_FILE=str(tmp_path / "other.json"))).startswith("KEYS_OF_ANOTHER")
    assert persons(hub) == 1


def test_lost_keys_are_not_made_anew(hub: Installation) -> None:
    imported(hub)
    shutil.move(hub.folder / "keys.json", hub.folder / "keys.kept")
    message = told(hub.run("import", "households", str(hub.folder / "户籍.csv"), "--agency", OFFICE))
    assert message.startswith("KEYS_LOST")
    assert "put a copy back" in message
    assert not (hub.folder / "keys.json").exists()
    shutil.move(hub.folder / "keys.kept", hub.folder / "keys.json")
    imported(hub)


def test_a_database_filled_before_there_were_check_values_takes_its_own_keys_and_no_others(
    hub: Installation, tmp_path: Path
) -> None:
    imported(hub)
    with psycopg.connect(hub.database_url) as connection:
        connection.execute("delete from key_check")
    Keys.create().save(tmp_path / "other.json")
    for command in COMMANDS:
        message = told(hub.run(*command.split(), HUB_KEYS_FILE=str(tmp_path / "other.json")))
        assert message.startswith("KEYS_OF_ANOTHER_HUB")
    hub.well("verify")
    assert hub.count("key_check") == 4


def test_a_rotation_distributes_first_and_uses_second(hub: Installation, tmp_path: Path) -> None:
    imported(hub)
    before = tmp_path / "before.json"
    shutil.copy(hub.folder / "keys.json", before)
    hub.well("keys", "add")
    assert sealing(hub) == [1]
    hub.well("verify")
    listed = hub.well("keys", "list")
    assert "data.1  seals" in listed
    assert "data.2  opens" in listed
    assert listed.count("verifies") == 1
    hub.well("keys", "use")
    used = hub.well("keys", "list")
    assert "data.2  seals" in used
    number = "41010519500101002" + check_digit("41010519500101002")
    another = HOUSEHOLD.replace("K-1", "K-2").replace("410105195001010013", number)
    (hub.folder / "户籍.csv").write_text(HEADER + another)
    hub.well("import", "households", str(hub.folder / "户籍.csv"), "--agency", OFFICE)
    assert sealing(hub) == [1, 2]
    message = told(hub.run("verify", HUB_KEYS_FILE=str(before)))
    assert message.startswith("KEYS_INCOMPLETE")
    assert "data.2" in message
    file = (hub.folder / "keys.json").read_bytes()
    hub.well("keys", "use")
    assert (hub.folder / "keys.json").read_bytes() == file, "again changes nothing"
    assert (hub.folder / "keys.json").stat().st_mode & 0o777 == 0o600


def sealing(hub: Installation) -> list[int]:
    """The numbers of the keys with which identity numbers are encrypted."""
    with psycopg.connect(hub.database_url) as connection:
        rows = connection.execute("select id_number_sealed from person").fetchall()
    return sorted({int.from_bytes(bytes(sealed)[1:3]) for (sealed,) in rows})


def test_a_keys_file_from_before_rotation_seals_with_its_highest_key(tmp_path: Path) -> None:
    keys = Keys.create().with_new()
    keys.save(tmp_path / "keys.json")
    raw = json.loads((tmp_path / "keys.json").read_text())
    del raw["sealing"]
    (tmp_path / "keys.json").write_text(json.dumps(raw))
    assert Keys.load(tmp_path / "keys.json").sealing == 2
