"""The faults: how each is injected and removed, and what clients may see meanwhile. A new fault is a new line in `FAULTS`."""

import signal
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distribution

from hub.foundation.encryption import Keys
from tests.faults.crowds import Crowd
from tests.faults.installation import Installation, send
from tests.fixtures.clock import LIBRARY
from tests.fixtures.database_wire import Silence

TO_END = 25
"""Seconds within which a process that was asked to end must have ended, even if something hangs."""
AWAY = frozenset(
    {"DATABASE_UNAVAILABLE", "DATABASE_STARTING", "WRITE_UNCONFIRMED", "ACCESS_RECORD_NOT_WRITTEN"}
)
"""The codes while the database does not answer."""
CROWDED = frozenset({"SERVER_BUSY", "TOO_MANY_AT_ONCE", "BUSY"})
"""The codes for requests while others wait."""


@dataclass(frozen=True)
class Fault:
    """One fault. `words` are the codes that clients may get besides "ok"; `gone`: a process of the hub is gone, so requests
    to it may get no answer; `seconds`: its duration, 0 if it ends by itself; `possible`: whether this machine can have it."""

    name: str
    inject: Callable[[Installation], None]
    heal: Callable[[Installation], None]
    words: frozenset[str]
    seconds: float = 6
    gone: bool = False
    possible: Callable[[Installation], bool] = lambda _world: True


def _silent(direction: Silence, *, new_too: bool) -> Callable[[Installation], None]:
    def inject(world: Installation) -> None:
        for wire in world.wires:
            wire.silence(direction, new_too=new_too)

    return inject


def _heal_wires(world: Installation) -> None:
    for wire in world.wires:
        wire.heal()


def _cut(world: Installation) -> None:
    for wire in world.wires:
        wire.cut()


def _stop(*, all_of_it: bool) -> Callable[[Installation], None]:
    def inject(world: Installation) -> None:
        world.stopped = [world.postmaster, *(world.backends if all_of_it else [])]
        send(world.stopped, signal.SIGSTOP)

    return inject


def _go_on(world: Installation) -> None:
    send(world.stopped, signal.SIGCONT)


def _kill_backends(world: Installation) -> None:
    pids = world.rows(
        "select pid from pg_stat_activity where usename like 'hub\\_%%' and pid <> pg_backend_pid()"
    )
    send([int(str(pid)) for (pid,) in pids], signal.SIGKILL)


def _kill_server(world: Installation) -> None:
    send([world.postmaster], signal.SIGKILL)


def _start_server(world: Installation) -> None:
    world.server.restart(lambda: False)


_END_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity where usename in ('hub_service', 'hub_query')"
)


def _administrator(*statements: str) -> Callable[[Installation], None]:
    """Statements of an administrator, followed by ending the hub's sessions."""
    return lambda world: world.owner(*statements, _END_SESSIONS)


def _limit(connections: int) -> list[str]:
    return [f"alter role {login} connection limit {connections}" for login in ("hub_service", "hub_query")]


def _fill_disk(world: Installation) -> None:
    assert world.disk is not None
    with (world.disk / "ballast").open("wb") as ballast:
        try:
            while True:
                ballast.write(b"\0" * 65_536)
                ballast.flush()
        except OSError:
            return


def _free_disk(world: Installation) -> None:
    assert world.disk is not None
    (world.disk / "ballast").unlink()
    _start_server(world)


def _kill_hub(number: int) -> Callable[[Installation], None]:
    return lambda world: world.hubs[number].kill()


def _start_hub(number: int) -> Callable[[Installation], None]:
    return lambda world: world.hubs[number].start()


def _end_while_silent(world: Installation) -> None:
    """The database and the network are silent, and a process is asked to end: it must end in time."""
    _silent(Silence.BOTH, new_too=True)(world)
    world.hubs[0].end(TO_END)


def _start_after_silence(world: Installation) -> None:
    _heal_wires(world)
    world.hubs[0].start()


def _start_with_clock(seconds: int) -> Callable[[Installation], None]:
    """Starts a process again on a machine with another clock."""

    def inject(world: Installation) -> None:
        world.hubs[1].kill()
        world.hubs[1].start(
            LD_PRELOAD=str(distribution("libfaketime").locate_file(LIBRARY)),
            FAKETIME=f"{seconds:+d}",
            DONT_FAKE_MONOTONIC="1",
            FAKETIME_FORCE_MONOTONIC_FIX="0",
        )

    return inject


