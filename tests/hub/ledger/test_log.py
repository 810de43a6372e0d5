"""The transparency log: what was sealed and anchored cannot be removed, added or changed, even by the owner of the database."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
import typer
from rich.console import Console

from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.ledger import proof_verifier, proofs, sealing
from hub.ledger.access import NOTHING_READ, save_record
from hub.ledger.chain import append_events
from hub.ledger.checkpoints import LogKey
from hub.ledger.merkle import MerkleTree, leaf_hash, node_hash, path_of
from hub.ledger.proof_verifier import NotProven, check_log_folder, opened, root_by
from hub.ledger.proofs import ToProve, household_of, proof_of
from hub.ledger.sealing import Anchor, seal
from hub.ledger.verify import Verification, verify_all
from hub.ledger.verify_log import check_log
from hub.service.cli.log import verify_log_folder
from hub.service.sealer import seal_and_anchor
from tests.hub.ledger.test_chain import OFFICE, drafts, households
from tests.hub.ledger.test_tampering import access_record

pytestmark = pytest.mark.anyio
ENTRIES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The published test vectors of Certificate Transparency: entries in hexadecimal, and the root after each."""


def test_roots_are_those_of_the_published_test_vectors() -> None:
    tree = MerkleTree(0, [])
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(entry)))
        assert tree.root.hex() == root
    assert MerkleTree(0, []).root == hashlib.sha256(b"").digest()


def root_over(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(root_over(leaves[:split]), root_over(leaves[split:]))


def test_every_path_of_every_size_leads_to_the_root_and_from_no_other_place() -> None:
    leaves = [leaf_hash(bytes([number])) for number in range(40)]
    for size in range(1, len(leaves) + 1):
        root = root_over(leaves[:size])
        for index in range(size):
            path = path_of(index, size, lambda first, end: root_over(leaves[first:end]))
            assert root_by(leaves[index], index, size, path) == root
            if size > 1:
                assert root_by(leaves[index - 1], index, size, path) != root
                with pytest.raises(NotProven):
                    root_by(leaves[index], index, size, path[:-1])
                with pytest.raises(NotProven):
                    root_by(leaves[index], index, size, [*path, path[0]])


@pytest.fixture(scope="module")
def key() -> LogKey:
    """The key of a log."""
    return LogKey.of(Keys.create(), "https://hub.example.gov.cn")


def test_a_checkpoint_is_a_signed_note_that_only_its_key_opens(key: LogKey) -> None:
    note = key.sign(7, bytes(range(32)))
    assert note.startswith(
        "hub.example.gov.cn/log\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n\u2014 hub.example.gov.cn/log "
    )
    assert key.open(note) == proof_verifier.Checkpoint("hub.example.gov.cn/log", 7, bytes(range(32)))
    other = LogKey.of(Keys.create(), "https://hub.example.gov.cn")
    for bad in (note.replace("\n7\n", "\n8\n"), other.sign(7, bytes(32)), "", note.replace("hub.", "hob.")):
        with pytest.raises(NotProven):
            key.open(bad)
    with pytest.raises(NotProven):
        opened(note, other.verifier)


@pytest.fixture
async def sealed(database: Database, key: LogKey, tmp_path: Path) -> Anchor:
    """A log of two households with their chains and three access records, sealed in two steps and anchored."""
    anchor = Anchor(tmp_path / "anchor")
    ids = await households(database, 2)
    async with database.write() as session:
        await append_events(session, OFFICE, [draft for one in ids for draft in drafts(one, 3)])
    await seal_and_anchor(database, key, anchor)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(ids[0], 1))
        for _ in range(3):
            await save_record(session, access_record(), NOTHING_READ)
    await seal_and_anchor(database, key, anchor)
    return anchor


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    """The superuser, for whom triggers and foreign keys do not apply."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        yield connection


async def checked(database: Database, key: LogKey, anchor: Anchor) -> Verification:
    """The result of `hub verify`."""
    return await verify_all(database, Console(quiet=True), key, anchor.newest())


async def test_a_log_that_nobody_touched_is_whole_and_sealing_again_adds_nothing(
    database: Database, key: LogKey, sealed: Anchor
) -> None:
    found = await checked(database, key, sealed)
    assert found.log.faults == []
    assert found.log.size == found.recorded > 3_000
    assert found.log.waiting == 0
    again = await seal(database, key)
    assert again is not None
    assert (again.size, again.new) == (found.log.size, 0)


TAIL = """
    delete from chain_event where number = 4;
    delete from record_event where relation = 'chain_event' and record = '4'
