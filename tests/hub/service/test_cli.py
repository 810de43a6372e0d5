"""The command `hub` as operators use it: real processes with one data folder and one external database.

Commands on the embedded database are in tests/hub/service/test_beside_a_running_hub.py and tests/test_durability.py.
"""

import csv
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
import typer
from rich.cells import cell_len

from auth.departments import DEPARTMENTS
from hub.foundation.private_files import new_private
from hub.foundation.words import write_words
from hub.service.cli import app
from hub.service.cli.help import command_of, commands_of
from hub.service.cli.imports import ImportWord
from schema import sdl
from tests.conftest import TestCluster
from tests.fixtures.installation import Installation, installation, told
from tests.fixtures.served import free_port
from tests.policy import FACTS_OF_FINDINGS

CHINESE = re.compile("[一-鿿]")
FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
K-2,李四,410105195502020025,户主,410105001,城镇,经八路2号,640,低保对象
"""


@pytest.fixture(scope="module")
def hub(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """The installation of this file."""
    with installation(cluster, template) as installed:
        yield installed


# Help

TEACHES = {
    "": ["hub demo", "hub client create --agency education@410105", "一户(人)一条救助链"],
    "demo": ["invented data", "--households", "启动演示"],
    "serve": ["启动服务", "hub migrate", "hub keys create", "--port", "--workers"],
    "migrate": ["newest schema", "升级数据库"],
    "import households": ["导入单位报送的文件", "UTF-8 or GB18030", "--dry-run", "Exit code 0"],
    "import undo": ["整批撤销一次导入", "hub import undo", "with their number"],
    "import template": ["生成导入模板", "hub import template households", "never imported", "--agency"],
    "permissions": ["权限矩阵", "auth/departments.toml"],
    "permissions explain": [
        "smallest scope sets",
        "文档所需权限",
        "hub permissions explain query.graphql",
        "exit code 3",
    ],
    "permissions withdraw-check": ["would break", "撤销权限的影响", "Exit code 3"],
    "schema": ["SDL", "输出接口模式"],
    "errors": ["error code", "错误码"],
    "glossary": ["what each code means", "术语与代码"],
    "verify": ["chain", "核验救助链", "last anchored checkpoint"],
    "seal": ["verifier key", "立即封存"],
    "proof log": ["whole log", "hub verify --log", "导出整个日志"],
    "proof export": ["the code of a household", "proof_verifier.py", "离线核验"],
    "bench": ["python -m bench W1 --households 1000000", "--soak", "--rounds"],
    "coverage": ["应享救助和落实情况", "As in 2026-11", "continues where it stopped"],
    "schedule": ["定时任务", "HUB_SCHEDULE", "repeated after ten minutes"],
    "monitor run": ["运行监测", "again changes nothing", "--finding", "hub monitor rules"],
    "monitor rules": ["规则清单", "its clause"],
    "referrals remind": ["催办", "two working days", "each once"],
    "referrals diagram": ["状态图", "docs/referrals.md"],
    "visits list": ["重点走访名单", "hub visits list --region 410105001", "--csv", "非整户保"],
    "keys create": ["HUB_KEYS_FILE", "Keep a copy"],
    "keys add": ["first step of a rotation", "hub keys use", "增加密钥"],
    "keys use": ["second step of a rotation", "启用新密钥"],
    "keys list": ["what each does", "列出密钥"],
    "client create": ["登记客户端", "hub client create --agency education@410105 --scope household:read"],
    "client list": ["列出客户端"],
    "client documents add": [
        "SHA-256",
        "登记文档",
        "hub client documents add education-410105-3f9a",
        "all of them or none",
    ],
    "client documents list": ["列出登记文档"],
    "client documents remove": ["撤回文档", "half a minute"],
    "client revoke": ["撤销客户端", "ten minutes"],
}


def test_help_says_of_every_command_what_it_does_and_how_to_call_it(hub: Installation) -> None:
    groups = {"client", "client documents", "import", "keys", "monitor", "proof", "referrals", "visits"}
    alike = {f"import {kind}" for kind in ImportWord} - {"import households"}
    assert {path for path, _ in commands_of(command_of(app))} - groups - alike == set(TEACHES)
    with ThreadPoolExecutor(4) as several:
        texts = several.map(lambda command: hub.well(*command.split(), "--help"), TEACHES)
        for command, printed in zip(TEACHES, texts, strict=True):
            words = " ".join(printed.split())
            assert [one for one in TEACHES[command] if one not in words] == [], command


def test_every_command_and_every_option_says_in_both_languages_what_it_does() -> None:
    silent: list[str] = []
    for path, command in commands_of(command_of(app)):
        helps = {f"hub {path}": command.help}
        for parameter in command.get_params(typer.Context(command)):
            helps[f"hub {path} {parameter.opts[0]}"] = getattr(parameter, "help", None)
        for name, text in helps.items():
            if not (text and CHINESE.search(text) and re.search("[A-Za-z]{3}", text)):
                silent.append(name)
    assert silent == []


def test_help_fits_a_terminal_of_eighty_columns(hub: Installation) -> None:
    wide = ("import households", "client", "client create", "permissions explain", "visits list")
    for command in ("", "demo", "serve", *wide):
        printed = hub.run(*command.split(), "--help", COLUMNS="80").stdout
        assert max(map(cell_len, printed.splitlines())) <= 80, command
        assert "…" not in printed, command


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
    message = told(done)
    assert complaint in message
    assert len(message.splitlines()) == 2, "a line in each language"
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
    message = told(hub.run("keys", "create", HUB_KEYS_FILE=str(file)))
    assert f"{file} exists; keys are never replaced" in message
    assert file.read_bytes() == keys


@pytest.mark.parametrize(
    ("command", "variables", "complaint"),
    [
        ("verify", {"HUB_CIPHER": "ROT13"}, "SETTING_REFUSED HUB_CIPHER must be AES-256-GCM or SM4-GCM."),
        ("keys create", {"HUB_POOL_SIZE": "0"}, "SETTING_REFUSED HUB_POOL_SIZE must be a whole number from 1 to 1000."),
        ("migrate", {"HUB_DATABASE_URL": "nonsense"}, "SETTING_REFUSED HUB_DATABASE_URL must be the URL of a database"),
        ("serve", {"HUB_LOG_LEVEL": "LOUD"}, "SETTING_REFUSED HUB_LOG_LEVEL must be DEBUG, INFO,"),
        ("schedule", {"HUB_SCHEDULE": "monitoring=2"}, "SETTING_REFUSED HUB_SCHEDULE must be each job once"),
        ("client list", {"HUB_DATABASE_URL": "postgresql://hub:Geheim-8z@127.0.0.1:1/hub"}, "DATABASE_UNREACHABLE"),
        ("migrate", {"HUB_DATABASE_URL": "postgresql://hub:Geheim-8z@127.0.0.1:1/hub"}, "DATABASE_UNREACHABLE"),
        ("verify", {"HUB_DATABASE_URL": "postgresql://hub:Geheim-8z@nowhere.invalid/hub"}, "DATABASE_UNREACHABLE"),
        ("client list", {"HUB_DATABASE_URL": "{without_database}"}, "DATABASE_UNREACHABLE"),
        ("migrate", {"HUB_DATABASE_URL": "{without_database}"}, "DATABASE_UNREACHABLE"),
        ("client list", {"HUB_DATABASE_URL": "{wrong_password}"}, "DATABASE_UNREACHABLE"),
        ("migrate", {"HUB_DATABASE_URL": "{wrong_password}"}, "DATABASE_UNREACHABLE"),
        ("client list", {"HUB_DATABASE_URL": "{unmigrated}"}, "DATABASE_NOT_MIGRATED"),
        ("verify", {"HUB_DATABASE_URL": "{unmigrated}"}, "DATABASE_NOT_MIGRATED"),
        ("serve --port {port}", {"HUB_DATABASE_URL": "{unmigrated}"}, "DATABASE_NOT_MIGRATED"),
        ("serve --port {port}", {"HUB_KEYS_FILE": "/nowhere/keys.json"}, "KEYS_LOST The database was filled with keys, and /"),
        ("serve --port {port}", {"HUB_KEYS_FILE": "{damaged}"}, "KEYS_DAMAGED {damaged} is not a keys file"),
        ("serve --port {port}", {"HUB_KEYS_FILE": "{folder}"}, "FILE_UNUSABLE {folder} cannot be used: Is a directory"),
        ("client list", {"HUB_DATA_DIR": "{damaged}", "HUB_DATABASE_URL": ""}, "FILE_UNUSABLE {damaged}"),
        ("client list", {"HUB_DATA_DIR": "/proc/hub", "HUB_DATABASE_URL": ""}, "FILE_UNUSABLE /proc/hub"),
        ("keys create", {"HUB_DATA_DIR": "{damaged}"}, "FILE_UNUSABLE {damaged}"),
        ("serve --port {port} --host nowhere.invalid", {}, "ADDRESS_UNAVAILABLE The hub cannot listen on nowhere.invalid"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_told_in_a_sentence_in_both_languages_without_secrets(
    hub: Installation, unusable: dict[str, str], command: str, variables: dict[str, str], complaint: str
) -> None:
    settings = {name: value.format(**unusable) for name, value in variables.items()}
    done = hub.run(*command.format(**unusable).split(), **settings)
    message = told(done)
    assert message.startswith(complaint.format(**unusable))
    assert done.stdout == ""
    english, chinese = message.splitlines()
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert not re.search(r"[a-z]{2,} [a-z]{2,}", re.sub("`[^`]*`", "", chinese)), (
        "no English of a system or a driver"
    )
    assert "Geheim" not in message


def test_a_hub_of_more_words_than_the_database_knows_names_them_until_the_database_is_migrated(
    cluster: TestCluster, template: str
) -> None:
    with installation(cluster, template) as hub:
        engine = sa.create_engine(sa.make_url(hub.database_url).set(drivername="postgresql+psycopg"))
        with engine.begin() as connection:
            write_words(connection, "is_severity", ["URGENT", "NORMAL"])
        engine.dispose()
        for command in (["serve", "--port", str(free_port())], ["monitor", "run"]):
            english, chinese = told(hub.run(*command)).splitlines()
            assert english == (
                "DATABASE_NOT_MIGRATED The database is not as this hub needs it, or the login may not use it;"
                " run `hub migrate`: it does not know Severity.HIGH."
            )
            assert "缺少代码 Severity.HIGH" in chinese
        hub.well("migrate")
        hub.well("monitor", "run")


@pytest.fixture(scope="module")
def unusable(cluster: TestCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A damaged file, a folder, and databases that cannot be used."""
    folder, name = tmp_path_factory.mktemp("unusable"), f"hub_unmigrated_{uuid4().hex[:8]}"
    new_private(folder / "damaged", '{"data": {"1": "AAA')
    owner = sa.make_url(cluster.create(name))
    login = owner.set(password="Geheim-8z").render_as_string(hide_password=False)
    yield {
        "damaged": str(folder / "damaged"),
        "folder": str(folder),
        "port": str(free_port()),
        "wrong_password": login,
        "unmigrated": owner.render_as_string(hide_password=False),
        "without_database": owner.set(database="hub_of_nobody").render_as_string(hide_password=False),
    }
    cluster.drop(name)


