"""Media types: what a caller takes for an answer, and what it sends (RFC 9110 sections 8.3 and 12.5.1).

Werkzeug reads the headers: lists, weights, parameters, quoted strings. Clients send the same few texts again and again,
so what each comes to is kept.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from starlette.datastructures import Headers
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from schema.http.refusals import NotAcceptable

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
HTML = "text/html"
_SHORT_WEIGHT = re.compile(r"(?P<q>;\s*q=)(?P<weight>\.\d)", re.IGNORECASE)
_LONG_WEIGHT = re.compile(r"(?P<weight>;\s*q=[01])\.(?=\s*(,|;|$))", re.IGNORECASE)
_KEPT = 128  # texts; a header is bounded, so these are too


@dataclass(frozen=True)
class AcceptedMediaType:
    """The media type to answer in, and whether the caller reads from the status that nothing was executed."""

    media: str
    by_status: bool


def field_value(headers: Headers, name: str) -> str:
    """A header that may come in several lines, which are one list (RFC 9110 section 5.3); empty where it is not sent."""
    return ", ".join(headers.getlist(name))


@lru_cache(_KEPT)
def accepted(accept: str) -> AcceptedMediaType:
    """What the caller takes for a GraphQL answer; raises NotAcceptable.

    Of two that weigh the same, the media type of GraphQL, where it is named. Who takes anything is answered JSON, which
    every client can read.
    """
    ranges = _ranges(accept)
    named = set(ranges.values())
    graphql, json = ranges.quality(GRAPHQL_RESPONSE), ranges.quality(JSON)
    if graphql and (not json or (GRAPHQL_RESPONSE in named and graphql >= json)):
        return AcceptedMediaType(GRAPHQL_RESPONSE, by_status=True)
    if json:
        return AcceptedMediaType(JSON, by_status=JSON not in named)
    raise NotAcceptable


@lru_cache(_KEPT)
def prefers_html(accept: str) -> bool:
    """Whether the caller is a browser: it would rather have a page than any JSON."""
    ranges = _ranges(accept)
    return ranges.quality(HTML) > max(ranges.quality(JSON), ranges.quality(GRAPHQL_RESPONSE))


@lru_cache(_KEPT)
def is_json(content_type: str) -> bool:
    """Whether a body is JSON in UTF-8, as its Content-Type tells."""
    media, parameters = parse_options_header(content_type)
    return media.lower() == JSON and parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}


def _ranges(accept: str) -> MIMEAccept:
    """The media ranges with their weights. Parameters say nothing here: each media type has one representation.

    `q=.2`, `q=1.` and a bare `*` are not of the grammar; Java before 17 sends the first and the last with every request.
    """
    regular = _SHORT_WEIGHT.sub(r"\g<q>0\g<weight>", accept or "*/*")
    return MIMEAccept(
        ("*/*" if media == "*" else parse_options_header(media)[0].lower(), quality)
        for media, quality in parse_accept_header(_LONG_WEIGHT.sub(r"\g<weight>", regular), MIMEAccept)
    )
