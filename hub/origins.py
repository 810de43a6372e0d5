"""Origins as browsers send them (RFC 6454 section 7): scheme, host and port, and nothing else."""

import re
from urllib.parse import SplitResult, urlsplit

_BETWEEN = re.compile(r"[\s,]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class NotAnOrigin(ValueError):
    """A text in a list of origins is none. The message is for whoever wrote the list, in both languages."""


def origins_of(text: str) -> tuple[str, ...]:
    """The origins of a list, separated by spaces or commas, each as a browser writes it; raises NotAnOrigin."""
    return tuple(_origin(one) for one in _BETWEEN.split(text) if one)


def checked_origins(text: str | None) -> str | None:
    """The list itself, for a setting; raises NotAnOrigin."""
    origins_of(text or "")
    return text


def _origin(text: str) -> str:
    if text == "*":
        raise NotAnOrigin(
            "* would let any page on the internet ask with a token that it got hold of; name each origin. "
            "不接受 *,请逐一写出允许的来源。"
        )
    try:
        parts = urlsplit(text.lower())
        port = parts.port
    except ValueError as error:
        raise _no_origin(text) from error
    if not _is_bare(parts):
        raise _no_origin(text)
    shown = parts.hostname if ":" not in (parts.hostname or "") else f"[{parts.hostname}]"
    return f"{parts.scheme}://{shown}" + ("" if port in {None, _DEFAULT_PORTS[parts.scheme]} else f":{port}")


def _is_bare(parts: SplitResult) -> bool:
    """Whether there is a host, in the letters that browsers send, and nothing after it."""
    named = (
        parts.scheme in _DEFAULT_PORTS
        and parts.hostname
        and parts.netloc.isascii()
        and "*" not in parts.netloc
    )
    return bool(named) and "@" not in parts.netloc and not (parts.path or parts.query or parts.fragment)


def _no_origin(text: str) -> NotAnOrigin:
    return NotAnOrigin(
        f"{text} is not an origin; write scheme and host, and the port where it is another, as in "
        f"https://tools.example.gov.cn. {text} 不是来源,请写协议、域名和端口,末尾不加路径。"
    )
