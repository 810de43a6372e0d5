"""The names of an upload at their longest, and with one character more."""

import pytest

from tests.fixtures.served import Served
from tests.hub.service.test_uploads import OFFICE, client_of, codes

MORE_COMES = {"upload-complete": "?0"}


@pytest.mark.parametrize(
    ("name", "length", "taken"),
    [
        ("fileName", 199, True), ("fileName", 200, True), ("fileName", 201, False),
        ("externalId", 0, False), ("externalId", 1, True), ("externalId", 64, True), ("externalId", 65, False),
    ],
)  # fmt: skip
def test_the_names_of_an_upload_have_a_longest(
    writable_hub: Served, name: str, length: int, taken: bool
) -> None:
    params = {"kind": "households", name: "长" * length}
    with client_of(writable_hub, OFFICE) as office:
        answered = office.post("/imports", params=params, headers=MORE_COMES)
        assert answered.status_code == (201 if taken else 400), answered.text
        if taken:
            assert answered.json()[name] == "长" * length
        else:
            assert codes(answered) == ["INVALID_INPUT"]
