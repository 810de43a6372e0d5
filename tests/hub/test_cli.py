"""The command `hub`, as an operator meets it: real processes on one data folder and one given database.

Commands on the embedded database are in tests/test_durability.py; it would start and stop here for each of them.
"""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from auth.departments import DEPARTMENTS
from hub.cli import app, client_app, keys_app
from schema import sdl
from tests.conftest import TestCluster

FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
K-2,李四,410105195502020025,户主,410105001,城镇,经八路2号,640,低保对象
"""

Ran = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Installation:
    """A data folder with keys, and a migrated database."""

    folder: Path
    database_url: str

    def run(self, *arguments: str, **variables: str) -> Ran:
        """A command of the hub, wide enough that nothing is folded."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
        own = {"HUB_DATA_DIR": str(self.folder), "HUB_DATABASE_URL": self.database_url, "NO_COLOR": "1"}
        return subprocess.run(
            [sys.executable, "-m", "hub.cli", *arguments], env={**kept, **own, "COLUMNS": "200", **variables},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def well(self, *arguments: str) -> str:
        """What a command prints that succeeds."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def count(self, table: str) -> int:
        """How many rows a table has."""
        with psycopg.connect(self.database_url) as connection:
            query = sql.SQL("select count(*) from {}").format(sql.Identifier(table))
            return int(connection.execute(query).fetchall()[0][0])


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """The installation of this file."""
    name = f"hub_cli_{uuid4().hex[:12]}"
    with TemporaryDirectory(prefix="hub-tests-") as folder:
        Path(folder).chmod(0o711)
        installed = Installation(Path(folder), cluster.create(name, template))
        installed.well("keys", "create")
        yield installed
    cluster.drop(name)


def told(done: Ran, code: int = 1) -> str:
    """What a command that fails tells, without a traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


# Help

TEACHES = {
    "": ["hub demo", "hub client create --agency education@410105", "一户(人)一条救助链"],
    "demo": ["invented data", "--households", "演示"],
    "serve": ["启动服务", "hub migrate", "hub keys create", "--port"],
    "migrate": ["newest schema", "升级数据库"],
    "import": ["导入", "hub import households", "UTF-8 or GB18030", "--report"],
    "permissions": ["权限矩阵", "auth/departments.toml"],
    "schema": ["SDL", "输出模式"],
    "errors": ["error code", "错误码"],
    "verify": ["chain", "核验救助链"],
    "keys create": ["HUB_KEYS_FILE", "Keep a copy"],
    "client create": ["登记客户端", "hub client create --agency education@410105 --scope household:read"],
    "client list": ["列出客户端"],
    "client revoke": ["撤销客户端", "ten minutes"],
}


def test_help_says_of_every_command_what_it_does_and_how_to_call_it(hub: Installation) -> None:
    groups = {"client": client_app, "keys": keys_app}
    commands = {str(one.name or one.callback.__name__) for one in app.registered_commands if one.callback}
    for group, commands_of in groups.items():
        commands |= {f"{group} {one.name}" for one in commands_of.registered_commands}
    assert commands | {""} == set(TEACHES)
    with ThreadPoolExecutor(4) as several:
        said = several.map(lambda command: hub.well(*command.split(), "--help"), TEACHES)
        for command, printed in zip(TEACHES, said, strict=True):
            words = " ".join(printed.split())
            assert [one for one in TEACHES[command] if one not in words] == [], command


# Clients


def test_a_client_is_made_listed_without_its_secret_and_revoked(hub: Installation) -> None:
    options = (
        "--agency",
        "education@410105",
        "--name",
        "学籍系统 [b]",
        "--scope",
        "household:read",
        "--json",
    )
    made: dict[str, Any] = json.loads(hub.well("client", "create", *options))
    assert re.fullmatch(r"education-410105-[0-9a-f]{4}", made["client_id"])
    assert len(made["client_secret"]) >= 43, "256 random bits"
    assert made["scopes"] == ["household:read"]
    assert made["purposes"] == list(DEPARTMENTS["education"].purposes)

    listed = hub.well("client", "list")
    assert made["client_id"] in listed
    assert "学籍系统 [b]" in listed

    assert made["client_id"] in hub.well("client", "revoke", made["client_id"])
    as_json = hub.well("client", "list", "--json")
    one = next(one for one in json.loads(as_json) if one["client_id"] == made["client_id"])
    assert one["revoked_at"]
    assert made["client_secret"] not in listed + as_json


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--agency", "education@999999[/red]"], "UNKNOWN_AGENCY There is no agency education@999999[/red];"),
        (["--agency", "education@410105", "--scope", "person:read", "--scope", "person.health:read", "--scope", "x"],
         "SCOPE_NOT_OF_DEPARTMENT A client of education cannot be given: person.health:read, x."),
        (["--agency", "education@410105", "--purpose", "curiosity"],
         "PURPOSE_NOT_OF_DEPARTMENT A client of education may claim only these purposes: education-aid, monitoring."),
    ],
)  # fmt: skip
def test_a_client_that_may_not_be_is_refused_in_a_line(
    hub: Installation, options: list[str], complaint: str
) -> None:
    before = hub.count("oauth_client")
    done = hub.run("client", "create", *options, "--json")
    said = told(done)
    assert complaint in said
    assert len(said.splitlines()) == 2, "a line in each language"
    assert done.stdout == ""
    assert hub.count("oauth_client") == before


