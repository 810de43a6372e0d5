"""GB 11643, in the forms that people and spreadsheets write."""

import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.persons import Gender
from hub.persons.identity_number import (
    REGIONS_EVER,
    InvalidIdentityNumber,
    check_digit,
    masked,
    parse_identity_number,
    veiled,
)

OF_A_CENTURY = st.dates(date(1900, 1, 1), date(2026, 1, 1))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(sorted(REGIONS_EVER)))
    first17 = f"{region}{draw(OF_A_CENTURY):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first17 + check_digit(first17)


def refusal(text: str, *, sample: bool = False) -> InvalidIdentityNumber:
    with pytest.raises(InvalidIdentityNumber) as caught:
        parse_identity_number(text, sample=sample)
    return caught.value


@given(st.sampled_from(sorted(REGIONS_EVER)), OF_A_CENTURY, st.integers(0, 999))
def test_a_number_tells_what_it_was_made_of(region: str, born: date, sequence: int) -> None:
    first17 = f"{region}{born:%Y%m%d}{sequence:03}"
    parsed = parse_identity_number(first17 + check_digit(first17), sample=False)
    assert parsed.number[:17] == first17
    assert parsed.birth_date == born
    assert parsed.gender is (Gender.MALE if sequence % 2 else Gender.FEMALE)


def test_a_permanent_residence_card_has_9_and_the_code_of_a_province_before_the_nationality() -> None:
    for region, taken in (("941840", True), ("911156", True), ("999840", False), ("900840", False)):
        first17 = f"{region}19850312001"
        if taken:
            assert parse_identity_number(first17 + check_digit(first17), sample=False).birth_date == date(
                1985, 3, 12
            )
        else:
            assert "region" in str(refusal(first17 + check_digit(first17)))


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_wrong_character_is_refused(number: str, place: int, character: str) -> None:
    changed = number[:place] + character + number[place + 1 :]
    if changed == number:
        assert parse_identity_number(changed, sample=True).number == number
    else:
        refusal(changed, sample=True)


@given(numbers(), st.integers(0, 16))
def test_any_two_neighbours_swapped_are_refused(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped == number:
        assert parse_identity_number(swapped, sample=True).number == number
    else:
        refusal(swapped, sample=True)


def test_the_standards_own_example_is_accepted() -> None:
    parsed = parse_identity_number("11010519491231002X", sample=False)
    assert (parsed.birth_date, parsed.gender) == (date(1949, 12, 31), Gender.FEMALE)


@pytest.mark.parametrize(
    "written",
    [" 11010519491231002x\t", "\u300011010519491231002X\u00a0", "\uff11\uff1101051949123100\uff12\uff38"],
)
def test_spaces_full_width_characters_and_a_small_x_are_read(written: str) -> None:
    assert parse_identity_number(written, sample=False).number == "11010519491231002X"


@pytest.mark.parametrize(
    "text", ["4.10199E+17", "4.1010519900101e17", "410105199001011234.0", "410105199001011000"]
)
def test_digits_a_spreadsheet_lost_are_named_as_such(text: str) -> None:
    error = refusal(text)
    assert "text" in error.message
    assert "文本" in error.message_zh


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("", "empty", "为空"),
        ("410105900101123", "15 digits", "15 位"),
        ("41010519900101123", "17 digits", "17 位"),
        ("4101051990O1011234", "17 digits", "17 位"),
        ("¹¹010519491231002X", "17 digits", "17 位"),
        ("990105199001011234", "no region", "行政区划"),
        ("410105199002301234", "not a birth date", "出生日期"),
        ("410105189912311234", "before 1900", "1900"),
        ("11010519491231002X'; drop table person --", "17 digits", "17 位"),
    ],
)
def test_each_fault_is_named_in_both_languages_without_the_number(
    text: str, english: str, chinese: str
) -> None:
    error = refusal(text)
    assert english in error.message
    assert chinese in error.message_zh
    assert not text or text not in error.message + error.message_zh


def test_a_birth_date_in_the_future_is_refused() -> None:
    first17 = f"410105{datetime.now(UTC) + timedelta(days=2):%Y%m%d}001"
    assert "future" in refusal(first17 + check_digit(first17)).message


@pytest.mark.parametrize("region", ["410121", "410107", "410111"])
def test_people_keep_the_number_of_an_abolished_county(region: str) -> None:
    first17 = f"{region}19700101001"
    assert parse_identity_number(first17 + check_digit(first17), sample=False).number.startswith(region)


def test_only_a_sample_accepts_the_region_that_is_nobodys() -> None:
    first17 = "41019919700101001"
    number = first17 + check_digit(first17)
    assert parse_identity_number(number, sample=True).number == number
    assert "no region" in refusal(number, sample=False).message


def test_a_mask_keeps_the_province_alone() -> None:
    assert masked("11010519491231002X") == "11****************"


def test_beside_birth_date_and_gender_a_masked_number_is_one_of_many() -> None:
    """With the birth date and the gender, which are open to the reader, a masked number still leaves 500 numbers in each
    county."""
    birth, regions = "19491231", sorted(one for one in REGIONS_EVER if one.startswith("41"))
    of_men = [f"{order:03}" for order in range(1, 1000, 2)]
    numbers = [
        first17 + check_digit(first17)
        for region in regions
        for first17 in (f"{region}{birth}{order}" for order in of_men)
    ]
    shown = [(masked(number), parse_identity_number(number, sample=False)) for number in numbers]
    assert {(mask, number.birth_date, number.gender) for mask, number in shown} == {
        ("41****************", date(1949, 12, 31), Gender.MALE)
    }
    assert len(set(numbers)) == 198_000
    assert sum(number.startswith("4101") for number in numbers) == 11_500
    assert sum(number.startswith("410105") for number in numbers) == 500


def test_a_number_of_another_kind_keeps_two_characters_at_each_end() -> None:
    assert (veiled("13800001111"), veiled("12345678")) == ("13*******11", "********")


def test_a_number_is_read_in_a_few_calls_since_a_file_holds_a_hundred_thousand() -> None:
    first17 = "41010519800517123"
    number = first17 + check_digit(first17)
    parse_identity_number(number, sample=False)
    calls = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(note)
    try:
        parse_identity_number(number, sample=False)
    finally:
        sys.setprofile(None)
    assert 0 < calls <= 12