# The output


def test_a_run_of_monitoring_tells_of_every_finding(hub: Installation) -> None:
    printed = hub.well("monitor", "run")
    assert [finding for finding in FACTS_OF_FINDINGS if finding not in printed] == []
    assert hub.count("monitoring_run") > 0


def test_the_schedule_tells_what_never_ran_and_when_it_will(hub: Installation) -> None:
    printed = hub.run("schedule", HUB_SCHEDULE="monitoring=02:00").stdout
    assert [word in printed for word in ("02:00", "never 从未", "off 未启用", "监测预警", "46-2.3")] == [
        True
    ] * 5


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
    done = hub.run(
        "import", "households", str(file), "--agency", "civil_affairs@410105001", "--report", str(report)
    )
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
    done = hub.run("import", *(argument.format(**places) for argument in arguments))
    assert complaint in told(done, code)


def test_a_command_that_there_is_not_is_told(hub: Installation) -> None:
    assert "No such command 'improt'" in told(hub.run("improt"), code=2)


# Visits


def test_the_visit_list_of_a_township_is_shown_and_written_for_who_may_know_it(
    hub: Installation, tmp_path: Path
) -> None:
    office, file = "civil_affairs@410105001", tmp_path / "户.csv"
    file.write_text(
        "户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,健康状况\n"
        "V-1,王五,410105196003030039,户主,410105001,城镇,=经八路3号,重病\n",
        "utf-8",
    )
    hub.well("import", "households", str(file), "--agency", office)
    command = ("visits", "list", "--region", "410105001")
    shown = hub.well(*command, "--agency", office)
    assert "V-1" in shown
    assert "有重病患者或慢性病人的家庭" in shown
    before = hub.count("access_record")
    written = tmp_path / "走访.csv"
    hub.well(*command, "--agency", office, "--csv", str(written))
    rows = list(csv.reader(written.read_text("utf-8-sig").splitlines()))
    (row,) = [one for one in rows if one[1] == "V-1"]
    assert row[2:] == ["王五", "'=经八路3号", "有重病患者或慢性病人的家庭", "", ""]
    assert hub.count("access_record") == before + 1
    assert "V-1" not in hub.well(*command, "--agency", "civil_affairs@410103")
    assert "FORBIDDEN_FIELD" in told(hub.run(*command, "--agency", "education@410105"))
    assert "区划代码" in told(hub.run("visits", "list", "--region", "41010", "--agency", office))
