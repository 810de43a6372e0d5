"""`make side-by-side`: the previous version continues to run on the schema of this one, beside it and under load.

The previous version is taken from the history of the repository: the last commit without the newest migration. It makes and
fills a database and serves it, with writers and readers. Meanwhile this version migrates the database and serves it too, and
both get requests. Every acknowledged write must exist exactly once; no request may fail; every chain must be whole. If the
newest migration does not let the previous version run, its `/readyz` must report that instead.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg

from hub.foundation.embedded import DATABASE, EmbeddedPostgres
from hub.service.versions import MIGRATIONS, history
from tests.fixtures.commands import environment
from tests.fixtures.served import free_port
from tests.journeys.outcomes import RECORD_AID, urgent_payment

ROOT = Path(__file__).parents[2]
OFFICE, STREET = "civil_affairs@410105", "civil_affairs@410105001"
HEADER = "户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别\n"
NUMBERS = ("410105195001010013", "410105195502020025", "410105196003030039")
READ = "{ households(first: 10) { totalCount nodes { code members { name idNumber } chain { verified { whole } } } } }"
SECONDS = float(os.environ.get("SIDE_BY_SIDE_SECONDS", "10"))


@dataclass(frozen=True)
class Version:
    """The hub of a commit of the repository, on one database."""

    folder: Path
    settings: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this version."""
        return subprocess.run(
            [sys.executable, "-m", "hub.service.cli", *arguments],
            cwd=self.folder,
            env=environment(PYTHONPATH=str(self.folder), **self.settings),
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def well(self, *arguments: str) -> str:
        """The output of a command; exits if the command fails."""
        done = self.run(*arguments)
        if done.returncode:
            raise SystemExit(f"hub {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve at the yielded address until the block ends."""
        port = free_port()
        with subprocess.Popen(
            [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
            cwd=self.folder,
            env=environment(PYTHONPATH=str(self.folder), **self.settings),
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            if "ready" not in process.stdout.readline():
                raise SystemExit("a version does not start")
            yield f"http://127.0.0.1:{port}"
            process.terminate()
            if process.wait(60):
                raise SystemExit("a version does not end well")


@dataclass
class Load:
    """Writers and readers of one address, until they are stopped. `answers` counts the answers by kind."""

    client: dict[str, str]
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)

    def start(self, name: str, url: str) -> Sequence[threading.Thread]:
        """Start two writers and a reader."""
        works = [(self._write, f"{name}-1", url), (self._write, f"{name}-2", url), (self._read, name, url)]
        threads = [threading.Thread(target=work, args=rest) for work, *rest in works]
        for thread in threads:
            thread.start()
        return threads

    def _ask(self, http: httpx.Client, url: str, query: str, **variables: object) -> dict[str, object] | None:
        answered = http.post(f"{url}/graphql", json={"query": query, "variables": variables})
        body = answered.json()
        if answered.status_code != 200 or body.get("errors"):
            codes = sorted({error["extensions"]["code"] for error in body["errors"]})
            self.answers[f"{answered.status_code} {' '.join(codes)}"] += 1
            return None
        data: dict[str, object] = body["data"]
        return data

    @contextmanager
    def _asking(self, url: str) -> Iterator[httpx.Client]:
        with httpx.Client(timeout=30) as http:
            token = http.post(
                f"{url}/oauth/token",
                auth=(self.client["client_id"], self.client["client_secret"]),
                data={"grant_type": "client_credentials"},
            ).json()["access_token"]
            http.headers["authorization"] = f"Bearer {token}"
            yield http

    def _write(self, name: str, url: str) -> None:
        with self._asking(url) as http:
            for number in count():
                if self.stop.is_set():
                    return
                named = f"{name}-{number}"
                subject = {"idNumber": NUMBERS[number % len(NUMBERS)]}
                payment = urgent_payment(subject, externalId=named, program=f"临时救助{named}")
                data = self._ask(http, url, RECORD_AID, input=payment)
                if data is not None:
                    payload = data["recordAid"]
                    assert isinstance(payload, dict)
                    refused = " ".join(error["code"] for error in payload["errors"])
                    self.answers[refused or "written"] += 1
                    if not refused:
                        self.acknowledged.add(named)

    def _read(self, _name: str, url: str) -> None:
        with self._asking(url) as http:
            while not self.stop.is_set():
                if self._ask(http, url, READ) is not None:
                    self.answers["read"] += 1


def before(folder: Path) -> str:
    """Extract the previous version from the history into a folder; returns its commit."""
    (newest,) = (MIGRATIONS / "versions").glob(f"{history().newest}.py")
    git = ("git", "-C", str(ROOT))
    commits = subprocess.run(
        [*git, "rev-list", "--first-parent", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.split()
    for commit in commits:
        there = subprocess.run(
            [*git, "cat-file", "-e", f"{commit}:{newest.relative_to(ROOT)}"], capture_output=True, check=False
        )
        if there.returncode:
            archive = subprocess.run([*git, "archive", commit], check=True, capture_output=True)
            subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
            return commit
    raise SystemExit("the history holds no version before this one")


def missing(url: str, acknowledged: set[str]) -> list[str]:
    """The acknowledged writes that do not exist exactly once."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select external_id, count(*) from aid_record group by external_id"
        ).fetchall()
    counts: dict[str, int] = dict(rows)
    return sorted(name for name in acknowledged if counts.get(name) != 1)


def main() -> int:
    """Run both versions; returns 0 if they worked together as the migration declares."""
    runs = len(history().that_run) > 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="hub-side-by-side-")))
        folder.chmod(0o711)
        old_sources = folder / "before"
        old_sources.mkdir()
        commit = before(old_sources)
        urls = stack.enter_context(EmbeddedPostgres(folder)).urls(DATABASE)
        settings = {
            "HUB_MIGRATION_DATABASE_URL": urls.owner,
            "HUB_DATABASE_URL": urls.service,
            "HUB_READING_DATABASE_URL": urls.query,
            "HUB_DATA_DIR": str(folder),
            "HUB_SCHEDULE": "off",
        }
        old, new = Version(old_sources, settings), Version(ROOT, settings)
        old.well("migrate")
        old.well("keys", "create")
        file = folder / "户籍.csv"
        rows = (
            f"K-{place},某{place},{number},户主,410105001,城镇,经八路{place}号,650,低保对象\n"
            for place, number in enumerate(NUMBERS)
        )
        file.write_text(HEADER + "".join(rows))
        old.well("import", "households", str(file), "--agency", STREET)
        load = Load(json.loads(old.well("client", "create", "--agency", OFFICE, "--json")))
        with old.served() as old_url:
            threads = [*load.start("old", old_url)]
            time.sleep(SECONDS / 3)
            began = time.monotonic()
            new.well("migrate")
            took = time.monotonic() - began
            with new.served() as new_url:
                threads += load.start("new", new_url)
                time.sleep(SECONDS)
                ready = [httpx.get(f"{url}/readyz").status_code for url in (old_url, new_url)]
                load.stop.set()
                for thread in threads:
                    thread.join(60)
        failed = {
            answer: times for answer, times in load.answers.items() if answer not in {"written", "read"}
        }
        lost = missing(urls.owner, load.acknowledged)
        verified = new.well("verify").strip().splitlines()[-1]
    print(f"the version before: {commit[:12]}, which {'may' if runs else 'may not'} go on running")
    print(f"hub migrate under load: {took:.1f} s; /readyz of the old and the new process: {ready}")
    print(f"answered: {dict(load.answers)}; acknowledged writes missing: {lost}; {verified}")
    well = (
        not lost
        and ", 0 broken" in verified
        and (ready == [200, 200] and not failed if runs else ready == [503, 200])
    )
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
