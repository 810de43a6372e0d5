"""Origins as browsers send them (RFC 6454 section 7): scheme, host and port, and nothing else."""

import re
from urllib.parse import SplitResult, urlsplit

_BETWEEN = re.compile(r"[\s,]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origins_of(text: str) -> tuple[str, ...]:
    """The origins of a list, separated by spaces or commas, each as a browser sends it; raises ValueError. `*` is refused:
    any page on the internet could then use a token that it obtained."""
    return tuple(_origin(one) for one in _BETWEEN.split(text) if one)


def checked_origins(text: str) -> str:
    """Checks a list of origins for a setting and returns it; raises ValueError."""
    origins_of(text)
    return text


def _origin(text: str) -> str:
    parts = urlsplit(text.lower())
    port = parts.port
    if not _is_bare(parts):
        raise ValueError
    shown = parts.hostname if ":" not in (parts.hostname or "") else f"[{parts.hostname}]"
    return f"{parts.scheme}://{shown}" + ("" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}")


def _is_bare(parts: SplitResult) -> bool:
    """Whether an origin has a host, in the form that browsers send, and nothing after it."""
    named = (
        parts.scheme in _DEFAULT_PORTS
        and parts.hostname
        and parts.netloc.isascii()
        and "*" not in parts.netloc
    )
    return bool(named) and "@" not in parts.netloc and not (parts.path or parts.query or parts.fragment)
