"""What the writes of a request came to, for its access record."""

from typing import Any


class WriteTally:
    """The `codes` of what commands refused, how many answers they `refused`, and how many records they `kept`. One that is kept
    in part is counted as kept and as refused."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.refused = 0
        self.kept = 0

    def count(self, payload: Any) -> None:
        """Add what became of a payload's answers: of each in a batch, or of the one that the payload is."""
        each = [one for value in vars(payload).values() if isinstance(value, list) for one in value]
        for one in (payload, *each):
            errors = getattr(one, "errors", ())
            self.codes += (error.code.value for error in errors)
            self.refused += bool(errors)
            self.kept += getattr(one, "key", None) is not None
