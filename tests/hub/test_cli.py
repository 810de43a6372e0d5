"""The command `hub`, as an operator meets it: real processes on one data folder."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from auth.departments import DEPARTMENTS
from schema import sdl

FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
K-2,李四,410105195502020025,户主,410105001,城镇,经八路2号,640,低保对象
"""

Ran = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """A data folder of this file's own."""
    with TemporaryDirectory(prefix="hub-tests-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def run(data: Path, *arguments: str, **variables: str) -> Ran:
    """A command of the hub, wide enough that nothing is folded."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    return subprocess.run(
        [sys.executable, "-m", "hub.cli", *arguments],
        env={**kept, "HUB_DATA_DIR": str(data), "COLUMNS": "200", "NO_COLOR": "1", **variables},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def well(data: Path, *arguments: str) -> str:
    """What a command prints that succeeds."""
    done = run(data, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def told(done: Ran, code: int = 1) -> str:
    """What a command that fails tells, without a traceback."""
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


def _client(data: Path, *options: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(well(data, "client", "create", *options, "--json"))
    return made


# Help


@pytest.mark.parametrize(
    ("command", "teaches"),
    [
        ("", ["hub demo", "hub client create --agency education@410105", "一户(人)一条救助链"]),
        ("demo", ["invented data", "--households", "演示"]),
        ("serve", ["启动服务", "hub migrate", "hub keys create", "--port"]),
        ("migrate", ["newest schema", "升级数据库"]),
        ("import", ["导入", "hub import households", "UTF-8 or GB18030", "--report"]),
        ("permissions", ["权限矩阵", "auth/departments.toml"]),
        ("schema", ["SDL", "输出模式"]),
        ("errors", ["error code", "错误码"]),
        ("verify", ["chain", "核验救助链"]),
        ("keys create", ["HUB_KEYS_FILE", "Keep a copy"]),
        (
            "client create",
            ["登记客户端", "hub client create --agency education@410105 --scope household:read"],
        ),
        ("client list", ["列出客户端"]),
        ("client revoke", ["撤销客户端", "ten minutes"]),
    ],
)
def test_help_says_what_a_command_does_and_how_to_call_it(
    data: Path, command: str, teaches: list[str]
) -> None:
    said = " ".join(well(data, *command.split(), "--help").split())
    assert [one for one in teaches if one not in said] == []


# Clients


def test_a_client_is_made_listed_without_its_secret_and_revoked(data: Path) -> None:
    made = _client(
        data, "--agency", "education@410105", "--name", "学籍系统 [b]", "--scope", "household:read"
    )
    assert re.fullmatch(r"education-410105-[0-9a-f]{4}", made["client_id"])
    assert len(made["client_secret"]) >= 43, "256 random bits"
    assert made["scopes"] == ["household:read"]
    assert made["purposes"] == list(DEPARTMENTS["education"].purposes)

    listed = well(data, "client", "list")
    assert made["client_id"] in listed
    assert "学籍系统 [b]" in listed
    as_json = well(data, "client", "list", "--json")
    one = next(one for one in json.loads(as_json) if one["client_id"] == made["client_id"])
    assert one["revoked_at"] is None
    assert made["client_secret"] not in listed + as_json

    assert made["client_id"] in well(data, "client", "revoke", made["client_id"])
    after = json.loads(well(data, "client", "list", "--json"))
    assert next(one for one in after if one["client_id"] == made["client_id"])["revoked_at"]


def test_a_client_without_scopes_named_has_its_departments_whole_set(data: Path) -> None:
    assert set(_client(data, "--agency", "charity@4101")["scopes"]) == DEPARTMENTS["charity"].scopes


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--agency", "education@999999"], "UNKNOWN_AGENCY There is no agency education@999999"),
        (["--agency", "[/red]"], "UNKNOWN_AGENCY There is no agency [/red];"),
        (["--agency", "education@410105", "--scope", "person:reed"],
         "SCOPE_NOT_OF_DEPARTMENT A client of education cannot be given: person:reed."),
        (["--agency", "education@410105", "--scope", "person:read", "--scope", "person.health:read"],
         "SCOPE_NOT_OF_DEPARTMENT A client of education cannot be given: person.health:read."),
        (["--agency", "education@410105", "--purpose", "curiosity"], "PURPOSE_NOT_OF_DEPARTMENT"),
        (["--agency", "education@410105", "--name", "a\tb"], "INVALID_INPUT"),
    ],
)  # fmt: skip
def test_a_client_that_may_not_be_is_refused_in_a_line(
    data: Path, options: list[str], complaint: str
) -> None:
    before = well(data, "client", "list", "--json")
    done = run(data, "client", "create", *options, "--json")
    said = told(done)
    assert complaint in said
    assert len(said.splitlines()) == 2, "a line in each language"
    assert done.stdout == ""
    assert well(data, "client", "list", "--json") == before


def test_revoking_a_client_that_is_not_there_is_told(data: Path) -> None:
    assert "NOT_FOUND" in told(run(data, "client", "revoke", "education-410105-0000x"))


# Keys, and settings that cannot be used


def test_keys_are_made_once_for_their_owner_alone_and_never_replaced(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "a [b] folder" / "keys.json"
    made = run(data, "keys", "create", HUB_KEYS_FILE=str(file))
    assert (made.returncode, made.stdout) == (0, f"made {file}\n")
    assert file.stat().st_mode & 0o777 == 0o600
    keys = file.read_bytes()
    said = told(run(data, "keys", "create", HUB_KEYS_FILE=str(file)))
    assert f"{file} exists; keys are never replaced" in said
    assert file.read_bytes() == keys


@pytest.mark.parametrize(
    ("command", "variables", "complaint"),
    [
        (["verify"], {"HUB_CIPHER": "ROT13"}, "HUB_CIPHER String should match"),
        (["keys", "create"], {"HUB_POOL_SIZE": "0"}, "HUB_POOL_SIZE Input should be greater"),
        (["client", "list"], {"HUB_DATABASE_URL": "postgresql://127.0.0.1:1/hub"}, "ConnectionRefusedError"),
        (["migrate"], {"HUB_DATABASE_URL": "postgresql://127.0.0.1:1/hub"}, "connection failed"),
        (["migrate"], {"HUB_DATABASE_URL": "nonsense"}, "ArgumentError"),
        (["verify"], {"HUB_DATA_DIR": "/dev/null/hub"}, "NotADirectoryError"),
        (["serve"], {"HUB_KEYS_FILE": "/nowhere/keys.json"}, "KeysMissing /nowhere/keys.json"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_in_a_line(
    data: Path, command: list[str], variables: dict[str, str], complaint: str
) -> None:
    said = told(run(data, *command, **variables))
    assert complaint in said
    assert len(said.splitlines()) <= 2


# What it prints


def test_permissions_are_every_department_with_what_it_reads_and_writes(data: Path) -> None:
    printed = well(data, "permissions")
    assert [
        name for name, one in DEPARTMENTS.items() if name not in printed or one.name_zh not in printed
    ] == []
    as_json = json.loads(well(data, "permissions", "--json"))
    assert as_json == {name: sorted(one.scopes) for name, one in DEPARTMENTS.items()}


def test_schema_prints_the_sdl(data: Path) -> None:
    assert well(data, "schema") == sdl()


def test_errors_are_printed_as_the_documents_have_them(data: Path) -> None:
    committed = Path(__file__).parents[2] / "docs" / "errors.md"
    assert well(data, "errors") == committed.read_text(encoding="utf-8")


# Imports


def test_an_import_lands_again_changes_nothing_and_its_chains_hold(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "户籍.csv"
    file.write_text(FILE, encoding="utf-8")
    arguments = ("import", "households", str(file), "--agency", "civil_affairs@410105001")
    assert "2 rows: 2 landed (2 new or changed), 0 refused" in well(data, *arguments)
    assert "2 rows: 2 landed (0 new or changed), 0 refused" in well(data, *arguments)
    verified = well(data, "verify")
    assert "2 chains" in verified
    assert "0 broken" in verified


def test_refused_rows_are_listed_and_told_by_the_answer(data: Path, tmp_path: Path) -> None:
    file, report = tmp_path / "households.csv", tmp_path / "refused.csv"
    file.write_text(FILE.replace("410105195502020025", "410105195502020026"), encoding="utf-8")
    done = run(data, "import", "households", str(file), "--agency", "civil_affairs@410105001",
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
        (["households", "{folder}", "--agency", "civil_affairs@410105"], 2, "is a directory"),
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
    data: Path, tmp_path: Path, arguments: list[str], code: int, complaint: str
) -> None:
    places = {"folder": tmp_path, "file": tmp_path / "households.csv", "picture": tmp_path / "notes.csv"}
    places["file"].write_text(FILE, encoding="utf-8")
    places["picture"].write_text("nothing,of,it\n", encoding="utf-8")
    done = run(data, "import", *(one.format(**places) for one in arguments))
    assert complaint in told(done, code)


def test_a_command_that_there_is_not_is_told(data: Path) -> None:
    assert "No such command 'improt'" in told(run(data, "improt"), code=2)
