"""How PostgreSQL is to join what the parts of one statement give."""

from persistence.database import Reading, command, driver_of


async def avoid_loops(db: Reading) -> None:
    """Until the transaction ends. There are no statistics of the parts of a WITH: after some filters PostgreSQL takes
    them for a row or two, and would compare each of many thousands with each."""
    await command(driver_of(db.connection), "SET LOCAL enable_nestloop = off")
