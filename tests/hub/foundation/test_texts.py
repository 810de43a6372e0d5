"""Texts in normalised form."""

import sys
import unicodedata

import pytest

from hub.foundation.texts import Form, InvalidValue, refined

COMPOSED, DECOMPOSED = "é", "e\u0301"


@pytest.mark.parametrize("written", ["W-1", " W-1 ", "\u3000W-1\u00a0", "\tW-1\r\n", "Ｗ－１", "\x1fW-1"])
@pytest.mark.parametrize("form", [Form.CODE, Form.KEY])
def test_a_key_is_one_however_it_is_spaced_and_however_wide_it_is(written: str, form: Form) -> None:
    assert refined(written, form) == "W-1"


@pytest.mark.parametrize("form", list(Form))
def test_letters_are_composed(form: Form) -> None:
    assert refined(DECOMPOSED, form) == COMPOSED


@pytest.mark.parametrize(
    ("form", "kept"),
    [(Form.CODE, "W1"), (Form.KEY, "W 1"), (Form.LINE, "W 1"), (Form.PROSE, "W\u00a01")],
)
def test_spaces_inside_a_text_are_what_its_form_says(form: Form, kept: str) -> None:
    assert refined("W\u00a01", form) == kept


def test_what_somebody_tells_keeps_its_lines_and_a_name_has_one() -> None:
    prose = "第一行\n　　第二行\t完"
    assert refined(f"\n{prose}\n", Form.PROSE) == prose
    for form in (Form.KEY, Form.LINE):
        with pytest.raises(InvalidValue, match="end of a line"):
            refined("a\nb", form)


@pytest.mark.parametrize(
    ("hidden", "name"),
    [
        ("\u200b", "U+200B ZERO WIDTH SPACE"), ("\u200d", "U+200D ZERO WIDTH JOINER"), ("\u00ad", "U+00AD SOFT HYPHEN"),
        ("\u202e", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\ufeff", "U+FEFF ZERO WIDTH NO-BREAK SPACE"),
        ("\u2028", "U+2028 LINE SEPARATOR"), ("\u2029", "U+2029 PARAGRAPH SEPARATOR"), ("\x00", "U+0000"), ("\x1b", "U+001B"),
        ("\x85", "U+0085"), ("\ue000", "U+E000"), ("\U000f0000", "U+F0000"), ("\ud800", "U+D800"), ("\uffff", "U+FFFF"),
        ("\U000e0041", "U+E0041 TAG LATIN CAPITAL LETTER A"), ("\u0378", "U+0378"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", list(Form))
def test_what_nobody_can_see_is_refused_by_its_name(form: Form, hidden: str, name: str) -> None:
    for text in (f"W{hidden}1", f"张{hidden}三"):
        if form is Form.CODE and hidden.isspace():
            continue  # a line break becomes a space, and spaces are ignored in a code
        with pytest.raises(InvalidValue) as refused:
            refined(text, form)
        assert refused.value.reason.endswith(name)
        assert name in refused.value.reason_zh


@pytest.mark.parametrize("name", ["𱍐", "㐂", "阿卜杜拉·买买提", "O'Neil", "𠮷田", "葛\U000e0100"])
def test_rare_characters_of_names_are_kept_newer_ones_than_this_python_knows_too(name: str) -> None:
    assert refined(name, Form.LINE) == name


def test_a_refined_text_stays_as_it_is() -> None:
    for number in range(0, sys.maxunicode + 1, 7):
        for form in Form:
            try:
                once = refined(f"a{chr(number)}b", form)
            except InvalidValue:
                continue
            assert refined(once, form) == once
            assert unicodedata.is_normalized("NFC", once)


@pytest.mark.parametrize("blank", [chr(0xFE0F), chr(0xE0100), chr(0x180B)])
def test_a_variation_selector_may_follow_a_character_of_a_name_and_stands_in_no_key(blank: str) -> None:
    for form in (Form.LINE, Form.PROSE):
        assert refined(f"葛{blank}", form) == f"葛{blank}"
        with pytest.raises(InvalidValue, match="an invisible character"):
            refined(f" {blank}", form)
    for form in (Form.CODE, Form.KEY):
        with pytest.raises(InvalidValue, match="an invisible character"):
            refined(f"W{blank}-1", form)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize(
    "blank", [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0xFFFC, 0x1D159], ids=hex
)
def test_what_nobody_sees_is_refused_though_unicode_calls_it_a_letter_a_mark_or_a_symbol(
    blank: int, form: Form
) -> None:
    with pytest.raises(InvalidValue, match="an invisible character"):
        refined(f"W{chr(blank)}-1", form)
    with pytest.raises(InvalidValue):
        refined(chr(blank), form)
