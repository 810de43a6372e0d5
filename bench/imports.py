"""W6: imports an office's file of households, then a registry's monthly list of its persons, by the real command on the
embedded database."""

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from hub.persons.identity_number import check_digit

_HEADERS = ("户编号", "姓名", "身份证号", "与户主关系", "行政区划代码", "户籍性质", "地址", "家庭人均月收入", "救助类别",
            "认定日期", "联系电话")  # fmt: skip
_RELATIONS = ("户主", "配偶", "子女", "父母")
_SINCE = date(1940, 1, 1)


def _number(person: int) -> str:
    """An identity number of 金水区 with a valid check digit, a different one for each person."""
    day, order = divmod(person, 1000)
    body = f"410105{_SINCE + timedelta(days=day):%Y%m%d}{order:03d}"
    return body + check_digit(body)


def _rows(rows: int) -> Iterator[tuple[str, ...]]:
    for person in range(rows):
        household, place = divmod(person, len(_RELATIONS))
        category = ("低保", "2026-01-01") if household % 3 == 0 else ("", "")
        phone = f"139{person:08d}"
        yield (
            f"B{household:08d}",
            f"测试{person}",
            _number(person),
            _RELATIONS[place],
            "410105001",
            "城镇",
            f"经{household % 97}路{household % 300}号",
            f"{300 + household % 900}.50",
            *category,
            phone,
        )


def _write(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)


def _unemployed(rows: int) -> Iterator[tuple[str, ...]]:
    """Every second person of the file."""
    for person in range(0, rows, 2):
        yield f"U{person:08d}", _number(person), "2026-01-15"


def measure(folder: Path, rows: int) -> dict[str, float]:
    """Seconds for the first import of a file of households, one row for each person and four to a household, and for the same
    file again; then of the list of those registered as unemployed, half as many rows. The times include the start of the
    command and of the database. Raises CalledProcessError if a row was refused."""
    households, unemployed = folder / "households.csv", folder / "unemployed.csv"
    _write(households, _HEADERS, _rows(rows))
    _write(unemployed, ("业务编号", "身份证号", "登记日期"), _unemployed(rows))
    hub = [sys.executable, "-m", "hub.service.cli"]
    environment = {**os.environ, "HUB_DATA_DIR": str(folder / "data")}
    subprocess.run(
        [*hub, "client", "list", "--json"], env=environment, check=True, stdout=subprocess.DEVNULL
    )  # makes the cluster

    def seconds(kind: str, file: Path, agency: str) -> float:
        started = time.perf_counter()
        command = [*hub, "import", kind, str(file), "--agency", agency]
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
        return round(time.perf_counter() - started, 1)

    office, registry = "civil_affairs@410105001", "human_resources@410105"
    return {
        "first": seconds("households", households, office),
        "again": seconds("households", households, office),
        "list_first": seconds("circumstances", unemployed, registry),
        "list_again": seconds("circumstances", unemployed, registry),
    }
