"""Compares the keys of a command or service with their database.

One entry point: `keys_for(database, settings)`. The database stores a check value of each key that a process ever used
(`key_check`); every process compares its file with them before it encrypts, decrypts or signs anything:

- a database without check values and without encrypted values is new: the keys' check values are written into it;
- one with encrypted values but without check values is from before check values: the keys must decrypt an encrypted number,
  and find it by its blind index, before their check values are written;
- otherwise each check value must agree. Keys that are new to the database come from a rotation; their check values are
  added. A signing key may be missing from the file: its tokens have expired.
"""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.foundation.database import Database, now, table_of
from hub.foundation.encryption import Keys, KeysExist, Secrecy, Unreadable, place_of
from hub.foundation.operating import OperatorError
from hub.foundation.settings import Settings
from hub.foundation.troubles import trouble_of
from hub.model.keys import KeyCheckRow
from hub.model.persons import PersonRow

_check, _person = table_of(KeyCheckRow), table_of(PersonRow)


class KeysLost(OperatorError):
    """The database was filled with keys, and {file} is not there. New ones open nothing: put a copy back, or set HUB_KEYS_FILE.
    数据库中的数据已用密钥加密,而密钥文件 {file} 不存在。新密钥无法解密,请恢复该文件的备份,或以 HUB_KEYS_FILE 指明其位置。
    """


class KeysOfAnotherHub(OperatorError):
    """This database was filled with other keys than those of {file} ({names}); set HUB_KEYS_FILE, or name the right database.
    {file} 中的密钥({names})与本数据库所用的不符,请以 HUB_KEYS_FILE 指明正确的密钥文件,或改用正确的数据库。
    """


class KeysIncomplete(OperatorError):
    """{file} lacks keys that values of this database were sealed with ({names}): put the newest copy of the file here.
    {file} 缺少本数据库加密数据所用的密钥({names}),请换上最新的密钥文件。
    """


@dataclass(frozen=True)
class ProcessKeys:
    """The keys of a process. `compared`: whether they were compared with the database; if it was unreachable, they must be
    before they are used."""

    keys: Keys
    compared: bool


async def check_keys(database: Database, keys: Keys, file: Path) -> None:
    """Compare keys with the database, and add the check values of new ones.

    Raises KeysOfAnotherHub, KeysIncomplete; SQLAlchemy's errors if the database is unreachable.
    """
    given = keys.checks()
    async with database.read() as connection:
        known = await _known(connection)
        if not known and not await _opens(connection, Secrecy(keys)):
            raise KeysOfAnotherHub(file=file, names="data, index")
    _compare(known, given, file)
    if missing := given.keys() - known.keys():
        rows = [{"name": name, "digest": given[name], "first_seen_at": now()} for name in sorted(missing)]
        async with database.write() as session:
            await session.execute(pg.insert(_check).values(rows).on_conflict_do_nothing())
        async with database.read() as connection:  # another process may have come first, with other keys
            _compare(await _known(connection), given, file)


async def filled_with_keys(database: Database) -> bool:
    """Whether the database was filled with keys: it has check values, or encrypted values from before check values."""
    async with database.read() as connection:
        return bool(await _known(connection)) or bool(await connection.scalar(_sealed_number.limit(1)))


def keys_at(settings: Settings, *, new_database: bool) -> Keys:
    """The keys of the settings' file. Missing keys are made only for a new embedded database, never for an external one: a
    second hub with its own keys could not read what the first one encrypted.

    Raises KeysMissing, KeysDamaged, and KeysLost if the database was filled with the missing keys.
    """
    path = settings.keys_path
    if not path.exists():
        if not new_database:
            raise KeysLost(file=path)
        if settings.database_url is None and settings.keys_file is None:
            with suppress(KeysExist):  # another process that started at the same time made them
                Keys.create().save(path)
    return Keys.load(path)


async def keys_for(database: Database, settings: Settings) -> ProcessKeys:
    """The keys of a process, compared with its database unless that is unreachable now.

    Raises KeysMissing, KeysDamaged, KeysLost, KeysOfAnotherHub, KeysIncomplete.
    """
    try:
        filled = await filled_with_keys(database)
    except (OSError, DBAPIError, asyncpg.PostgresError) as error:
        if trouble_of(error) is None:
            raise
        return ProcessKeys(Keys.load(settings.keys_path), compared=False)
    keys = keys_at(settings, new_database=not filled)
    await check_keys(database, keys, settings.keys_path)
    return ProcessKeys(keys, compared=True)


_sealed_number = sa.select(_person.c.id, _person.c.id_number_sealed, _person.c.id_number_index)


async def _known(connection: AsyncConnection) -> dict[str, bytes]:
    rows = await connection.execute(sa.select(_check.c.name, _check.c.digest))
    return {row.name: row.digest for row in rows}


async def _opens(connection: AsyncConnection, secrecy: Secrecy) -> bool:
    """Whether the keys decrypt an encrypted number of the database and find it by its blind index; true if there is none."""
    row = (await connection.execute(_sealed_number.order_by(_person.c.id.desc()).limit(1))).one_or_none()
    if row is None:
        return True
    try:
        number = secrecy.open(row.id_number_sealed, place_of("person.id_number", row.id.bytes))
    except Unreadable:
        return False
    return hmac.compare_digest(secrecy.blind_index(number), row.id_number_index)


def _compare(known: dict[str, bytes], given: dict[str, bytes], file: Path) -> None:
    differing = sorted(name for name in known.keys() & given.keys() if known[name] != given[name])
    if differing:
        raise KeysOfAnotherHub(file=file, names=", ".join(differing))
    lacking = sorted(name for name in known.keys() - given.keys() if not name.startswith("signing."))
    if lacking:
        raise KeysIncomplete(file=file, names=", ".join(lacking))
