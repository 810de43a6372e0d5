"""Every setting of the hub, read from HUB_* environment variables once, at start-up."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.origins import checked_origins, origins_of

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
_JOB = rf"(monitoring|coverage|reminders)={_TIME}(,{_TIME})*"
_SCHEDULE = rf"^({_JOB}( {_JOB})*)?$"


class Settings(BaseSettings):
    """The hub's configuration. Each field is documented in the README; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="HUB_", extra="ignore", frozen=True)

    database_url: SecretStr | None = Field(
        default=None, description="PostgreSQL the service uses; unset: the hub starts one of its own"
    )
    migration_database_url: SecretStr | None = Field(
        default=None, description="The owner's login for `hub migrate`; unset: HUB_DATABASE_URL"
    )
    data_dir: Path = Field(default=Path(".hub"), description="Where the hub's own PostgreSQL and keys live")
    keys_file: Path | None = Field(
        default=None, description="Secrets of the hub; unset: keys.json in HUB_DATA_DIR"
    )
    issuer: str = Field(
        default="http://127.0.0.1:8000", description="The hub's public address, `iss` of its tokens"
    )
    audience: str = Field(default="assistance-hub", description="`aud` of the access tokens (RFC 9068)")
    token_seconds: int = Field(default=600, ge=60, le=3600, description="How long an access token lives")
    cors_origins: Annotated[str | None, AfterValidator(checked_origins)] = Field(
        default=None,
        description="Origins whose pages may read answers in a browser (CORS), separated by spaces or commas; unset: none",
    )
    keep_alive_seconds: int = Field(
        default=75,
        ge=1,
        le=3600,
        description="How long an idle connection stays open; longer than the proxy before the hub keeps its own",
    )
    request_seconds: int = Field(
        default=60, ge=1, le=3600, description="How long a request may take to arrive whole"
    )
    max_body_bytes: int = Field(default=1_048_576, ge=1024, description="Largest request body accepted")
    statement_timeout_ms: int = Field(
        default=10_000, ge=100, description="PostgreSQL statement timeout of requests"
    )
    max_cost: int = Field(
        default=100_000, ge=100, description="The most objects that one request's answer may hold"
    )
    cost_per_minute: int = Field(
        default=10_000_000, ge=100, description="The most objects a client may ask of one process in a minute"
    )
    pool_size: int = Field(default=8, ge=1, description="Database connections of each pool of a process")
    cipher: str = Field(
        default="AES-256-GCM", pattern="^(AES-256-GCM|SM4-GCM)$", description="Cipher for sealed values"
    )
    schedule: str = Field(
        default="monitoring=02:00 coverage=04:00 reminders=07:30",
        pattern=_SCHEDULE,
        description="When the service runs its jobs, by times of the day in China; empty: never",
    )
    log_level: str = Field(default="INFO", description="Python log level")

    @cached_property
    def keys_path(self) -> Path:
        """The file that holds every secret of the hub."""
        return self.keys_file or self.data_dir / "keys.json"

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins of HUB_CORS_ORIGINS, as browsers write them."""
        return origins_of(self.cors_origins or "")
