"""Settings: the meaning of empty ones, the errors for wrong or misspelt ones, and that no secret is ever shown."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.foundation.settings import OF_DEVELOPERS, Settings, form_of, refusals, unknown_settings, variable_of
from tests.fixtures.commands import hub
from tests.fixtures.installation import told

ROOT = Path(__file__).parents[3]
FIELDS = tuple(Settings.model_fields)
CHINESE = re.compile("[一-鿿]")
SECRET = "Geheim-8z"
NUMBERS = ["", "many", "1.5", "0x10", "-1", "0", "9" * 5000, "１２abc", "null", "1e99"]
WRONG: dict[str, list[str]] = {
    "database_url": [
        f"mysql://hub:{SECRET}@127.0.0.1/hub", "not a url", f"postgresql://hub:{SECRET}@127.0.0.1:port/hub", "postgresql://",
        f"postgresql://hub:{SECRET}@127.0.0.1:99999/hub", f"postgresql://hub:{SECRET}@127.0.0.1", "sqlite:///hub.db", SECRET,
        *(f"postgresql://hub:{SECRET}@127.0.0.1/hub?{one}" for one in (
            "ssl=prefer", "sslmode=nonsense", "sslmode=require&sslmode=disable", "sslrootcert=system", "connect_timeout=soon",
            "connect_timeout=-1", "target_session_attrs=standby", "keepalives=1", "options=-c%20role=hub_owner", "host=127.0.0.2",
            "channel_binding=require", "user=root", f"password={SECRET}", "dbname=other", "prepared_statement_cache_size=0",
            "ssl_min_protocol_version=TLSv1", "SSLMODE=require", "port=5433",
        )),
        "postgresql:///hub?host=a,b&port=1", "postgresql:///hub?host=a&port=0", "postgresql:///hub?host=a:1&host=b:2",
        "postgresql://a,b:5432/hub", "postgresql://a:1,b:2/hub", "postgresql:///hub?host=a&port=５",
        f"hub:{SECRET}@127.0.0.1/hub", f"postgresql:/hub:{SECRET}@127.0.0.1/hub", "host=127.0.0.1 dbname=hub",
    ],
    "reading_database_url": [f"postgresql://hub_query:{SECRET}@127.0.0.1/hub", "mysql://127.0.0.1/hub", "hub_query"],
    "migration_database_url": [f"postgresql://hub_owner:{SECRET}@127.0.0.1/hub", "mysql://127.0.0.1/hub", "hub_owner"],
    "issuer": [
        "http://hub.gov.cn", "http://10.1.2.3:8000", "ftp://127.0.0.1", "hub.gov.cn", "https://", "https:///hub", "https://?",
        "https://hub.gov.cn?a=1", "https://hub.gov.cn/?", "https://hub.gov.cn#top", f"https://hub:{SECRET}@hub.gov.cn",
        "https://hub.gov.cn:port", "https://hub.gov.cn:0", "https://hub.gov.cn:99999", "https://hub.gov.cn:", "https://[::1",
        "https://hub.gov.cn/a//b", "https://hub.gov.cn/../b", "https://hub.gov.cn/a b", "https://hub gov.cn", "https://救助.cn",
        "https://hub.gov.cn/a%2Fb", "HTTPS://hub.gov.cn", "http://127.0.0.1.gov.cn", "http://localhost.gov.cn", "javascript:x",
        "https://hub.gov.cn/\\", "//hub.gov.cn", "https://hub.gov.cn;a", "http://0.0.0.0:8000",
    ],
    "audience": ["two words", "a\tb"],
    "cipher": ["ROT13", "aes-256-gcm", "SM4"],
    "schedule": [
        "monitoring", "monitoring=25:00", "monitoring=2:00", "monitoring=02:60", "cleaning=02:00", "coverage=04:00,", "=",
        "monitoring=02:00 monitoring=03:00", "monitoring=02:00,coverage=04:00", "off coverage=04:00", "monitoring=０２:00", "no",
    ],
    "log_level": ["LOUD", "10", "INFO DEBUG", "NOTSET"],
    "log_format": ["JSON", "xml", "text json"],
    "token_seconds": [*NUMBERS, "59", "3601"],
    "cors_origins": ["null", "a.example", "https://a.example/path", "https://*.example", f"https://me:{SECRET}@a.example"],
    "keep_alive_seconds": [*NUMBERS, "3601"],
    "head_seconds": [*NUMBERS, "3601"],
    "request_seconds": [*NUMBERS, "3601"],
    "max_connections": [*NUMBERS, "1000001"],
    "connections_per_address": [*NUMBERS, "1000001"],
    "max_body_bytes": [*NUMBERS, "1023"],
    "max_upload_bytes": [*NUMBERS, "1023"],
    "statement_timeout_ms": [*NUMBERS, "99", "2147483648"],
    "client_check_ms": ["-1", "60001", "a second"],
    "seal_seconds": ["-1", "3601", "a second"],
    "max_cost": [*NUMBERS, "99"],
    "cost_per_minute": [*NUMBERS, "99"],
    "pool_size": [*NUMBERS, "1001"],
}  # fmt: skip
"""Values that are invalid. Folders and files may be any text: whether they are usable is checked when they are used."""
PATHS = {"data_dir", "keys_file", "anchor_file"}
RIGHT = {
    "issuer": ["https://hub.gov.cn", "https://hub.gov.cn/", "https://hub.gov.cn:8443/aid/hub", "http://localhost:1", "http://[::1]:8000",
               "http://127.0.0.2", "https://10.1.2.3", "https://hub.gov.cn/.well/~a_b-c"],
    "schedule": ["off", "coverage=04:00", "reminders=07:30,13:00  monitoring=23:59"],
    "database_url": ["postgresql://u:p%40@h:5432/hub", "postgres://h/hub", "postgresql+asyncpg://h/hub", "postgresql:///hub",
                     "postgresql://h/hub?sslmode=verify-full&sslrootcert=/etc/hub/ca.pem&sslcert=/etc/hub/me.pem&sslkey=/etc/hub/me.key",
                     "postgresql://h/hub?application_name=x&connect_timeout=5&target_session_attrs=read-write&passfile=/etc/hub/pgpass",
                     "postgresql:///hub?host=/run/postgresql", "postgresql:///hub?host=a,b&port=5432,5433", "postgresql:///hub?host=a,b"],
    "log_level": ["debug", "Warning"],
    "statement_timeout_ms": ["100", "3600000"],
    "client_check_ms": ["0", "60000"],
}  # fmt: skip


def refused(monkeypatch: pytest.MonkeyPatch, **variables: str) -> list[str]:
    """The error messages for settings and their variables; empty if they are accepted."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        Settings()
    except ValidationError as error:
        messages = [f"{refusal.message}\n{refusal.message_zh}" for refusal in refusals(error)]
        return messages if SECRET not in str(error) else [str(error)]
    return []


