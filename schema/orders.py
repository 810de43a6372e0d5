"""The orders in which lists come where the caller names none."""

from schema.reads import Order

BY_CODE = Order(("code",))
BY_ID = Order(("id",))
CHAIN_ORDER = Order(("number",))
CHAIN_END = Order(("number",), descending=True)
FEED_ORDER = Order(("transaction", "position"))
NEWEST_ACCESS = Order(("at",), descending=True)
NEWEST_AID = Order(("period_from", "id"), descending=True)
NEWEST_CERTIFICATION = Order(("valid_from",), descending=True)
NEWEST_CIRCUMSTANCE = Order(("since",), descending=True)
NEWEST_REFERRAL = Order(("sent_at",), descending=True)
VERSIONS = Order(("version",))
