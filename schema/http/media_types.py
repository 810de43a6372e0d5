"""Media types: those that a caller accepts, and that of its body (RFC 9110 sections 8.3 and 12.5.1).

Werkzeug reads the headers: lists, weights, parameters, quoted strings. Clients send the same few texts again and again, so
the results are cached.
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
_KEPT = 128  # texts; a header's size is limited, so the cache's size is too


@dataclass(frozen=True)
class AcceptedMediaType:
    """The media type of the answer, and whether the status may show that nothing was executed."""

    media: str
    by_status: bool


def field_value(headers: Headers, name: str) -> str:
    """The value of a header; several lines form one list (RFC 9110 section 5.3); empty if it is missing."""
    return ", ".join(headers.getlist(name))


@lru_cache(_KEPT)
def accepted(accept: str) -> AcceptedMediaType:
    """The media type in which the caller accepts a GraphQL answer; raises NotAcceptable.

    Of two with the same weight, GraphQL's media type is chosen if it is named. A caller that accepts anything gets JSON,
    which every client can read.
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
    """Whether the caller prefers HTML to any JSON, as browsers do."""
    ranges = _ranges(accept)
    return ranges.quality(HTML) > max(ranges.quality(JSON), ranges.quality(GRAPHQL_RESPONSE))


@lru_cache(_KEPT)
def is_json(content_type: str) -> bool:
    """Whether a body is JSON in UTF-8, by its Content-Type."""
    media, parameters = parse_options_header(content_type)
    return media.lower() == JSON and parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}


def _ranges(accept: str) -> MIMEAccept:
    """The media ranges with their weights. Parameters do not matter here: each media type has one representation.

    `q=.2`, `q=1.` and a bare `*` do not follow the grammar; Java before 17 sends the first and the last with every request.
    """
    regular = _SHORT_WEIGHT.sub(r"\g<q>0\g<weight>", accept or "*/*")
    return MIMEAccept(
        ("*/*" if media == "*" else parse_options_header(media)[0].lower(), quality)
        for media, quality in parse_accept_header(_LONG_WEIGHT.sub(r"\g<weight>", regular), MIMEAccept)
    )
