"""`hub client documents`: the GraphQL documents registered for a client."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from hub.service.cli.console import AsJson, complain_of_document, console, opened_database, operator, text_of

if TYPE_CHECKING:
    from auth.documents import RegisteredDocument
    from hub.foundation.database import Database
    from schema.http.explain import Explained

documents_app = typer.Typer(
    no_args_is_help=True,
    help="Manage the documents that a client may send by hash. 管理客户端可按摘要发送的登记文档。",
)

ClientId = Annotated[str, typer.Argument(help="The client's id. 客户端编号。", metavar="CLIENT")]


@documents_app.command("add")
def documents_add(
    client_id: ClientId,
    files: Annotated[
        list[Path],
        typer.Argument(
            help="GraphQL documents in UTF-8. UTF-8 编码的 GraphQL 文档。",
            exists=True,
            dir_okay=False,
            metavar="FILE...",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Register documents of a client, all of them or none; a repeated call changes nothing.
    为客户端登记文档,要么全部登记,要么都不登记;重复登记不会再作更改。

    Prints the hash to send (SHA-256 of the file's text), the highest cost of each operation, and the smallest scope
    sets that answer it completely.

    输出发送时使用的摘要(文件文本的 SHA-256)、各操作的最高成本和可完整应答的最小权限组合。

    Example: `hub client documents add education-410105-3f9a queries/*.graphql`
    """
    from auth.clients import agency_of_client
    from auth.documents import document_digest, register_document
    from hub.foundation.database import Database
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        texts = [text_of(file) for file in files]
        explained = _explained(files, texts)

        async def register(database: Database) -> list[bool]:
            async with database.write() as session:
                added = [await register_document(session, client_id, text) for text in texts]
                agency = await agency_of_client(session, client_id)
                operation = f"client documents add {client_id}"
                await save_act(session, operation, operator(), agency=agency, rows=len(added))
                return added

        new = with_database(urls, settings, register)
    told: list[dict[str, Any]] = [
        {
            "file": str(file),
            "sha256": document_digest(text).hex(),
            "new": added,
            "operations": [
                {
                    "operation": one.operation,
                    "cost": one.cost,
                    "requiredScopes": [sorted(each) for each in one.sets],
                }
                for one in operations
            ],
        }
        for file, text, added, operations in zip(files, texts, new, explained, strict=True)
    ]
    if as_json:
        print(json.dumps(told, ensure_ascii=False))
        return
    for one in told:
        state = "registered 已登记" if one["new"] else "was registered 早已登记"
        console.print(f"{one['sha256']}  {escape(one['file'])}  {state}", soft_wrap=True)
        for operation in one["operations"]:
            sets = " | ".join(" ".join(each) for each in operation["requiredScopes"]) or "none 无"
            console.print(
                f"  {operation['operation'] or '-'}: cost 开销 {operation['cost']}, scopes 权限 {sets}",
                soft_wrap=True,
            )


def _explained(files: list[Path], texts: list[str]) -> "list[list[Explained]]":
    """The requirements of each document; prints every unusable document before the command ends."""
    from schema.engine.refusals import RequestRefused
    from schema.http.explain import Explainer
    from schema.hub_schema import build

    explainer, found, refused = Explainer(build()), [], False
    for file, text in zip(files, texts, strict=True):
        try:
            found.append(list(explainer.each_operation(text)))
        except RequestRefused as error:
            complain_of_document(file, error)
            refused = True
    if refused:
        raise typer.Exit(1)
    return found


@documents_app.command("list")
def documents_list(client_id: ClientId, as_json: AsJson = False) -> None:
    """List the documents of a client. 列出登记文档。"""
    from auth.clients import agency_of_client
    from auth.documents import list_documents
    from hub.foundation.database import Database
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    async def documents(database: Database) -> "list[RegisteredDocument]":
        async with database.write() as session:
            agency = await agency_of_client(session, client_id)
            found = await list_documents(session, client_id)
            operation = f"client documents list {client_id}"
            await save_act(session, operation, operator(), agency=agency, rows=len(found))
            return found

    with opened_database() as (settings, urls):
        found = with_database(urls, settings, documents)
    if as_json:
        rows = [
            {"sha256": one.sha256, "registered_at": one.registered_at.isoformat(), "text": one.text}
            for one in found
        ]
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("sha256", "registered_at", "document 文档")
    for one in found:
        beginning = " ".join(one.text.split())[:60]
        table.add_row(one.sha256, one.registered_at.isoformat(timespec="seconds"), escape(beginning))
    console.print(table)


@documents_app.command("remove")
def documents_remove(
    client_id: ClientId,
    hashes: Annotated[
        list[str],
        typer.Argument(help="SHA-256 as shown by `list`. `list` 所列的文档摘要。", metavar="SHA256..."),
    ],
) -> None:
    """Remove documents of a client, all of them or none. Every process refuses them within half a minute.
    撤回文档,半分钟内各进程均不再接受。"""
    from auth.clients import agency_of_client
    from auth.documents import withdraw_document
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    async def withdraw(database: "Database") -> None:
        async with database.write() as session:
            for one in hashes:
                await withdraw_document(session, client_id, one)
            agency = await agency_of_client(session, client_id)
            operation = f"client documents remove {client_id}"
            await save_act(session, operation, operator(), agency=agency, rows=len(hashes))

    with opened_database() as (settings, urls):
        with_database(urls, settings, withdraw)
        console.print(f"withdrawn 已撤回 {len(hashes)}")