def _start_with_clock_of_all(world: Installation) -> None:
    world.hubs[1].kill()
    world.hubs[1].start()


def _start_with_other_keys(world: Installation) -> None:
    """Starts a process with the keys of another hub: it must not run."""
    other = world.folder / "other-keys.json"
    if not other.exists():
        Keys.create().save(other)
    world.hubs[0].kill()
    try:
        world.hubs[0].start(HUB_KEYS_FILE=str(other))
    except RuntimeError as refusal:
        if "KEYS_OF_ANOTHER_HUB" in str(refusal):
            return
    raise RuntimeError("a process ran with the keys of another hub")


_NEWER_SCHEMA = "update schema_version set revision = 'newer_' || revision"
_OWN_SCHEMA = "update schema_version set revision = substr(revision, 7)"
_writers, _batches = Crowd(), Crowd()


def _nothing(_world: Installation) -> None:
    """The fault ends by itself."""


FAULTS: tuple[Fault, ...] = (
    Fault("every connection is reset", _cut, _nothing, AWAY, 0),
    Fault("open connections are silent, new ones are not", _silent(Silence.BOTH, new_too=False), _nothing, AWAY | CROWDED, 0),
    Fault("what the database sends is lost, on open connections", _silent(Silence.FROM_DATABASE, new_too=False), _nothing,
          AWAY | CROWDED, 0),
    Fault("what the hub sends is lost, on open connections", _silent(Silence.FROM_HUB, new_too=False), _nothing,
          AWAY | CROWDED, 0),
    Fault("all connections are silent, new ones too", _silent(Silence.BOTH, new_too=True), _heal_wires, AWAY | CROWDED, 20),
    Fault("PostgreSQL is stopped (SIGSTOP), its postmaster", _stop(all_of_it=False), _go_on, AWAY | CROWDED, 10),
    Fault("PostgreSQL is stopped (SIGSTOP), all of it", _stop(all_of_it=True), _go_on, AWAY | CROWDED, 20),
    Fault("backends are killed (SIGKILL)", _kill_backends, _nothing, AWAY | CROWDED, 0),
    Fault("PostgreSQL is killed (SIGKILL)", _kill_server, _start_server, AWAY | CROWDED),
    Fault("the database is read-only", _administrator("alter database hub set default_transaction_read_only = on"),
          _administrator("set default_transaction_read_only = off", "alter database hub reset default_transaction_read_only"),
          AWAY | CROWDED | {"DATABASE_READ_ONLY"}),
    Fault("no connection is free", _administrator(*_limit(0)), _administrator(*_limit(-1)),
          AWAY | CROWDED | {"DATABASE_CONNECTIONS_EXHAUSTED"}),
    Fault("access records may not be written", _administrator("revoke insert on access_record from hub_writer"),
          _administrator("grant insert on access_record to hub_writer"), AWAY | CROWDED),
    Fault("the disk is full", _fill_disk, _free_disk, AWAY | CROWDED | {"DATABASE_DISK_FULL"}, 10,
          possible=lambda world: world.disk is not None),
    Fault("a process of the hub is killed (SIGKILL)", _kill_hub(0), _start_hub(0), AWAY | CROWDED, 2, gone=True),
    Fault("the other process of the hub is killed (SIGKILL)", _kill_hub(1), _start_hub(1), AWAY | CROWDED, 2, gone=True),
    Fault("a process is asked to end (SIGTERM) while the database is silent", _end_while_silent, _start_after_silence,
          AWAY | CROWDED, 1, gone=True),
    Fault("a process runs on a clock that is 20 s ahead", _start_with_clock(20), _start_with_clock_of_all, AWAY | CROWDED,
          gone=True),
    Fault("a process runs on a clock that is 20 s behind", _start_with_clock(-20), _start_with_clock_of_all, AWAY | CROWDED,
          gone=True),
    Fault("a process is started with the keys of another hub", _start_with_other_keys, _start_hub(0), AWAY | CROWDED, 1,
          gone=True),
    Fault("a newer version migrates the database", lambda world: world.owner(_NEWER_SCHEMA),
          lambda world: world.owner(_OWN_SCHEMA), AWAY | CROWDED | {"SCHEMA_INCOMPATIBLE"}, 12),
    Fault("a household stays locked and 16 write to it", _writers.at_a_locked_household, _writers.dismiss, AWAY | CROWDED, 15),
    Fault("a client sends 24 batches of 500 at once", _batches.of_batches, _batches.dismiss, AWAY | CROWDED, 15),
)  # fmt: skip
