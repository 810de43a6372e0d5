"""Encrypted values: which keys decrypt them and which do not, and that no number of a person is stored in plain text."""

import json
import logging
import re
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from hub.foundation.encryption import Keys, KeysDamaged, KeysExist, KeysMissing, Secrecy, Unreadable, place_of
from hub.persons.identity_number import check_digit
from tests.fixtures.served import Served
from tests.journeys.outcomes import RECORD_AID, urgent_payment

CIPHERS = ("AES-256-GCM", "SM4-GCM")
KEYS = Keys.create()
HERE = place_of("person.id_number", UUID(int=1).bytes)
THERE = place_of("person.id_number", UUID(int=2).bytes)
ASK = "query ($n: String!) { person(idNumber: $n) { id idNumber name phone } }"

ciphers = pytest.mark.parametrize("cipher", CIPHERS)


def rotated(keys: Keys) -> Keys:
    """The keys with a new one, which encrypts from now on."""
    return keys.with_new().with_newest_in_use()


@ciphers
@given(value=st.text(), place=st.binary(max_size=40))
def test_a_sealed_value_opens_at_its_place_and_shows_nothing(cipher: str, value: str, place: bytes) -> None:
    secrecy = Secrecy(KEYS, cipher)
    sealed = secrecy.seal(value, place)
    assert secrecy.open(sealed, place) == value
    assert len(sealed) == 1 + 2 + 12 + len(value.encode()) + 16
    assert sealed != secrecy.seal(value, place), "equal values must not be recognizable"


@ciphers
def test_a_value_that_was_moved_to_another_row_or_column_is_unreadable(cipher: str) -> None:
    secrecy = Secrecy(KEYS, cipher)
    sealed = secrecy.seal("11100001111", HERE)
    for place in (THERE, place_of("person.phone", UUID(int=1).bytes), b""):
        with pytest.raises(Unreadable):
            secrecy.open(sealed, place)


@ciphers
@given(where=st.integers(min_value=0), flip=st.integers(min_value=1, max_value=255))
def test_a_value_with_any_byte_altered_is_unreadable(cipher: str, where: int, flip: int) -> None:
    secrecy = Secrecy(KEYS, cipher)
    sealed = bytearray(secrecy.seal("11100001111", HERE))
    sealed[where % len(sealed)] ^= flip
    with pytest.raises(Unreadable):
        secrecy.open(bytes(sealed), HERE)


@ciphers
@given(length=st.integers(min_value=0, max_value=41))
def test_a_value_that_was_cut_short_is_unreadable(cipher: str, length: int) -> None:
    secrecy = Secrecy(KEYS, cipher)
    sealed = secrecy.seal("11100001111", HERE)
    assert len(sealed) == 42
    with pytest.raises(Unreadable):
        secrecy.open(sealed[:length], HERE)


@ciphers
def test_a_value_whose_key_is_absent_or_another_is_unreadable(cipher: str) -> None:
    sealed = Secrecy(rotated(KEYS), cipher).seal("11100001111", HERE)
    for keys in (KEYS, rotated(KEYS)):  # without the second key; with another second key of the same number
        with pytest.raises(Unreadable):
            Secrecy(keys, cipher).open(sealed, HERE)


@ciphers
def test_rotation_opens_what_was_sealed_before_and_seals_with_the_new_key(cipher: str) -> None:
    keys = rotated(KEYS)
    before, after = Secrecy(KEYS, cipher), Secrecy(keys, cipher)
    assert after.open(before.seal("11100001111", HERE), HERE) == "11100001111"
    sealed = after.seal("11100001111", HERE)
    without_the_old = Secrecy(replace(keys, data={2: keys.data[2]}), cipher)
    assert without_the_old.open(sealed, HERE) == "11100001111"


def test_a_changed_cipher_still_opens_what_the_other_sealed() -> None:
    for one, other in (CIPHERS, CIPHERS[::-1]):
        assert Secrecy(KEYS, other).open(Secrecy(KEYS, one).seal("11100001111", HERE), HERE) == "11100001111"


