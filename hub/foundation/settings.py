"""Every setting of the hub, read from HUB_* environment variables once, at start-up.

An empty variable counts as unset. The message about an unusable value says what the setting must be (`SettingForm`), and never
shows the value: some are secrets.
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from annotated_types import Ge, Le
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.foundation.operating import OperatorError
from hub.foundation.origins import checked_origins, origins_of

PREFIX = "HUB_"
NEVER = "off"
"""The schedule without any job."""
OF_DEVELOPERS: Mapping[str, str] = {
    "HUB_TEST_DATABASE_URL": "a superuser's URL of a server for the tests; unset: an embedded one",
    "HUB_TEST_CLOCK": "the clock of the tests: a name or an instant of tests/fixtures/clock.py, or `system`",
    "HUB_FUZZ_EXAMPLES": "how many operations `make fuzz` draws",
    "HUB_FUZZ_SEED": "the seed of the random lives of `make fuzz`",
    "HUB_FUZZ_SHRINK": "1: look for the smallest case of a failure of `make fuzz`",
    "HUB_ATTACK_TOOLS": "the folder of the tools of `make attacks`, which sets it",
}
"""Variables with the prefix of settings that are none: the tests read them, the hub ignores them."""

_OF_KUBERNETES = re.compile(
    r"HUB_(\w+_)?(SERVICE_(HOST|PORT(_\w+)?)=|PORT_\d+_(TCP|UDP|SCTP)(_\w+)?=|PORT=(tcp|udp|sctp)://)"
)
"""Variables that Kubernetes sets in every pod beside a Service named `hub` or `hub-…`, as in HUB_PORT=tcp://10.0.0.1:8000."""
_JOB = r"(?:monitoring|coverage|reminders)=(?:[01]\d|2[0-3]):[0-5]\d(?:,(?:[01]\d|2[0-3]):[0-5]\d)*"
_PATH = re.compile(r"(/(?!\.{1,2}(/|$))[\w.~-]+)*/?", re.ASCII)


class SettingRefused(OperatorError):
    """{variable} must be {form}.
    {variable} 须为{form_zh}。
    """


class UnknownSetting(OperatorError):
    """{variable} is no setting of the hub; is {nearest} meant? docs/configuration.md lists them all.
    平台没有设置项 {variable};是否应为 {nearest}?全部设置项见 docs/configuration.md。
    """


@dataclass(frozen=True)
class SettingForm:
    """The rule for a setting's value, in both languages: the end of the sentence that refuses another value."""

    words: str
    words_zh: str


def _postgresql(url: SecretStr) -> SecretStr:
    """Checks that a URL is one of a PostgreSQL database; raises ValueError."""
    from hub.foundation.database_url import check_database_url

    check_database_url(url.get_secret_value())
    return url


def _beside_the_service_s(url: SecretStr, info: ValidationInfo) -> SecretStr:
    """Refuses this setting without HUB_DATABASE_URL: it would be ignored, and the hub's own database migrated instead. Raises
    ValueError."""
    if info.data.get("database_url", url) is None:
        raise ValueError
    return url


def _issuer(address: str) -> str:
    """Checks an issuer identifier (RFC 8414 section 2). http is allowed on the loopback only, since client secrets and tokens
    are sent there (RFC 6749 section 1.6). Raises ValueError."""
    parts = urlsplit(address)
    plain = address.isascii() and not re.search(r"[\s?#@\\]", address) and address.startswith(parts.scheme)
    named = re.fullmatch(r"[\w.-]+|[0-9a-f:.]+", parts.hostname or "")
    if (
        not plain
        or not named
        or parts.netloc.endswith(":")
        or parts.port == 0
        or not _PATH.fullmatch(parts.path)
    ):
        raise ValueError
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname or "")):
        raise ValueError
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _schedule(text: str) -> str:
    """Checks that each job appears once, with its times; raises ValueError."""
    parts = text.split()
    jobs = {part.partition("=")[0] for part in parts}
    if text != NEVER and (len(jobs) < len(parts) or not all(re.fullmatch(_JOB, part) for part in parts)):
        raise ValueError
    return text


