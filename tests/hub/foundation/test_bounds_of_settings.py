"""Every number in the settings has the minimum and maximum that docs/operations.md and the contract name. Each bound and the
value one inside it are accepted; the value one outside is refused."""

import pytest
from pydantic import ValidationError

from hub.foundation.settings import Settings, variable_of

BOUNDS: dict[str, tuple[int, int | None]] = {
    "token_seconds": (60, 3600),
    "keep_alive_seconds": (1, 3600),
    "head_seconds": (1, 3600),
    "request_seconds": (1, 3600),
    "max_connections": (1, 1_000_000),
    "connections_per_address": (1, 1_000_000),
    "max_body_bytes": (1024, None),
    "max_upload_bytes": (1024, None),
    "statement_timeout_ms": (100, 3_600_000),
    "client_check_ms": (0, 60_000),
    "max_cost": (100, None),
    "cost_per_minute": (100, None),
    "pool_size": (1, 1000),
    "seal_seconds": (0, 3600),
}
"""The minimum and maximum of each; None if there is no maximum."""
CASES = [
    (field, value, taken)
    for field, (least, most) in BOUNDS.items()
    for value, taken in (
        (least - 1, False),
        (least, True),
        (least + 1, True),
        *(() if most is None else ((most - 1, True), (most, True), (most + 1, False))),
    )
]


@pytest.mark.parametrize(("field", "value", "taken"), CASES)
def test_a_number_is_taken_from_its_least_to_its_most(
    monkeypatch: pytest.MonkeyPatch, field: str, value: int, taken: bool
) -> None:
    monkeypatch.setenv(variable_of(field), str(value))
    try:
        default = getattr(Settings(), field)
    except ValidationError:
        default = None
    assert default == (value if taken else None)


def test_no_number_among_the_settings_is_left_out() -> None:
    numbers = {name for name, field in Settings.model_fields.items() if field.annotation in (int, float)}
    assert set(BOUNDS) == numbers