def test_the_blind_index_is_the_same_for_one_key_and_another_for_another() -> None:
    number = "410199195501010016"
    index = Secrecy(KEYS).blind_index(number)
    assert len(index) == 32
    assert index == Secrecy(rotated(KEYS)).blind_index(number), "rotation of data keys must not lose anybody"
    assert index != Secrecy(KEYS).blind_index(number[:-1] + "X")
    assert index != Secrecy(replace(KEYS, index=KEYS.cursor[:32])).blind_index(number)


@given(payload=st.binary(min_size=1), audience=st.binary(max_size=40), other=st.binary(max_size=40))
def test_a_cursor_opens_for_its_audience_and_for_no_other(
    payload: bytes, audience: bytes, other: bytes
) -> None:
    secrecy = Secrecy(KEYS)
    sealed = secrecy.seal_cursor(payload, audience)
    assert sealed == secrecy.seal_cursor(payload, audience)
    assert secrecy.open_cursor(sealed, audience) == payload
    if other != audience:
        with pytest.raises(Unreadable):
            secrecy.open_cursor(sealed, other)


@given(forged=st.binary(max_size=60))
def test_a_cursor_that_the_hub_did_not_make_is_unreadable(forged: bytes) -> None:
    with pytest.raises(Unreadable):
        Secrecy(KEYS).open_cursor(forged, b"audience")


def test_the_keys_file_is_for_its_owner_only_and_holds_the_same_keys(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "keys.json"
    keys = rotated(KEYS)
    keys.save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert Keys.load(path) == keys


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    KEYS.save(path)
    with pytest.raises(KeysExist):
        Keys.create().save(path)
    assert Keys.load(path) == KEYS


def test_a_missing_keys_file_is_told_with_its_path_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"keys\.json .*`hub keys create`.*HUB_KEYS_FILE"):
        Keys.load(tmp_path / "keys.json")