def test_every_setting_has_values_that_cannot_be() -> None:
    assert WRONG.keys() | PATHS == set(FIELDS)


@pytest.mark.parametrize(("field", "value"), [(field, one) for field in WRONG for one in WRONG[field] if one])
def test_a_wrong_value_is_one_sentence_in_both_languages_without_the_value_or_a_regular_expression(
    monkeypatch: pytest.MonkeyPatch, field: str, value: str
) -> None:
    (sentence,) = refused(monkeypatch, **{variable_of(field): value})
    english, chinese = sentence.split("\n")
    assert english.startswith(f"{variable_of(field)} must be ")
    assert english.endswith(".")
    assert CHINESE.search(chinese)
    assert not CHINESE.search(english)
    assert SECRET not in sentence
    assert not re.search(r"\\d|\^|\[|pattern|validation", sentence)


@pytest.mark.parametrize(("field", "value"), [(field, one) for field in RIGHT for one in RIGHT[field]])
def test_what_can_be_is_taken(monkeypatch: pytest.MonkeyPatch, field: str, value: str) -> None:
    assert refused(monkeypatch, **{variable_of(field): value}) == []


@given(st.data())
def test_any_text_at_all_is_taken_or_refused_by_the_name_of_its_setting(data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(FIELDS))
    text = data.draw(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
    with pytest.MonkeyPatch.context() as environment:
        assert all(variable_of(field) in one for one in refused(environment, **{variable_of(field): text}))


def test_every_wrong_setting_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = refused(monkeypatch, HUB_CIPHER="ROT13", HUB_POOL_SIZE="0", HUB_LOG_LEVEL="LOUD")
    assert [message.split()[0] for message in messages] == ["HUB_POOL_SIZE", "HUB_CIPHER", "HUB_LOG_LEVEL"]


@pytest.mark.parametrize("empty", ["", " ", "\n", "\t\r\n"])
@pytest.mark.parametrize("field", FIELDS)
def test_an_empty_setting_is_an_unset_one(monkeypatch: pytest.MonkeyPatch, field: str, empty: str) -> None:
    unset = Settings()
    monkeypatch.setenv(variable_of(field), empty)
    assert Settings() == unset
    assert Settings().model_fields_set == set()


def test_space_around_a_value_is_none_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ISSUER", " https://hub.gov.cn\r\n")
    monkeypatch.setenv("HUB_DATA_DIR", "data \n")
    assert (Settings().issuer, Settings().data_dir) == ("https://hub.gov.cn", Path("data"))


def test_the_owner_s_login_alone_is_refused_since_it_would_be_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (sentence,) = refused(monkeypatch, HUB_MIGRATION_DATABASE_URL="postgresql://hub_owner@127.0.0.1/hub")
    assert "HUB_DATABASE_URL" in sentence
    assert refused(monkeypatch, HUB_DATABASE_URL="postgresql://hub_service@127.0.0.1/hub") == []


# Names


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("HUB_DATABSE_URL", "HUB_DATABASE_URL"), ("HUB_DATABASE", "HUB_DATABASE_URL"), ("HUB_ISSUERS", "HUB_ISSUER"),
        ("HUB_DATADIR", "HUB_DATA_DIR"), ("HUB_LOGLEVEL", "HUB_LOG_LEVEL"), ("hub_database_url", "HUB_DATABASE_URL"),
        ("Hub_Issuer", "HUB_ISSUER"), ("HUB_KEY_FILE", "HUB_KEYS_FILE"), ("HUB_PORT", "PORT"), ("HUB_", "HUB_ISSUER"),
    ],
)  # fmt: skip
def test_a_name_that_is_no_setting_is_refused_with_the_nearest_that_is(name: str, nearest: str) -> None:
    (setting,) = unknown_settings({name: "8000", "PATH": "/bin", "GITHUB_TOKEN": "x"})
    assert setting.message.startswith(f"{name} is no setting of the hub; is {nearest} meant?")
    assert f"是否应为 {nearest}" in setting.message_zh


