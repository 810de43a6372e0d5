"""Several processes of the service behind one address, and their supervisor, which opens the socket.

A worker is a process of its own (`hub.service.worker`), which accepts from the inherited socket. A worker that ends, or is
silent for `SILENT` seconds, is replaced. SIGUSR1 replaces all workers, one after another, with the present code and settings
files: each stops when its successor accepts, and finishes its responses. SIGTERM and SIGINT end all workers within their time
limit (`hub.service.ending`). A worker ends by itself if the supervisor is gone.
"""

import logging
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from hub.service.ending import LONGEST_END

SILENT = 30.0
"""Seconds without a sign of life after which a worker counts as hung; it gives one every second."""
TO_START = 60.0
"""Seconds that a worker may take until it accepts connections."""
_TO_END = LONGEST_END + 2
_LONGEST_PAUSE = 30.0
_SOUND = 60.0
"""Seconds after which a restarted worker counts as healthy."""
_LOOK = 0.5
_RELOAD = signal.SIGUSR1
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = logging.getLogger(__name__)


def listening(host: str, port: int) -> socket.socket:
    """The socket from which all workers accept; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    opened = socket.create_server((host, port), family=family, backlog=4096)
    opened.set_inheritable(True)
    return opened


class Worker:
    """One worker process. It writes signs of life to `signs`, the first when it accepts; `life` closes with the supervisor."""

    def __init__(self, command: Sequence[str], shared: socket.socket) -> None:
        self.signs, theirs = os.pipe()
        of_theirs, self.life = os.pipe()
        inherited = (shared.fileno(), theirs, of_theirs)
        self.process = subprocess.Popen(  # noqa: S603  # the same interpreter
            [*command, *map(str, inherited)], pass_fds=inherited, start_new_session=True
        )
        os.close(theirs)
        os.close(of_theirs)
        self.accepts = False
        self.since = self.heard = time.monotonic()

    def hear(self) -> None:
        """Read its signs of life."""
        if os.read(self.signs, 4096):
            self.accepts, self.heard = True, time.monotonic()

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self.process.poll() is not None

    @property
    def hangs(self) -> bool:
        """Whether it has been silent for too long."""
        return time.monotonic() - self.heard > (SILENT if self.accepts else TO_START)

    def end(self) -> None:
        """Ask it to end."""
        self.process.terminate()
        self.since = time.monotonic()

    def forget(self) -> None:
        """Kill it if it still runs, and release its resources."""
        self.process.kill()
        self.process.wait()
        os.close(self.signs)
        os.close(self.life)


class Supervisor:
    """Keeps a number of workers running until it is asked to end."""

    def __init__(self, shared: socket.socket, count: int, ready: Callable[[], None]) -> None:
        self._shared, self._count, self._ready = shared, count, ready
        self._command = [sys.executable, "-m", "hub.service.worker"]
        self._workers: list[Worker] = []
        self._leaving: list[Worker] = []
        self._to_replace: list[Worker] = []
        self._successor: Worker | None = None
        self._asked: set[int] = set()
        self._pause, self._again_at = 0.0, 0.0

    def run(self) -> bool:
        """Run until a signal; returns False if the first workers did not start."""
        with self._signals() as woken:
            try:
                self._workers = [self._start() for _ in range(self._count)]
                return self._work(woken)
            finally:
                self._end_all()

    def _work(self, woken: int) -> bool:
        began = False
        while not self._asked.intersection(_ENDING):
            self._hear(woken)
            if not began:
                if any(one.ended or one.hangs for one in self._workers):
                    return False
                if began := all(one.accepts for one in self._workers):
                    self._ready()
                continue
            if _RELOAD in self._asked:
                self._asked.discard(_RELOAD)
                self._to_replace = list(self._workers)
            self._see_off()
            self._look_after()
            self._replace_next()
        return True

    def _start(self) -> Worker:
        return Worker(self._command, self._shared)

    def _hear(self, woken: int) -> None:
        everybody = [*self._workers, *self._leaving, *([self._successor] if self._successor else [])]
        alive = {one.signs: one for one in everybody if not one.ended}
        heard, _, _ = select.select([woken, *alive], [], [], _LOOK)
        for one in heard:
            if one == woken:
                os.read(woken, 4096)
            else:
                alive[one].hear()

    def _look_after(self) -> None:
        """Replace workers that have ended or hang; repeated failures lengthen the pause."""
        now = time.monotonic()
        for place, one in enumerate(self._workers):
            if not (one.ended or one.hangs) or now < self._again_at:
                continue
            how = f"ended with {one.process.returncode}" if one.ended else "hung and was killed"
            _log.error("worker %d %s; another one is started", one.process.pid, how)
            self._pause = 1.0 if now - one.since > _SOUND else min(2 * self._pause or 1.0, _LONGEST_PAUSE)
            self._again_at = now + self._pause
            one.forget()
            self._workers[place] = self._start()

    def _replace_next(self) -> None:
        """One step of a reload: a worker stops when its successor accepts."""
        if self._successor is None:
            if self._to_replace:
                self._successor = self._start()
            return
        if self._successor.accepts:
            old = self._to_replace.pop(0)
            if old in self._workers:  # otherwise it was replaced meanwhile
                self._workers[self._workers.index(old)] = self._successor
                old.end()
                self._leaving.append(old)
            else:
                self._successor.end()
                self._leaving.append(self._successor)
            self._successor = None
        elif self._successor.ended or self._successor.hangs:
            _log.error("a new worker does not start; those that are there stay")
            self._successor.forget()
            self._successor, self._to_replace = None, []

    def _see_off(self) -> None:
        for one in list(self._leaving):
            if one.ended or time.monotonic() - one.since > _TO_END:
                one.forget()
                self._leaving.remove(one)

    def _end_all(self) -> None:
        everybody = [*self._workers, *self._leaving, *([self._successor] if self._successor else [])]
        for one in everybody:
            if one not in self._leaving:
                one.end()
        deadline = time.monotonic() + _TO_END
        for one in everybody:
            with suppress(subprocess.TimeoutExpired):
                one.process.wait(max(0.0, deadline - time.monotonic()))
            one.forget()
        self._shared.close()

    @contextmanager
    def _signals(self) -> Iterator[int]:
        """Records signals, and wakes a reader of the file descriptor that it yields."""
        woken, waking = os.pipe()
        os.set_blocking(waking, False)
        before = signal.set_wakeup_fd(waking, warn_on_full_buffer=False)
        handled = {
            one: signal.getsignal(one)
            for one in (*_ENDING, _RELOAD)
            if signal.getsignal(one) != signal.SIG_IGN
        }
        for one in handled:
            signal.signal(one, self._note)
        try:
            yield woken
        finally:
            signal.set_wakeup_fd(before)
            for one, handler in handled.items():
                signal.signal(one, handler)
            os.close(woken)
            os.close(waking)

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self._asked.add(number)