"""
CUT = """
    delete from record_event where id > (select sealed_until from log_checkpoint order by size limit 1 offset 0);
    delete from access_record; delete from coordinate_set; delete from chain_event where number = 4;
    delete from log_checkpoint where size > (select min(size) from log_checkpoint)
"""
TAMPERED = {
    TAIL: "was deleted",
    "delete from access_record where id = (select min(id::text)::uuid from access_record);"
    " delete from record_event e where relation = 'access_record' and not exists"
    " (select from access_record a where a.id::text = e.record)": "was deleted",
    "update record_event set written_by = 'hub_writer ' where id = 1": "not those that were sealed",
    "update record_event set digest = sha256(digest), link = sha256(sha256(digest)) where id = 5": "not those that were sealed",
    "insert into record_event (id, relation, record, number, digest, link, written_at, written_by) overriding system value"
    " values (0, 'region', 'x', 1, sha256('x'), sha256(sha256('x')), now(), 'hub_writer')": "never sealed",
    "update log_checkpoint set note = replace(note, 'log', 'lag')": "not this log's|not signed",
    "update log_checkpoint set root = sha256(root)": "not those that were sealed",
    "update log_block set root = sha256(root) where number = 3": "block 3",
    "update log_checkpoint set record_events = record_events[2:1] || record_events[1:1] || record_events[3:]": "does not follow",
    "delete from log_checkpoint where size = (select min(size) from log_checkpoint)": "does not follow",
    "truncate log_checkpoint": "is not in the log",
    CUT: "is not in the log",
}
"""Changes by somebody with access to the database only, and what the log then reports. In the first two, the row is removed
with its record event; in the last, everything after the first checkpoint is removed, as after the restore of a backup."""


@pytest.mark.parametrize("statements", TAMPERED, ids=range(len(TAMPERED)))
async def test_whoever_has_the_database_alone_changes_nothing_of_what_was_sealed_unseen(
    database: Database, key: LogKey, sealed: Anchor, owner: psycopg.Connection, statements: str
) -> None:
    for statement in statements.split(";"):
        owner.execute(statement.encode())
    async with database.write() as session:
        found = await check_log(session, key, sealed.newest())
    expected = TAMPERED[statements].split("|")
    assert any(word in fault for fault in found.faults for word in expected), found.faults


async def test_what_is_verified_is_not_whole_where_the_log_alone_has_a_fault(
    database: Database, key: LogKey, sealed: Anchor, owner: psycopg.Connection
) -> None:
    before = await checked(database, key, sealed)
    owner.execute("update log_checkpoint set root = sha256(root)")
    after = await checked(database, key, sealed)
    assert Verification(before.order, log=before.log).whole
    assert not Verification(after.order, log=after.log).whole


async def test_an_event_whose_transaction_ends_late_is_sealed_late_and_nothing_is_left_out(
    database: Database, key: LogKey, tmp_path: Path, owner: psycopg.Connection, database_url: str
) -> None:
    with psycopg.connect(database_url) as slow:
        slow.execute("select set_config('hub.recording', 'a test', false)")
        slow.execute("update region set name = name || '!' where code like '4101%'")
        with psycopg.connect(database_url) as rolled_back:
            rolled_back.execute("update region set name = name || '?' where code like '4102%'")
            rolled_back.rollback()
        (id,) = await households(database, 1)
        async with database.write() as session:
            await append_events(session, OFFICE, drafts(id, 2))
        before = await seal(database, key)
        slow.commit()
    after = await seal(database, key)
    assert before is not None and after is not None  # noqa: PT018
    assert before.new > after.new > 10
    found = await verify_all(database, Console(quiet=True), key)
    assert (found.log.faults, found.log.waiting, found.log.size) == ([], 0, found.recorded)


async def test_two_processes_that_seal_at_once_seal_everything_once(
    database: Database, key: LogKey, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_AT_ONCE", 200)  # so that each has many turns
    beside = Database(database_url, settings)
    (id,) = await households(database, 1)
    async with database.write() as session:
        await append_events(session, OFFICE, drafts(id, 3))
    sealing_now = [seal(process, key, wait=True) for process in (database, beside, database, beside)]
    done = await asyncio.gather(*sealing_now)
    await beside.close()
    found = await verify_all(database, Console(quiet=True), key)
    assert (found.log.faults, found.log.waiting, found.log.size) == ([], 0, found.recorded)
    assert sum(one.new for one in done if one) == found.recorded > 3_000


async def test_a_process_that_will_not_wait_leaves_the_sealing_to_the_one_that_is_at_it(
    database: Database, key: LogKey, database_url: str
) -> None:
    with psycopg.connect(database_url) as sealer:
        sealer.execute("select pg_advisory_xact_lock(4600005)")
        assert await seal(database, key) is None
        sealer.rollback()
    done = await seal(database, key)
    assert done is not None
    assert done.new > 3_000


async def test_much_is_sealed_in_parts(
    database: Database, key: LogKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_AT_ONCE", 700)
    done = await seal(database, key)
    assert done is not None
    found = await verify_all(database, Console(quiet=True), key)
    assert (found.log.faults, found.log.size, done.size) == ([], found.recorded, found.recorded)


def verifying(file: Path, proof: Any, verifier: str) -> subprocess.CompletedProcess[str]:
    """Run the stand-alone verifier, outside the hub."""
    file.write_text(json.dumps(proof), "utf-8")
    alone = file.with_name("proof_verifier.py")
    alone.write_text(Path(proof_verifier.__file__).read_text("utf-8"), "utf-8")
    return subprocess.run(
        [sys.executable, "-P", str(alone), str(file), verifier], capture_output=True, text=True, check=False
    )


async def test_a_proof_is_checked_offline_and_fails_where_anything_of_it_is_changed(
    database: Database, key: LogKey, sealed: Anchor, owner: psycopg.Connection, tmp_path: Path
) -> None:
    household, code = owner.execute(
        "select id, code from household h where exists (select from chain_event where household_id = h.id and number = 4)"
    ).fetchone() or (UUID(int=0), "")
    ((access,),) = owner.execute("select id from access_record limit 1").fetchall()
    named = await household_of(database, code)
    assert named is not None
    proof = await proof_of(database, named)
    assert proof is not None
    assert len(proof["chain"]) == 4
    assert {json.loads(entry["row"])["table"] for entry in proof["entries"]} == {"household", "chain_event"}
    proven = verifying(tmp_path / "proof.json", proof, key.verifier)
    assert (proven.returncode, proven.stdout[:6]) == (0, "PROVEN"), proven.stderr
    of_access = await proof_of(database, ToProve(record_id=access))
    assert verifying(tmp_path / "proof.json", of_access, key.verifier).returncode == 0
    text = json.dumps(proof)
    link = json.dumps(proof["chain"][1]["text"][2:30])[1:-1]
    for old, new in (
        (code, "someone else"),
        ('"index": ', '"index": 1'),
        (link, "other"),
        (str(household)[:8], "00000000"),
        (proof["entries"][0]["path"][0], "A" * 43 + "="),
    ):
        assert old in text
        changed = verifying(tmp_path / "proof.json", json.loads(text.replace(old, new)), key.verifier)
        assert (changed.returncode, changed.stderr[:10]) == (1, "NOT PROVEN"), old
    other = LogKey.of(Keys.create(), "https://hub.example.gov.cn")
    assert verifying(tmp_path / "proof.json", proof, other.verifier).returncode == 1
    assert await proof_of(database, ToProve(record_id=UUID(int=5))) is None
    assert await household_of(database, "nobody's") is None


async def test_an_exported_log_is_checked_without_a_database_and_by_the_verifier_alone(
    database: Database, key: LogKey, sealed: Anchor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    monkeypatch.setattr(proofs, "ENTRIES_OF_A_FILE", 1_000)
    size = await proofs.write_log(database, folder)
    assert len(list(folder.glob("*.jsonl"))) == size // 1_000 + 1
    assert check_log_folder(folder, key.verifier) == key.open(sealed.newest() or "")
    verify_log_folder(folder, key.verifier)
    assert proof_verifier.main([str(folder), key.verifier]) == 0
    second = folder / "00000001.jsonl"
    lines = second.read_text("utf-8").splitlines(keepends=True)
    for tampered in (lines[1:], [lines[1], lines[0], *lines[2:]], [lines[0].replace(":", ": "), *lines[1:]]):
        second.write_text("".join(tampered), "utf-8")
        with pytest.raises(NotProven):
            check_log_folder(folder, key.verifier)
        with pytest.raises(typer.Exit):
            verify_log_folder(folder, key.verifier)


def test_the_verifier_stands_alone_and_is_read_in_one_sitting() -> None:
    source = Path(proof_verifier.__file__).read_text("utf-8")
    assert "hub." not in "".join(line for line in source.splitlines() if "import" in line)
    assert len(source.splitlines()) <= 300