def test_revoking_a_client_that_is_not_there_is_told(hub: Installation) -> None:
    assert "NOT_FOUND" in told(hub.run("client", "revoke", "education-410105-0000x"))


# Keys, and settings that cannot be used


def test_keys_are_made_once_for_their_owner_alone_and_never_replaced(
    hub: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "a [b] folder" / "keys.json"
    made = hub.run("keys", "create", HUB_KEYS_FILE=str(file))
    assert (made.returncode, made.stdout) == (0, f"made {file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    keys = file.read_bytes()
    said = told(hub.run("keys", "create", HUB_KEYS_FILE=str(file)))
    assert f"{file} exists; keys are never replaced" in said
    assert file.read_bytes() == keys


@pytest.mark.parametrize(
    ("command", "variables", "complaint"),
    [
        (["verify"], {"HUB_CIPHER": "ROT13"}, "HUB_CIPHER String should match"),
        (["keys", "create"], {"HUB_POOL_SIZE": "0"}, "HUB_POOL_SIZE Input should be greater"),
        (["client", "list"], {"HUB_DATABASE_URL": "postgresql://127.0.0.1:1/hub"}, "ConnectionRefusedError"),
        (["migrate"], {"HUB_DATABASE_URL": "nonsense"}, "ArgumentError"),
        (["serve"], {"HUB_KEYS_FILE": "/nowhere/keys.json"}, "KeysMissing /nowhere/keys.json"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_a_line(
    hub: Installation, command: list[str], variables: dict[str, str], complaint: str
) -> None:
    said = told(hub.run(*command, **variables))
    assert complaint in said
    assert len(said.splitlines()) <= 2


# What it prints


def test_permissions_are_every_department_with_what_it_reads_and_writes(hub: Installation) -> None:
    printed = hub.well("permissions")
    assert [
        name for name, one in DEPARTMENTS.items() if name not in printed or one.name_zh not in printed
    ] == []
    as_json = json.loads(hub.well("permissions", "--json"))
    assert as_json == {name: sorted(one.scopes) for name, one in DEPARTMENTS.items()}


def test_schema_prints_the_sdl(hub: Installation) -> None:
    assert hub.well("schema") == sdl()


# Imports


def test_an_import_lands_again_changes_nothing_and_its_chains_hold(hub: Installation, tmp_path: Path) -> None:
    file = tmp_path / "户籍.csv"
    file.write_text(FILE, encoding="utf-8")
    arguments = ("import", "households", str(file), "--agency", "civil_affairs@410105001")
    assert "2 rows: 2 landed (2 new or changed), 0 refused" in hub.well(*arguments)
    assert "2 rows: 2 landed (0 new or changed), 0 refused" in hub.well(*arguments)
    verified = hub.well("verify")
    assert "2 chains" in verified
    assert "0 broken" in verified


def test_refused_rows_are_listed_and_told_by_the_answer(hub: Installation, tmp_path: Path) -> None:
    file, report = tmp_path / "households.csv", tmp_path / "refused.csv"
    file.write_text(FILE.replace("410105195502020025", "410105195502020026"), encoding="utf-8")
    done = hub.run("import", "households", str(file), "--agency", "civil_affairs@410105001",
               "--report", str(report))  # fmt: skip
    told(done, code=3)
    assert "1 refused" in done.stdout
    with report.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert len(rows) == 2
    assert "410105195502020026" not in report.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["households", "{folder}/missing.csv", "--agency", "civil_affairs@410105"], 2, "does not exist"),
        (["houses", "{file}", "--agency", "civil_affairs@410105"], 2, "households"),
        (
            ["households", "{file}", "--agency", "civil_affairs@410105", "--region", "410105"],
            2,
            "No such option",
        ),
        (["households", "{file}"], 2, "--agency"),
        (["households", "{file}", "--agency", "civil_affairs@999999"], 1, "UNKNOWN_AGENCY"),
        (["households", "{file}", "--agency", "education@410105"], 1, "household:write"),
        (["households", "{picture}", "--agency", "civil_affairs@410105"], 1, "HEADER_NOT_FOUND"),
    ],
)
def test_an_import_that_cannot_be_taken_is_told_and_changes_nothing(
    hub: Installation, tmp_path: Path, arguments: list[str], code: int, complaint: str
) -> None:
    places = {"folder": tmp_path, "file": tmp_path / "households.csv", "picture": tmp_path / "notes.csv"}
    places["file"].write_text(FILE, encoding="utf-8")
    places["picture"].write_text("nothing,of,it\n", encoding="utf-8")
    done = hub.run("import", *(one.format(**places) for one in arguments))
    assert complaint in told(done, code)


def test_a_command_that_there_is_not_is_told(hub: Installation) -> None:
    assert "No such command 'improt'" in told(hub.run("improt"), code=2)
