"""The end of a membership, for which the hub has no command or file yet."""

from tests.hub.imports.conftest import Office
from tests.hub.imports.office import identity_number


async def leaves(office: Office, sequence: int) -> None:
    """A person leaves the household."""
    index = office.secrecy.blind_index(identity_number(sequence))
    async with office.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql(
            "update person set left_on = current_date where id_number_index = $1", (index,)
        )