@given(st.sampled_from(FIELDS), st.data())
def test_any_slip_of_one_letter_in_a_setting_finds_it(field: str, data: st.DataObject) -> None:
    name = variable_of(field)
    at = data.draw(st.integers(len("HUB_"), len(name) - 1))
    slip = name[:at] + data.draw(st.sampled_from(["", "X", name[at] * 2])) + name[at + 1 :]
    unknown = unknown_settings({slip: "x"})
    assert slip == name or f"is {name} meant" in unknown[0].message


def test_settings_and_what_developers_and_kubernetes_set_are_no_misspelling() -> None:
    kubernetes = {
        "HUB_SERVICE_HOST": "10.0.0.1",
        "HUB_SERVICE_PORT": "80",
        "HUB_SERVICE_PORT_HTTP": "80",
        "HUB_PORT": "tcp://10.0.0.1:80",
        "HUB_PORT_80_TCP": "tcp://10.0.0.1:80",
        "HUB_PORT_80_TCP_ADDR": "10.0.0.1",
        "HUB_DB_PORT": "tcp://10.0.0.2:5432",
        "HUB_DB_SERVICE_HOST": "10.0.0.2",
    }
    everything = {**dict.fromkeys(map(variable_of, FIELDS), "x"), **dict.fromkeys(OF_DEVELOPERS, "1")}
    assert unknown_settings({**everything, **kubernetes}) == []
    assert unknown_settings({"HUB_DATABSE_URL": ""}) == [], "an empty one is unset"


