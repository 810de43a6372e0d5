"""The URL of the database, with libpq's names for its parameters (PostgreSQL's manual, "Connection Strings"): one form for
both drivers.

psycopg passes the parameters to libpq. asyncpg reads the same names from a URL, except those that `asyncpg_arguments` takes
out of it. A parameter that only one of the two would obey is not allowed: above all, `sslmode` must hold for both.
"""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

_MOST_PORTS = 65535
_WAIT = "5"
"""Seconds that opening a connection may take, if the URL does not say: callers wait for it."""
_FILE = r"(?!system$).+"  # libpq reads "system" as a keyword, asyncpg as a file
_TLS = r"TLSv1\.[23]"

PARAMETERS: Mapping[str, str] = {
    "application_name": r".{1,63}",
    "connect_timeout": r"[0-9]{1,4}",
    "host": r"[^,:\s]+(,[^,:\s]+)*",
    "passfile": r".+",
    "port": r"[0-9]{1,5}(,[0-9]{1,5})*",
    "sslcert": _FILE,
    "sslcrl": _FILE,
    "sslkey": _FILE,
    "sslmode": r"disable|allow|prefer|require|verify-ca|verify-full",
    "sslrootcert": _FILE,
    "ssl_max_protocol_version": _TLS,
    "ssl_min_protocol_version": _TLS,
    "target_session_attrs": r"any|primary|read-write",  # the hub writes, so it cannot use a standby
}
"""The parameters that may follow `?`, each once, with the form of its value. Several hosts are listed in `host`, their ports
in `port`."""


def check_database_url(text: str) -> None:
    """Raises ValueError if a text is not a URL of a PostgreSQL database that both drivers read the same way."""
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ValueError from error
    if url.get_backend_name() not in {"postgresql", "postgres"} or not url.database:
        raise ValueError
    for name, value in url.query.items():
        if not isinstance(value, str) or not re.fullmatch(PARAMETERS.get(name, r"(?!)"), value):
            raise ValueError
    hosts, ports = _of_query(url, "host"), _of_query(url, "port")
    if (hosts and url.host) or (ports and len(ports) != len(hosts)) or "," in (url.host or ""):
        raise ValueError
    if not all(1 <= int(port) <= _MOST_PORTS for port in [str(url.port or 5432), *ports]):
        raise ValueError


def _of_query(url: URL, name: str) -> list[str]:
    """The values of a parameter that is a list."""
    value = url.query.get(name, "")
    return str(value).split(",") if value else []


def asyncpg_arguments(text: str, server_settings: Mapping[str, str]) -> dict[str, Any]:
    """The arguments of `asyncpg.connect` for a URL and the settings of a session; the URL may set the application's name."""
    url = make_url(text).set(drivername="postgresql")
    named = {name: str(value) for name, value in url.query.items() if name == "application_name"}
    seconds = int(str(url.query.get("connect_timeout", _WAIT)))
    rest = url.difference_update_query(["application_name", "connect_timeout"])
    if (
        rest.query.get("target_session_attrs") == "read-write"
    ):  # the hub's readers are read-only by their own settings
        rest = rest.update_query_dict({"target_session_attrs": "primary"})
    return {
        "dsn": rest.render_as_string(hide_password=False),
        "timeout": seconds or None,  # 0 means no limit, as in libpq
        "server_settings": {**server_settings, **named},
    }
