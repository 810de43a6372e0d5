"""The orders in which lists come where the caller names none."""

from schema.reads import Order

BY_CODE = Order((("code", False),))
BY_ID = Order((("id", False),))
CHAIN_ORDER = Order((("number", False),))
CHAIN_END = Order((("number", True),))
FEED_ORDER = Order((("transaction", False), ("position", False)))
NEWEST_ACCESS = Order((("at", True),))
NEWEST_AID = Order((("period_from", True), ("id", True)))
NEWEST_CERTIFICATION = Order((("valid_from", True),))
NEWEST_CIRCUMSTANCE = Order((("since", True),))
NEWEST_REFERRAL = Order((("sent_at", True),))
VERSIONS = Order((("version", False),))
