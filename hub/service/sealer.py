"""The sealer of a process: a thread that seals new records every second or so, and anchors the log's checkpoint."""

import asyncio
import logging
from functools import partial

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.ledger.checkpoints import LogKey
from hub.ledger.sealing import Anchor, seal
from hub.service.background import WorkerThread, look_for_work

_log = logging.getLogger(__name__)


class Sealer(WorkerThread):
    """Seals while the context is open, if the settings say so. One process seals at a time."""

    def __init__(self, database: Database, keys: Keys, settings: Settings) -> None:
        super().__init__("sealer", "sealing", database, starts=bool(settings.seal_seconds))
        self._every = settings.seal_seconds
        self._key = LogKey.of(keys, settings.issuer)
        self._anchor = None if settings.anchor_file is None else Anchor(settings.anchor_file)

    async def work(self, database: Database) -> None:
        """Seal at the interval of the settings."""
        work = partial(seal_and_anchor, database, self._key, self._anchor)
        await look_for_work("sealing", asyncio.Event(), self._every, work)


async def seal_and_anchor(database: Database, key: LogKey, anchor: Anchor | None) -> None:
    """Seal new records, and anchor the newest checkpoint; if the anchor cannot be written, log it and try again next time."""
    sealed = await seal(database, key)
    if anchor is None or sealed is None or sealed.note is None:
        return
    try:
        await anchor.write(sealed.note)
    except OSError as error:
        _log.error("the anchor of the log cannot be written: %s", error.strerror)
