"""A household in a request is saved exactly as it was sent. The tolerance for spreadsheet habits applies to files only."""

import pytest

from tests.schema.desk import STREET, Desk, answered, registered


@pytest.mark.parametrize("text", ["'实验中学", '="实验中学"', "‘星光’小学", "#N/A", "无", "-", "/", "暂无"])
def test_texts_are_kept_to_their_last_mark(desk: Desk, text: str) -> None:
    given = registered(desk, address=text)
    given["members"][0] |= {"name": text, "school": text}
    (outcome,) = answered(desk, STREET, "upsertHouseholds", {"households": [given]})["outcomes"]
    assert outcome["errors"] == []
    kept = (
        "select h.address, p.name, p.school, h.version from household h join person p on p.household_id = h.id"
        " where h.code = %s"
    )
    assert desk.served.rows(kept, given["code"]) == [(text, text, text, 1)]
    assert answered(desk, STREET, "upsertHouseholds", {"households": [given]})["outcomes"] == [outcome]
    assert desk.served.rows(kept, given["code"]) == [(text, text, text, 1)]
