"""The tables of a database as lists of rows."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.rows import dict_row

from hub.foundation.encryption import Secrecy, place_of

Row = dict[str, Any]
DETAILS = (
    "basic_living", "medical", "education", "housing", "employment", "disaster", "temporary", "service", "other", "charity",
    "relapse_prevention",
)  # fmt: skip
TABLES = (
    "region", "agency", "shown_household", "household", "person", "certification", "circumstance", "aid_record",
    "referral", "referral_aid", "alert", "alert_referral", "visit", "near_relative", *(f"{one}_detail" for one in DETAILS),
)  # fmt: skip
SEALED = ("id_number", "phone", "account")


@dataclass(frozen=True)
class Tables:
    """Every row, by table, and the rows of each household, by table and the household's id."""

    rows: dict[str, list[Row]]
    of_household: dict[str, dict[Any, list[Row]]]


def dump(url: str, secrecy: Secrecy) -> Tables:
    """Read whole tables. Encrypted values are decrypted, and an aid record includes the columns of its detail."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        rows = {table: connection.execute(f"select * from {table}".encode()).fetchall() for table in TABLES}
    for person in rows["person"]:
        for name in SEALED:
            sealed = person[f"{name}_sealed"]
            place = place_of(f"person.{name}", person["id"].bytes)
            person[name] = None if sealed is None else secrecy.open(sealed, place)
    details = {
        (one["household_id"], one["id"], one["version"]): one
        for name in DETAILS
        for one in rows[f"{name}_detail"]
    }
    for aid in rows["aid_record"]:
        aid.update(details[aid["household_id"], aid["id"], aid["version"]])
    of_household: dict[str, dict[Any, list[Row]]] = {table: defaultdict(list) for table in TABLES}
    for table, all_of_them in rows.items():
        for row in all_of_them:
            of_household[table][row.get("household_id")].append(row)
    return Tables(rows, of_household)