@pytest.mark.parametrize("damage", [
    lambda _whole: "", lambda whole: whole[: len(whole) // 2], lambda _whole: "[]", lambda _whole: "{}",
    lambda whole: whole.replace('"index"', '"indices"'), lambda whole: whole.replace("Ed25519", "X9"),
    lambda whole: json.dumps({**json.loads(whole), "data": {}}), lambda whole: json.dumps({**json.loads(whole), "signing": []}),
    lambda whole: json.dumps({**json.loads(whole), "data": {"1": "c2hvcnQ="}}), lambda _whole: "\udcff",
])  # fmt: skip
def test_a_damaged_keys_file_is_told_with_its_path_and_what_to_do(
    tmp_path: Path, damage: Callable[[str], str]
) -> None:
    path = tmp_path / "keys.json"
    KEYS.save(path)
    path.write_text(damage(path.read_text()), errors="surrogateescape")
    with pytest.raises(KeysDamaged, match=r"keys\.json .*copy.*HUB_KEYS_FILE"):
        Keys.load(path)


def test_of_processes_that_make_keys_at_once_one_does_and_all_read_whole_ones(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"

    def make(_number: int) -> bool:
        try:
            Keys.create().save(path)
        except KeysExist:
            return False
        finally:
            Keys.load(path)
        return True

    with ThreadPoolExecutor(8) as several:
        assert sum(several.map(make, range(32))) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["keys.json"]


@pytest.fixture(scope="module")
def numbers(sample_url: str, secrecy: Secrecy) -> set[str]:
    """Every identity number, telephone number and account number of the sample, decrypted."""
    opened = set()
    with psycopg.connect(sample_url) as connection:
        for column in ("id_number", "phone", "account"):
            query = sql.SQL("select id, {column} from person where {column} is not null")
            sealed = connection.execute(query.format(column=sql.Identifier(f"{column}_sealed"))).fetchall()
            assert len(sealed) > 300
            opened |= {secrecy.open(value, place_of(f"person.{column}", id.bytes)) for id, value in sealed}
    return opened


def clear_numbers(dump: bytes, numbers: set[str]) -> set[str]:
    """The numbers that occur in a dump, as text or as text within bytes (which PostgreSQL writes in hex)."""
    inside = [bytes.fromhex(run.decode()) for run in re.findall(rb"\\x((?:[0-9a-f]{2})+)", dump)]
    runs = [run.decode() for run in re.findall(rb"[0-9X]{11,}", b" ".join([dump, *inside]))]
    lengths = {len(number) for number in numbers}
    return numbers & {
        run[start : start + length]
        for run in runs
        for length in lengths
        for start in range(len(run) - length + 1)
    }


def test_no_number_of_a_person_lies_in_the_clear_in_any_table(sample_url: str, numbers: set[str]) -> None:
    dumped = 0
    with psycopg.connect(sample_url) as connection:
        tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            with connection.cursor().copy(
                sql.SQL("copy (select * from {}) to stdout").format(sql.Identifier(table))
            ) as copy:
                text = b"".join(copy)
            dumped += bool(text)
            assert clear_numbers(text, numbers) == set(), table
    assert dumped > 15


def test_the_search_for_numbers_finds_them_in_text_json_and_bytes(numbers: set[str]) -> None:
    for number in sorted(numbers)[:3] + sorted(numbers)[-3:]:
        within = f"\\\\x00{number.encode().hex()}ff"
        for text in (number, f"7{number}9", json.dumps({"note": f"电话{number}。"}), within):
            assert clear_numbers(text.encode(), numbers) == {number}


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """The hub's log, without the lines of the test's own HTTP client."""
    form = logging.Formatter("%(name)s %(message)s")
    return "\n".join(
        form.format(record) for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )


@pytest.mark.parametrize("agency", ["civil_affairs@4101", "charity@4101"])
def test_a_request_by_identity_number_puts_no_number_into_the_logs_or_the_errors(
    hub: Served, numbers: set[str], caplog: pytest.LogCaptureFixture, agency: str
) -> None:
    right = min(number for number in numbers if len(number) == 18)
    unknown = f"41019919000101001{check_digit('41019919000101001')}"
    misspelt = right[:-1] + ("1" if right[-1] != "1" else "2")
    with caplog.at_level(logging.DEBUG):
        replies = [hub.ask(agency, ASK, {"n": number}) for number in (right, unknown, misspelt)]
        replies.append(hub.ask(agency, f'{{ person(idNumber: "{right}") {{ id oops }} }}'))
        address = {"query": ASK, "variables": json.dumps({"n": right})}
        hub.http.get("/graphql", params=address, headers={"authorization": f"Bearer {hub.token(agency)}"})
    found = replies[0].body["data"]["person"]
    assert (found is not None and found["idNumber"] == right) == agency.startswith("civil_affairs")
    for text in (logged(caplog), *(json.dumps(reply.body.get("errors")) for reply in replies)):
        assert not [number for number in (right, unknown, misspelt) if number in text]


def test_an_incident_is_logged_with_its_statement_and_without_whom_it_was_about(
    writable_hub: Served, numbers: set[str], secrecy: Secrecy, caplog: pytest.LogCaptureFixture
) -> None:
    right = min(number for number in numbers if len(number) == 18)
    with psycopg.connect(writable_hub.database_url) as owner:
        owner.execute("alter table person rename column id_number_index to gone")
    with caplog.at_level(logging.DEBUG):
        read = writable_hub.ask("civil_affairs@4101", ASK, {"n": right})
        written = writable_hub.ask(
            "civil_affairs@4101", RECORD_AID, {"input": urgent_payment({"idNumber": right})}
        )
    assert read.codes == written.codes == ["INTERNAL"]
    log = logged(caplog)
    assert log.count("incident") == 2
    assert "id_number_index" in log, "the log must tell what broke"
    assert right not in log
    assert repr(secrecy.blind_index(right)) not in log
