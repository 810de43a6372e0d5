"""`hub client`: OAuth clients."""

import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from hub.service.cli.console import Agency, AsJson, console, opened_database, operator
from hub.service.cli.documents import ClientId, documents_app

client_app = typer.Typer(
    no_args_is_help=True, help="Register, list and revoke OAuth clients. 登记、查看和撤销客户端。"
)
client_app.add_typer(documents_app, name="documents")


@client_app.command("create")
def client_create(
    agency: Agency,
    name: Annotated[str, typer.Option(help="Name of the client, for people. 客户端名称。")] = "",
    scope: Annotated[
        list[str] | None,
        typer.Option(help="A scope; repeat for more; default: all of the department. 权限,可重复;默认全部。"),
    ] = None,
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            help="A purpose; repeat for more; default: all of the department. 用途,可重复;默认全部。"
        ),
    ] = None,
    reject_forbidden: Annotated[
        bool,
        typer.Option(
            "--reject-forbidden",
            help="Refuse a whole operation with a forbidden field. 含无权限字段时整体拒绝。",
        ),
    ] = False,
    trusted_documents_only: Annotated[
        bool,
        typer.Option(
            "--trusted-documents-only", help="Accept only registered documents. 只接受已登记的文档。"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Register a client of an agency. The secret is shown only once. 登记客户端,密钥只显示这一次。

    Example: `hub client create --agency education@410105 --scope household:read --scope person:read`
    """
    from auth.clients import NewClient, create_client
    from hub.foundation.database import Database
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    async def create(database: Database) -> NewClient:
        async with database.write() as session:
            made = await create_client(
                session,
                agency,
                name=name or agency,
                scopes=scope or None,
                purposes=purpose or None,
                reject_forbidden=reject_forbidden,
                trusted_documents_only=trusted_documents_only,
            )
            await save_act(session, f"client create {made.client_id}", operator(), agency=made.agency_id)
            return made

    with opened_database() as (settings, urls):
        made = with_database(urls, settings, create)
        if as_json:
            answer = {
                "client_id": made.client_id,
                "client_secret": made.client_secret,
                "agency": made.agency_id,
                "scopes": sorted(made.scopes),
                "purposes": list(made.purposes),
            }
            print(json.dumps(answer))
            return
        console.print(
            f"client_id      {made.client_id}\nclient_secret  {made.client_secret}   (shown only now 仅显示一次)",
            soft_wrap=True,
        )
        console.print(f"scopes         {' '.join(sorted(made.scopes))}", soft_wrap=True)


@client_app.command("list")
def client_list(as_json: AsJson = False) -> None:
    """List all clients. 列出客户端。"""
    from auth.clients import RegisteredClient, list_clients
    from hub.foundation.database import Database
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    async def everyone(database: Database) -> list[RegisteredClient]:
        async with database.write() as session:
            found = await list_clients(session)
            await save_act(session, "client list", operator(), rows=len(found))
            return found

    with opened_database() as (settings, urls):
        found = with_database(urls, settings, everyone)
    rows = [
        {
            "client_id": one.client_id,
            "name": one.name,
            "agency": one.agency_id,
            "trusted_documents_only": one.trusted_documents_only,
            "revoked_at": one.revoked_at and one.revoked_at.isoformat(),
        }
        for one in found
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("client_id", "name", "agency", "trusted documents only 仅限登记文档", "revoked_at")
    for row in rows:
        shown = {**row, "trusted_documents_only": "yes 是" if row["trusted_documents_only"] else ""}
        table.add_row(*(escape(str(value or "")) for value in shown.values()))
    console.print(table)


@client_app.command("revoke")
def client_revoke(client_id: ClientId) -> None:
    """Revoke a client. Its tokens expire within ten minutes. 撤销客户端,其现有令牌在十分钟内失效。"""
    from auth.clients import agency_of_client, revoke_client
    from hub.foundation.database import Database
    from hub.ledger.administration import save_act
    from hub.service.serving import with_database

    async def revoke(database: Database) -> None:
        async with database.write() as session:
            agency = await agency_of_client(session, client_id)
            await revoke_client(session, client_id)
            await save_act(session, f"client revoke {client_id}", operator(), agency=agency)

    with opened_database() as (settings, urls):
        with_database(urls, settings, revoke)
        console.print(f"revoked {client_id}")
