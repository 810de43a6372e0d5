"""The end of a membership, which no command of the hub and no file says yet."""

from tests.hub.imports.conftest import Office
from tests.hub.imports.office import identity_number


async def leaves(office: Office, sequence: int) -> None:
    """Somebody is no member any more."""
    index = office.secrecy.blind_index(identity_number(sequence))
    async with office.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "update person set left_on = current_date where id_number_index = $1", (index,)
        )
