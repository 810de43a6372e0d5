"""Sealed values: what opens them, what does not, and that no number of a person lies about in the clear."""

import json
import logging
import re
import stat
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from hub.persons.identity_number import check_digit
from hub.secrecy import Keys, KeysMissing, Secrecy, Unreadable, place_of
from tests.fixtures.served import Served

CIPHERS = ("AES-256-GCM", "SM4-GCM")
KEYS = Keys.create()
HERE = place_of("person.id_number", UUID(int=1).bytes)
THERE = place_of("person.id_number", UUID(int=2).bytes)
ASK = "query ($n: String!) { person(idNumber: $n) { id idNumber name phone } }"

ciphers = pytest.mark.parametrize("cipher", CIPHERS)


def rotated(keys: Keys) -> Keys:
    """The keys with one more, which seals from now on."""
    return replace(keys, data={**keys.data, max(keys.data) + 1: Keys.create().data[1]})


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
    for keys in (KEYS, rotated(KEYS)):  # without the second key; with a second key of the same number
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
    with pytest.raises(FileExistsError):
        Keys.create().save(path)
    assert Keys.load(path) == KEYS


def test_a_missing_keys_file_is_told_with_its_path_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"keys\.json: .*`hub keys create`.*HUB_KEYS_FILE"):
        Keys.load(tmp_path / "keys.json")


@pytest.fixture(scope="module")
def numbers(sample_url: str, secrecy: Secrecy) -> set[str]:
    """Every identity number, telephone and account number of the sample, opened."""
    opened = set()
    with psycopg.connect(sample_url) as connection:
        for column in ("id_number", "phone", "account"):
            query = sql.SQL("select id, {column} from person where {column} is not null")
            sealed = connection.execute(query.format(column=sql.Identifier(f"{column}_sealed"))).fetchall()
            assert len(sealed) > 300
            opened |= {secrecy.open(value, place_of(f"person.{column}", id.bytes)) for id, value in sealed}
    return opened


def clear_numbers(text: bytes, numbers: set[str]) -> set[str]:
    """Those of the numbers that a text holds: as text, or as text within bytes that PostgreSQL printed in hex."""
    found = {run.decode() for run in re.findall(rb"(?=(\d{17}[\dX]|\d{19}|\d{11}))", text)}
    found |= {run.decode() for run in re.findall(rb"(?=(\d{19}))", text)}
    found |= {run.decode() for run in re.findall(rb"(?=(\d{11}))", text)}
    in_hex = re.findall(rb"(?=((?:3\d){11}))", text)
    if in_hex:
        found |= {one for one in numbers if one.encode().hex().encode() in text}
    return found & numbers


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
        for text in (number, f"7{number}9", json.dumps({"note": f"电话{number}。"}), f"\\\\x00{number.encode().hex()}ff"):
            assert clear_numbers(text.encode(), numbers) == {number}


@pytest.mark.parametrize("agency", ["civil_affairs@4101", "education@4101", "charity@4101"])
def test_a_request_by_identity_number_leaves_no_number_in_the_logs_and_none_in_the_refusal(
    hub: Served, numbers: set[str], caplog: pytest.LogCaptureFixture, agency: str
) -> None:
    right = next(one for one in sorted(numbers) if len(one) == 18)
    unknown = "41019919000101001"
    asked = [right, f"{unknown}{check_digit(unknown)}", right[:-1] + ("1" if right[-1] != "1" else "2"), right[:11]]
    with caplog.at_level(logging.DEBUG):
        replies = [hub.ask(agency, ASK, {"n": number}) for number in asked]
        replies += [hub.ask(agency, ASK.replace("$n)", f'"{right}" oops: 1)'))]
        hub.http.get("/graphql", params={"query": ASK, "variables": json.dumps({"n": right})})
    spoken = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    written = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in spoken)
    errors = json.dumps([reply.body.get("errors") for reply in replies])
    for number in asked[:3]:
        assert number not in written
        assert number not in errors
    if agency.startswith("civil_affairs"):
        assert replies[0].data["person"]["idNumber"] == right
    else:
        assert right not in json.dumps([reply.body.get("data") for reply in replies]) or agency == "education@4101"
