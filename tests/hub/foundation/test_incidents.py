"""The log of incidents contains no value, also for other handlers of the log."""

import io
import logging

from hub.foundation.incidents import IncidentFormatter


def test_a_text_that_another_handler_made_before_is_neither_taken_over_nor_changed() -> None:
    secret = "410105199001011234"
    plain, guarded = io.StringIO(), io.StringIO()
    log = logging.getLogger("tests.incidents")
    handlers = [logging.StreamHandler(plain), logging.StreamHandler(guarded)]
    handlers[1].setFormatter(IncidentFormatter())
    for handler in handlers:
        log.addHandler(handler)
    try:
        raise ValueError(f"Key (id_number)=({secret}) already exists")
    except ValueError:
        log.exception("incident 1")
    assert secret in plain.getvalue()
    assert secret not in guarded.getvalue()
    assert "builtins.ValueError" in guarded.getvalue()
