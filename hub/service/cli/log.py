"""`hub seal` and `hub proof export`: the transparency log, from the command line."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from hub.foundation.operating import OperatorError
from hub.service.cli.console import complaints, console, opened_database, operator

if TYPE_CHECKING:
    from hub.foundation.database import Database
    from hub.foundation.settings import Settings
    from hub.ledger.checkpoints import LogKey


class NothingToProve(OperatorError):
    """There is no such household, record or access record, or nothing of it is sealed yet: `hub seal` does it now.
    没有该家庭、记录或访问记录,或其记录尚未封存;可运行 `hub seal` 立即封存。
    """


proof_app = typer.Typer(
    no_args_is_help=True, help="Proofs that can be checked without the hub. 可离线核验的证明。"
)


def log_to_verify(settings: "Settings") -> "tuple[LogKey | None, str | None]":
    """The key of the log, and the note of its last anchored checkpoint; each is None if there is no keys file, or no anchor."""
    from hub.foundation.encryption import Keys
    from hub.ledger.checkpoints import LogKey
    from hub.ledger.sealing import Anchor

    there = settings.keys_path.exists()
    key = LogKey.of(Keys.load(settings.keys_path), settings.issuer) if there else None
    return key, None if settings.anchor_file is None else Anchor(settings.anchor_file).newest()


def seal() -> None:
    """Seal new records into the log now, anchor the checkpoint, and print the log's size and verifier key.
    立即封存新的记录,写出检查点,并输出日志大小与验证密钥。"""
    from hub.foundation.encryption import Keys
    from hub.ledger.checkpoints import LogKey
    from hub.ledger.sealing import Anchor
    from hub.ledger.sealing import seal as seal_all
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        key = LogKey.of(Keys.load(settings.keys_path), settings.issuer)
        sealed = with_database(urls, settings, lambda database: seal_all(database, key, wait=True))
        assert sealed is not None
        if settings.anchor_file is not None and sealed.note is not None:
            asyncio.run(Anchor(settings.anchor_file).write(sealed.note))
    console.print(f"{sealed.size} entries, {sealed.new} new", soft_wrap=True)
    console.print(key.verifier, soft_wrap=True)


@proof_app.command()
def export(
    what: Annotated[
        str,
        typer.Argument(
            help="A proof of what: the code of a household, or the id of a record or of an access record, as the API answers it."
            " 家庭编号,或接口返回的记录编号、访问记录编号。"
        ),
    ],
    out: Annotated[Path, typer.Option(help="The file to write. 输出文件。")],
) -> None:
    """Write the proof of a household, a record or an access record, for python proof_verifier.py FILE KEY.
    导出某家庭、某记录或某访问记录的证明文件,可离线核验。"""
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        proof = with_database(urls, settings, lambda database: _proof(database, what))
    out.write_text(json.dumps(proof, ensure_ascii=False, indent=1) + "\n", "utf-8")
    console.print(
        f"{len(proof['entries'])} entries, {len(proof['chain'])} links of a chain: {out}", soft_wrap=True
    )


@proof_app.command()
def log(folder: Annotated[Path, typer.Argument(help="A new folder. 新文件夹。")]) -> None:
    """Write the whole log into a new folder, for hub verify --log FOLDER --key KEY or proof_verifier.py.
    导出整个日志,可脱离数据库以 `hub verify --log` 核验。"""
    from hub.ledger.proofs import write_log
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        folder.mkdir(parents=True)
        size = with_database(urls, settings, lambda database: write_log(database, folder))
    console.print(f"{size} entries: {folder}", soft_wrap=True)


def verify_log_folder(folder: Path, key: str) -> None:
    """Check an exported log without a database; exits with 1 if it is incomplete or altered."""
    from hub.ledger.proof_verifier import NotProven, check_log_folder

    try:
        checkpoint = check_log_folder(folder, key)
    except (OSError, NotProven) as error:
        complaints.print(f"[red]LOG[/red] {error}", soft_wrap=True)
        raise typer.Exit(1) from error
    console.print(f"{checkpoint.size} entries, 0 faults: {checkpoint.origin}", soft_wrap=True)


async def _proof(database: "Database", what: str) -> dict[str, Any]:
    """The proof for a code or an id; the access is recorded. Raises NothingToProve."""
    from hub.ledger.administration import save_act
    from hub.ledger.proofs import ToProve, household_of, proof_of
    from schema.engine.declare.ids import InvalidId, decode

    wanted: ToProve | None = None
    with suppress(ValueError):
        wanted = ToProve(record_id=UUID(what))
    with suppress(InvalidId):
        _name, key = decode(what)
        wanted = ToProve(key[0], key[1] if len(key) > 1 else None)
    wanted = wanted or await household_of(database, what)
    proof = None if wanted is None else await proof_of(database, wanted)
    if wanted is None or proof is None:
        raise NothingToProve
    whose = [] if wanted.household_id is None else [wanted.household_id]
    async with database.write() as session:
        await save_act(session, "proof export", operator(), rows=len(proof["entries"]), households=whose)
    return proof