_Url = Annotated[
    SecretStr,
    AfterValidator(_postgresql),
    SettingForm(
        "the URL of a database on PostgreSQL, as in postgresql://hub_service:…@127.0.0.1:5432/hub?sslmode=verify-full, with "
        "parameters that docs/configuration.md lists",
        " PostgreSQL 数据库的 URL,如 postgresql://hub_service:…@127.0.0.1:5432/hub?sslmode=verify-full,"
        "可用参数见 docs/configuration.md",
    ),
]
_OwnersUrl = Annotated[
    SecretStr,
    AfterValidator(_postgresql),
    AfterValidator(_beside_the_service_s),
    SettingForm(
        "the owner's URL of the database that HUB_DATABASE_URL names, of the same form, and set beside it alone",
        " HUB_DATABASE_URL 所指数据库的属主 URL,形式与其相同,且须与其一并设置",
    ),
]
_Issuer = Annotated[
    str,
    AfterValidator(_issuer),
    SettingForm(
        "an https address without user, query or fragment, as in https://hub.example.gov.cn; http on the loopback alone",
        "不含用户、查询和片段的 https 地址,如 https://hub.example.gov.cn;仅本机回环地址可用 http",
    ),
]
_Schedule = Annotated[
    str,
    AfterValidator(_schedule),
    SettingForm(
        f"each job once with its times of the day, as in monitoring=02:00 reminders=07:30,13:00 (jobs: monitoring, coverage, "
        f"reminders), or {NEVER}",
        f"各任务(monitoring、coverage、reminders)一次及其时刻,如 monitoring=02:00 reminders=07:30,13:00;或 {NEVER}",
    ),
]
_Level = Annotated[
    Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
    BeforeValidator(lambda word: word.upper() if isinstance(word, str) else word),
    SettingForm("DEBUG, INFO, WARNING, ERROR or CRITICAL", " DEBUG、INFO、WARNING、ERROR 或 CRITICAL"),
]
_LogFormat = Annotated[Literal["text", "json"], SettingForm("text or json", " text 或 json")]
_Cipher = Annotated[
    Literal["AES-256-GCM", "SM4-GCM"], SettingForm("AES-256-GCM or SM4-GCM", " AES-256-GCM 或 SM4-GCM")
]
_Audience = Annotated[
    str, Field(pattern=r"^\S+$"), SettingForm("one word without spaces", "一个不含空格的词")
]
_Origins = Annotated[
    str,
    AfterValidator(checked_origins),
    SettingForm(
        "origins, each scheme and host, and the port where it is another, as in https://tools.example.gov.cn; never *",
        "若干来源,各写协议、域名和端口,如 https://tools.example.gov.cn,末尾不加路径,且不得为 *",
    ),
]
_Place = Annotated[Path, SettingForm("the path of a folder", "文件夹路径")]
_File = Annotated[Path, SettingForm("the path of a file", "文件路径")]


