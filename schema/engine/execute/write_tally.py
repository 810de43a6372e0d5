"""The outcomes of a request's writes, for its access record."""

from typing import Any


class WriteTally:
    """The `codes` of refused commands, the number of `refused` answers, and the number of `kept` records. An answer that is
    saved in part counts as kept and as refused."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.refused = 0
        self.kept = 0

    def count(self, payload: Any) -> None:
        """Add the outcomes of a payload: of each item of a batch, or of the single one."""
        each = [one for value in vars(payload).values() if isinstance(value, list) for one in value]
        for one in (payload, *each):
            errors = getattr(one, "errors", ())
            self.codes += (error.code.value for error in errors)
            self.refused += bool(errors)
            self.kept += getattr(one, "key", None) is not None
