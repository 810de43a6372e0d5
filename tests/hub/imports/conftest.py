"""A database that accepts sample numbers, the grants of a few agencies, and one way to import files and read the result."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.imports.imports import Progress, run_import
from hub.imports.report import ImportReport
from hub.ledger.chain import verify_chain
from hub.model.import_runs import ImportKind
from hub.model.installation import InstallationRow
from tests.hub.imports.office import HEADERS, Row, write_csv


def grant_of(agency: str, *, without: frozenset[Scope] = frozenset()) -> Grant:
    """The full grant of an agency's department, without some scopes."""
    department, _, region = agency.partition("@")
    permissions = DEPARTMENTS[department]
    return Grant(agency, "cli", permissions.scopes - without, (region,), permissions.purposes[0])


TOWNSHIP_OFFICE = grant_of("civil_affairs@410105001")
OTHER_TOWNSHIP_OFFICE = grant_of("civil_affairs@410105002")
COUNTY_OFFICE = grant_of("civil_affairs@410105")
OTHER_COUNTY_OFFICE = grant_of("civil_affairs@410102")
AGRICULTURE = grant_of("agriculture@410105")
EDUCATION = grant_of("education@410105")


@dataclass(frozen=True)
class Office:
    """Imports files, and reads the results."""

    database: Database
    secrecy: Secrecy
    folder: Path

    async def imports(
        self,
        file: Path | Sequence[Row],
        grant: Grant = TOWNSHIP_OFFICE,
        kind: ImportKind = ImportKind.HOUSEHOLDS,
        headers: Sequence[str] = HEADERS,
        progress: Progress = lambda _done, _total: None,
        month: date | None = None,
        sheets: Sequence[str] = (),
        words: Path | None = None,
        preview: bool = False,
    ) -> ImportReport:
        """Import a file or some of its sheets, or rows written as CSV; optionally as the list of a month, or with words of
        the office."""
        path = file if isinstance(file, Path) else write_csv(self.folder / "file.csv", file, headers)
        report = self.folder / "refused.csv"
        return await run_import(
            self.database,
            self.secrecy,
            kind,
            path,
            grant,
            progress,
            report,
            month=month,
            sheets=sheets,
            words=words,
            preview=preview,
        )

    async def rows(self, sql: str, **values: Any) -> list[Any]:
        """The rows of a query; the plain values if it has one column."""
        async with self.database.write() as session:
            found = (await session.execute(sa.text(sql), values)).all()
        return [row[0] if len(row) == 1 else tuple(row) for row in found]

    async def counts(self) -> dict[str, int]:
        """The number of rows in each table that an import writes."""
        tables = ("household", "person", "certification", "aid_record", "chain_event", "import_run")
        return {table: (await self.rows(f"select count(*) from {table}"))[0] for table in tables}

    async def state(self) -> list[Any]:
        """Everything that households, persons and certifications contain, without ids, times and encrypted values."""
        return await self.rows(
            "select h.code, h.region, h.residence, h.address, h.income_per_capita, p.name, p.id_number_masked,"
            " p.birth_date, p.gender, p.relation, p.health, p.disability_type, p.disability_grade, p.employment,"
            " p.labour, c.category, c.valid_from, c.person_id is null"
            " from household h join person p on p.household_id = h.id left join certification c"
            " on c.household_id = h.id and coalesce(c.person_id, p.id) = p.id order by h.code, p.id_number_index, c.category"
        )

    async def chains_are_whole(self) -> bool:
        """Whether every household has a chain, and every chain is whole."""
        async with self.database.read() as connection:
            ids = (await connection.execute(sa.text("select id from household"))).scalars().all()
            verdicts = [await verify_chain(connection, id) for id in ids]
        return all(verdict.whole and verdict.length > 0 for verdict in verdicts)


@pytest.fixture
async def office(database: Database, secrecy: Secrecy, tmp_path: Path) -> Office:
    """Imports into a fresh database that is marked as a sample."""
    async with database.write() as session:
        session.add(InstallationRow(sample=True))
    return Office(database, secrecy, tmp_path)


def refusals(report: ImportReport) -> list[tuple[int, str, str]]:
    """The row, field and code of each refusal."""
    return [(refusal.row, refusal.field, refusal.code) for refusal in report.refused]


def notices(report: ImportReport) -> list[str]:
    """The codes of the notices."""
    return [notice.code for notice in report.warnings]


def message(report: ImportReport, code: str) -> str:
    """The Chinese message of a notice."""
    return next(notice.message_zh for notice in report.warnings if notice.code == code)
