"""Any sequence of files of households leads to the rows, chains and reports that follow from a plain reading of
docs/imports.md."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy, place_of
from hub.foundation.settings import Settings
from hub.imports.report import ImportReport
from hub.model.installation import InstallationRow
from tests.conftest import TestCluster
from tests.hub.imports.conftest import Office
from tests.hub.imports.meaning import HOME, OF_HOUSEHOLD, OF_PERSON, Line, Told, Township
from tests.hub.imports.office import identity_number

NEEDED = ("户编号", "姓名", "身份证号", "与户主关系")
OPTIONAL = tuple(one for one in (*OF_HOUSEHOLD, *OF_PERSON) if one not in NEEDED)
PERSONS = 4
EXAMPLES = 12
"""The number of sequences; each has three to five files, imported two or three times."""
CELLS = {
    "户籍性质": ("", "城镇", "城市", "农村"),
    "地址": ("", "经三路8号", "纬五路1号"),
    "家庭人均月收入": ("", "500", "500.0", "500.00", "¥500元", "1,500.5"),
    "姓名": ("王伟", "王　伟", "李芳"),
    "联系电话": ("", "13900001234", "13700009876"),
    "健康状况": ("", "健康", "慢性病"),
    "学校": ("", "一中", "二中"),
}


@dataclass(frozen=True)
class Street:
    """An office whose imports are called from a thread without a loop; each of its towns has names of its own."""

    office: Office
    portal: BlockingPortal
    numbers: Iterator[int] = field(default_factory=count)

    def imports(self, lines: list[Line], headers: tuple[str, ...]) -> ImportReport:
        """Import a file."""
        return self.portal.call(lambda: self.office.imports(lines, headers=headers))

    def rows(self, query: str, **values: Any) -> list[Any]:
        """The rows in the database."""
        return self.portal.call(lambda: self.office.rows(query, **values))

    def whole(self) -> bool:
        """Whether every chain is whole."""
        return self.portal.call(self.office.chains_are_whole)

    def leaves(self, masked: bytes) -> None:
        """A person leaves the household; the hub has no command for it yet."""

        async def left() -> None:
            async with self.office.database.write() as session:
                connection = await session.connection()
                await connection.exec_driver_sql(
                    "update person set left_on = current_date where id_number_index = $1", (masked,)
                )

        self.portal.call(left)


@pytest.fixture(scope="module")
def street(
    cluster: TestCluster,
    template: str,
    settings: Settings,
    secrecy: Secrecy,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Street]:
    """The office of a street, on a database that accepts sample numbers."""
    name = f"hub_test_{uuid4().hex[:12]}"
    with start_blocking_portal("asyncio") as portal:
        database = Database(cluster.create(name, template), settings)

        async def opened() -> None:
            async with database.write() as session:
                session.add(InstallationRow(sample=True))

        portal.call(opened)
        yield Street(Office(database, secrecy, tmp_path_factory.mktemp("street")), portal)
        portal.call(database.close)
    cluster.drop(name)


@dataclass
class Town:
    """A random town, with names that no other example has."""

    street: Street
    number: int
    meaning: Township = field(default_factory=Township)

    def identity(self, person: int) -> str:
        """The identity number of a person of the town."""
        return identity_number(self.number * 10 + person)

    def code(self, home: int) -> str:
        """The code of a household of the town."""
        return f"T{self.number}-{home}"

    def index(self, number: str) -> bytes:
        """The blind index of a number."""
        return self.street.office.secrecy.blind_index(number)

    def found(self) -> dict[str, Any]:
        """The households of the town in the database, in the form of `meant`."""
        secrecy, at = self.street.office.secrecy, {"code": f"T{self.number}-%"}
        members: dict[Any, dict[str, Any]] = {}
        for home, id, index, version, left, name, relation, phone, health, school in self.street.rows(
            "select household_id, p.id, id_number_index, p.version, left_on is not null, name, relation, phone_sealed, health,"
            " school from person p join household h on h.id = household_id where h.code like :code",
            **at,
        ):
            number = None if phone is None else secrecy.open(phone, place_of("person.phone", id.bytes))
            values = (name, relation, number, health, school)
            members.setdefault(home, {})[index] = (version, left, dict(zip(OF_PERSON, values, strict=True)))
        events: dict[Any, list[Any]] = {}
        for home, type_, index, body in self.street.rows(
            "select e.household_id, e.type, p.id_number_index, e.body from chain_event e join household h on h.id ="
            " e.household_id left join person p on p.id = e.person_id where h.code like :code order by e.number",
            **at,
        ):
            changes = body["members"] if type_ == "HOUSEHOLD_REGISTERED" else body["changed"]
            events.setdefault(home, []).append((type_, index, changes))
        return {
            code: (
                version,
                {"户籍性质": residence, "地址": address, "家庭人均月收入": income},
                members[id],
                events[id],
            )
            for id, code, version, region, residence, address, income in self.street.rows(
                "select id, code, version, region, residence, address, income_per_capita from household"
                " where code like :code",
                **at,
            )
            if region == HOME
        }

    def meant(self) -> dict[str, Any]:
        """The same households by the meaning of the files."""
        return {
            code: (
                home.version,
                home.says,
                {
                    self.index(number): (member.version, member.left, member.says)
                    for number, member in home.members.items()
                },
                [(type_, number and self.index(number), changes) for type_, number, changes in home.events],
            )
            for code, home in self.meaning.homes.items()
        }


def line(town: Town, drawn: tuple[int, int, str, dict[str, str]]) -> Line:
    """A row of a file; the household's values are in the head's row."""
    home, person, relation, cells = drawn
    own = {name: cell for name, cell in cells.items() if relation == "户主" or name not in OF_HOUSEHOLD}
    return {
        **dict.fromkeys(OPTIONAL, ""),
        **own,
        "户编号": town.code(home),
        "身份证号": town.identity(person),
        "与户主关系": relation,
    }


ROWS = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.integers(0, PERSONS - 1),
        st.sampled_from(("户主", "户主", "配偶", "子女")),
        st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}),
    ),
    min_size=1,
    max_size=4,
)
FILES = st.tuples(
    ROWS, st.sets(st.sampled_from(OPTIONAL)), st.sets(st.integers(0, PERSONS - 1), max_size=1), st.randoms()
)


def agrees(report: ImportReport, told: Told) -> None:
    """Asserts that a report agrees with the meaning."""
    assert {(refusal.row, refusal.code) for refusal in report.refused} == told.refused
    assert report.changed == len(told.changed)


@hypothesis_settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(files=st.lists(FILES, min_size=3, max_size=5))
def test_files_in_any_sequence_leave_what_they_mean_and_again_change_nothing(
    street: Street, files: list[Any]
) -> None:
    town = Town(street, next(street.numbers))
    for rows, columns, gone, shuffle in files:
        headers = (*NEEDED, *(one for one in OPTIONAL if one in columns))
        lines = [line(town, row) for row in rows]
        report = street.imports(lines, headers)
        agrees(report, town.meaning.take(lines, headers))
        assert town.found() == town.meant()
        again = street.imports(lines, headers)
        agrees(again, town.meaning.take(lines, headers))
        assert again.changed == 0
        if not report.refused:
            shuffle.shuffle(lines)
            assert street.imports(lines, headers).changed == 0, "the same in another order"
        assert town.found() == town.meant(), "a repeat writes nothing, in rows or chain"
        for person in gone:
            street.leaves(town.index(town.identity(person)))
            town.meaning.leaves(town.identity(person))
    assert street.whole()