class Settings(BaseSettings):
    """The hub's configuration. Each field is documented in docs/configuration.md; a test compares the two."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: _Url | None = Field(
        default=None, description="PostgreSQL the service uses; unset: the hub starts one of its own"
    )
    reading_database_url: _OwnersUrl | None = Field(
        default=None,
        description="The login that reads, which cannot write; unset: HUB_DATABASE_URL reads as well",
    )
    migration_database_url: _OwnersUrl | None = Field(
        default=None, description="The owner's login for `hub migrate`; unset: HUB_DATABASE_URL"
    )
    data_dir: _Place = Field(default=Path(".hub"), description="Where the hub's own PostgreSQL and keys live")
    keys_file: _File | None = Field(
        default=None, description="Secrets of the hub; unset: keys.json in HUB_DATA_DIR"
    )
    issuer: _Issuer = Field(
        default="http://127.0.0.1:8000", description="The hub's public address, `iss` of its tokens"
    )
    audience: _Audience = Field(default="assistance-hub", description="`aud` of the access tokens (RFC 9068)")
    token_seconds: int = Field(default=600, ge=60, le=3600, description="How long an access token lives")
    cors_origins: _Origins | None = Field(
        default=None,
        description="Origins whose pages may read answers in a browser (CORS), separated by spaces or commas; unset: none",
    )
    keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        le=3600,
        description="How long an idle connection stays open; longer than the proxy before the hub keeps its own",
    )
    head_seconds: int = Field(
        default=10, ge=1, le=3600, description="How long the headers of a request may take to arrive"
    )
    request_seconds: int = Field(
        default=60, ge=1, le=3600, description="How long the body of a request may take to arrive"
    )
    max_connections: int = Field(
        default=800, ge=1, le=1_000_000, description="The most connections that a process keeps open"
    )
    connections_per_address: int = Field(
        default=400, ge=1, le=1_000_000, description="The most of them from one address"
    )
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="Largest request body accepted")
    max_upload_bytes: int = Field(
        default=209_715_200, ge=1024, description="Largest file that an agency may upload to be imported"
    )
    statement_timeout_ms: int = Field(
        default=10_000, ge=100, le=3_600_000, description="PostgreSQL statement timeout of requests"
    )
    client_check_ms: int = Field(
        default=1000,
        ge=0,
        le=60_000,
        description="How often PostgreSQL looks whether the connection of a statement is still open; 0: never",
    )
    max_cost: int = Field(
        default=100_000, ge=100, description="The most objects that one request's answer may hold"
    )
    cost_per_minute: int = Field(
        default=10_000_000, ge=100, description="The most objects a client may ask of one process in a minute"
    )
    pool_size: int = Field(
        default=8, ge=1, le=1000, description="Database connections of each pool of a process"
    )
    cipher: _Cipher = Field(default="AES-256-GCM", description="Cipher for sealed values")
    schedule: _Schedule = Field(
        default="monitoring=02:00 coverage=04:00 reminders=07:30",
        description="When the service runs its jobs, by times of the day in China; off: never",
    )
    seal_seconds: int = Field(
        default=1,
        ge=0,
        le=3600,
        description="How often the service looks whether something is to be sealed into the log; 0: never",
    )
    anchor_file: _File | None = Field(
        default=None,
        description="Where each checkpoint of the log is written besides, on another machine's disk; unset: nowhere",
    )
    log_level: _Level = Field(default="INFO", description="Python log level")
    log_format: _LogFormat = Field(
        default="text", description="How the service writes its log: text for people, json for programs"
    )

    @model_validator(mode="before")
    @classmethod
    def _without_space_around(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Strips white space around values; an empty value counts as unset."""
        stripped = {name: one.strip() if isinstance(one, str) else one for name, one in given.items()}
        return {name: one for name, one in stripped.items() if one != ""}

    @cached_property
    def keys_path(self) -> Path:
        """The file that holds every secret of the hub."""
        return self.keys_file or self.data_dir / "keys.json"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of HUB_CORS_ORIGINS, as browsers write them."""
        return origins_of(self.cors_origins or "")


def variable_of(field: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + field.upper()


def refusals(error: ValidationError) -> list[SettingRefused]:
    """One error for each setting that cannot be used."""
    fields = dict.fromkeys(str(one["loc"][0]) for one in error.errors(include_input=False))
    forms = {field: form_of(field) for field in fields}
    return [
        SettingRefused(variable=variable_of(field), form=form.words, form_zh=form.words_zh)
        for field, form in forms.items()
    ]


def form_of(field: str) -> SettingForm:
    """The rule for a setting's value."""
    found = list(_metadata(Settings.model_fields[field]))
    if given := next((one for one in found if isinstance(one, SettingForm)), None):
        return given
    least = next(one.ge for one in found if isinstance(one, Ge))
    most = next((one.le for one in found if isinstance(one, Le)), None)
    if most is None:
        return SettingForm(f"a whole number from {least} up", f"不小于 {least} 的整数")
    return SettingForm(f"a whole number from {least} to {most}", f" {least} 至 {most} 的整数")


def _metadata(field: Any) -> Iterator[Any]:
    """The annotations of a field, and of its type if it may be unset (`_Url | None`)."""
    yield from field.metadata
    for one in getattr(field.annotation, "__args__", ()):
        yield from getattr(one, "__metadata__", ())


def unknown_settings(environment: Mapping[str, str] = os.environ) -> list[UnknownSetting]:
    """The variables with the prefix of settings, in any case, that are no settings; each with the nearest setting."""
    settings = [variable_of(field) for field in Settings.model_fields]
    known = {*settings, *OF_DEVELOPERS}
    return [
        UnknownSetting(variable=name, nearest=_nearest(name, [*settings, "PORT"]))
        for name, value in sorted(environment.items())
        if name.upper().startswith(PREFIX) and name not in known
        if value.strip() and not _OF_KUBERNETES.match(f"{name}={value}")
    ]


def _nearest(name: str, names: list[str]) -> str:
    (nearest,) = difflib.get_close_matches(name.upper(), names, n=1, cutoff=0)
    return nearest