def test_every_variable_that_the_sources_read_or_set_is_on_the_one_list_and_on_a_page() -> None:
    named: set[str] = set()
    for folder in (
        "hub",
        "auth",
        "schema",
        "migrations",
        "bench",
        "tests/schema",
        "tests/stateful",
        "tests/conftest.py",
    ):
        files = [ROOT / folder] if folder.endswith(".py") else (ROOT / folder).rglob("*.py")
        for file in files:
            named |= set(re.findall(r"[\"'`{](HUB_[A-Z_]+)", file.read_text("utf-8")))
    named |= set(re.findall(r"\b(HUB_[A-Z_]+)", (ROOT / "Makefile").read_text("utf-8")))
    known = {*map(variable_of, FIELDS), *OF_DEVELOPERS}
    assert named - known <= {"HUB_"}
    assert set(OF_DEVELOPERS) <= named
    pages = [ROOT / "docs" / "configuration.md", ROOT / "CONTRIBUTING.md"]
    page = "".join(one.read_text("utf-8") for one in pages)
    assert [name for name in known if f"`{name}" not in page] == []


def test_every_setting_says_what_it_must_be_in_both_languages() -> None:
    for field in FIELDS:
        form = form_of(field)
        assert not CHINESE.search(form.words)
        assert CHINESE.search(form.words_zh), field


# The command


@pytest.mark.parametrize(
    "command", ["serve", "demo", "migrate", "schema", "errors", "permissions", "monitor rules", "keys create"]
)
def test_every_command_refuses_a_misspelt_setting_and_shows_its_help_all_the_same(command: str) -> None:
    message = told(hub(*command.split(), HUB_DATABSE_URL=f"postgresql://u:{SECRET}@127.0.0.1/hub"))
    assert message.startswith(
        "UNKNOWN_SETTING HUB_DATABSE_URL is no setting of the hub; is HUB_DATABASE_URL meant?"
    )
    assert SECRET not in message
    assert len(message.splitlines()) == 2
    assert hub(*command.split(), "--help", HUB_DATABSE_URL="x").returncode == 0


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_an_issuer_that_tokens_may_not_cross_is_refused_at_start(command: str) -> None:
    message = told(hub(command, HUB_ISSUER="http://hub.gov.cn"))
    assert message.startswith("SETTING_REFUSED HUB_ISSUER must be an https address")
    assert len(message.splitlines()) == 2


def test_a_demonstration_on_an_address_without_tls_is_refused_by_its_issuer() -> None:
    assert "HUB_ISSUER must be an https address" in told(hub("demo", "--host", "192.0.2.1"))


@pytest.mark.parametrize("empty", ["", " "])
def test_the_command_with_empty_settings_does_what_it_does_without(tmp_path: Path, empty: str) -> None:
    nothing = {variable_of(field): empty for field in FIELDS} | dict.fromkeys(OF_DEVELOPERS, "")
    made = subprocess.run(
        [sys.executable, "-m", "hub.service.cli", "keys", "create"],
        cwd=tmp_path,
        env={**os.environ, **nothing, "PORT": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert made.stdout == "made .hub/keys.json\n"
    assert [file.name for file in tmp_path.iterdir()] == [".hub"]
    assert "[default: 8000]" in hub("serve", "--help", PORT="").stdout


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    assert "port" in told(hub("serve", PORT=port), code=2)


def test_the_version_is_told() -> None:
    assert re.fullmatch(r"hub \d+\.\d+\.\d+\n", hub("--version").stdout)
    assert "--version" in hub("--help").stdout


def test_make_hands_on_what_it_is_given_and_no_empty_variable() -> None:
    def handed_on(*given: str) -> set[str]:
        variables = {
            name: value for name, value in os.environ.items() if name not in {"PORT", "HUB_DATA_DIR"}
        }
        shown = ["make", "-s", "--eval", "shown:; @env", "shown", *given]
        return set(
            subprocess.run(
                shown, cwd=ROOT, env=variables, capture_output=True, text=True, check=True
            ).stdout.splitlines()
        )

    assert not [line for line in handed_on() if line.startswith(("PORT=", "HUB_DATA_DIR="))]
    assert {"PORT=8123", "HUB_DATA_DIR=/x"} <= handed_on("PORT=8123", "HUB_DATA_DIR=/x")


def test_git_takes_no_keys_and_no_clients_wherever_they_lie() -> None:
    for name in (
        ".hub/keys.json",
        "keys.json",
        "demo-clients.json",
        "elsewhere/keys.json",
        ".hub/demo-clients.json",
    ):
        assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0, (
            name
        )
