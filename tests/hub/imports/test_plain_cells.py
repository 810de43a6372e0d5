"""The short way to read a cell gives the same result as the long way."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from hub.foundation.texts import Form, is_ordinary, refined
from hub.households import values
from hub.imports import cells
from hub.imports.text_files import text_files

TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"), st.sampled_from("张三李0123Aa\u3400\u9fff\uff21\u00b2\u2460\uf900 .·")
    ),
    max_size=8,
)
UNQUOTED = st.lists(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters='",;\t\r\n\x00'), max_size=6),
        min_size=2,
        max_size=4,
    ),
    min_size=1,
    max_size=5,
)


@given(text=TEXTS, form=st.sampled_from(Form))
def test_an_ordinary_text_is_in_every_form_already(text: str, form: Form) -> None:
    if is_ordinary(text):
        assert refined(text, form) == text
        assert values.spaced(text) == text
        assert cells.compact(text) == cells.name(text) == cells.text(text) == text


@given(
    amount=st.decimals(0, 10**10, places=2),
    as_written=st.sampled_from(["{}", "{:.0f}", "{:.1f}", "0{}", "¥{}", "{}元"]),
)
def test_an_amount_is_the_same_however_it_is_read(amount: Decimal, as_written: str) -> None:
    text = as_written.format(amount)
    plain = Decimal(text.strip("¥元"))
    if plain <= Decimal("9999999999.99"):
        read = cells.money(text)
        assert read == plain
        assert read is not None
        assert read.as_tuple().exponent == -2


@given(rows=UNQUOTED, ends=st.sampled_from(["\n", "\r\n"]))
def test_a_file_without_quotation_marks_has_the_rows_that_the_careful_reading_finds(
    rows: list[list[str]], ends: str
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes("".join(",".join(row) + ends for row in rows).encode())
        file = text_files(path, path.read_bytes()[:4])[0]
        assert not file.quoted
        assert list(file) == list(replace(file, quoted=True))
