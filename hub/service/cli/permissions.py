"""`hub permissions`: what each department may do, what a document needs, and which documents would break without a scope."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from hub.service.cli.console import (
    AsJson,
    complain_of_document,
    console,
    errors_explained,
    opened_database,
    text_of,
)

if TYPE_CHECKING:
    from auth.scopes import Scope
    from hub.foundation.database import Database
    from schema.engine.compile.requirements import Requirement
    from schema.http.explain import Explained
    from schema.http.withdrawal import Loss

permissions_app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode="markdown",
    help="""Show what each department may read and write (auth/departments.toml).
    显示各部门可读写的内容(权限矩阵)。

    Without a further command it prints the matrix. 不带子命令时输出权限矩阵。
    """,
)
SOMETHING_FORBIDDEN = 3
"""The exit code if something is or would be forbidden; 1 means that the question could not be answered."""

Department = Annotated[str | None, typer.Option(help="A department, as in education. 部门代码。")]


@permissions_app.callback()
def permissions(context: typer.Context, as_json: AsJson = False) -> None:
    """Prints the matrix if there is no subcommand."""
    from auth.departments import DEPARTMENTS

    if context.invoked_subcommand is not None:
        return
    if as_json:
        print(json.dumps({name: sorted(one.scopes) for name, one in DEPARTMENTS.items()}))
        return
    table = Table("department 部门", "reads 可读", "writes 可写", "purposes 用途", show_lines=True)
    for name, one in DEPARTMENTS.items():
        reads = sorted(scope.removesuffix(":read") for scope in one.scopes if not scope.endswith(":write"))
        writes = sorted(scope.removesuffix(":write") for scope in one.scopes if scope.endswith(":write"))
        table.add_row(f"{name}\n{one.name_zh}", ", ".join(reads), ", ".join(writes), ", ".join(one.purposes))
    console.print(table)


@permissions_app.command("explain")
def explain(
    file: Annotated[
        Path,
        typer.Argument(
            help="A GraphQL document in UTF-8. UTF-8 编码的 GraphQL 文档。",
            exists=True,
            dir_okay=False,
            metavar="FILE",
        ),
    ],
    department: Department = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="A scope that you have; repeat for more. 已有权限,可重复填写。")
    ] = None,
    operation: Annotated[
        str | None, typer.Option(help="The operation, if there are several. 操作名,有多个操作时填写。")
    ] = None,
    variables: Annotated[str, typer.Option(help="Variables as a JSON object. 变量,JSON 对象。")] = "{}",
    as_json: AsJson = False,
) -> None:
    """Show the scopes of a document: the smallest scope sets that answer it completely, and its cost.
    显示文档所需权限:可完整应答的最小权限组合及查询成本。

    With --department or --scope it also prints the missing scopes; exit code 3: a field is forbidden. A variable
    without a value may have any value.

    填写 --department 或 --scope 时另列出所缺权限;退出码 3 表示有字段无权读取。未填写的变量视为可取任意值。

    Example: `hub permissions explain query.graphql --department education`
    """
    from auth.departments import department_of, scope_of
    from auth.grant import covers
    from schema.engine.refusals import RequestRefused
    from schema.http.explain import Explainer
    from schema.hub_schema import build

    with errors_explained():
        if department and scope:
            raise typer.BadParameter("give --department or --scope, not both 只能指定其一")
        held = department_of(department).scopes if department else None
        if scope:
            held = frozenset(scope_of(word) for word in scope)
        try:
            explained = Explainer(build()).explain(text_of(file), operation, _object(variables))
        except RequestRefused as refused:
            complain_of_document(file, refused)
            raise typer.Exit(1) from refused
    if as_json:
        print(json.dumps(explained.body(held or frozenset()), ensure_ascii=False))
    else:
        _show(explained, held)
    raise typer.Exit(0 if held is None or covers(held, explained.sets) else SOMETHING_FORBIDDEN)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--variables is not JSON: {error} 不是 JSON") from error
    if not isinstance(found, dict):
        raise typer.BadParameter("--variables is not a JSON object 须为 JSON 对象")
    return found


def _show(explained: "Explained", held: "frozenset[Scope] | None") -> None:
    """Print the table of coordinates, the scope sets below it, and the names of the scopes."""
    missing = () if held is None else explained.forbidden(held)
    table = Table()
    for heading in ("coordinate 坐标", "scopes 权限", *([] if held is None else ["answered 可用"])):
        table.add_column(heading, overflow="fold")
    for one in explained.requirements:
        if one.scopes:
            verdict = [] if held is None else ["[red]forbidden 禁止[/red]" if one in missing else "yes 是"]
            table.add_row(named(one), _sets(one.scopes), *verdict)
    console.print(table)
    console.print(f"cost 开销: {explained.cost}")
    for number, each in enumerate(explained.sets, 1):
        lacks = "" if held is None else f"   missing 缺少: {' '.join(sorted(each - held)) or 'none 无'}"
        console.print(f"smallest set 最小权限组合 {number}: {' '.join(sorted(each))}{lacks}", soft_wrap=True)
    if not explained.sets:
        console.print("smallest set 最小权限组合: none needed 无需权限")
    for scope in sorted(frozenset().union(*explained.sets)):
        console.print(f"  {scope}: {scope.words[0]} {scope.words[1]}", soft_wrap=True)


def named(one: "Requirement") -> str:
    """A requirement as text."""
    how = " (filter or order 筛选或排序)" if one.as_filter else ""
    return f"{one.coordinate}{how}" + (f" by 取决于 ${one.variable}" if one.variable else "")


def _sets(sets: "tuple[frozenset[Scope], ...]") -> str:
    return "\nor 或 ".join(" ".join(sorted(one)) for one in sets)


@permissions_app.command("withdraw-check")
def withdraw_check(
    scope: Annotated[str, typer.Argument(help="The scope to withdraw. 拟撤销的权限。", metavar="SCOPE")],
    agency: Annotated[
        str | None, typer.Option(help="Only clients of this agency. 只检查该单位的客户端。")
    ] = None,
    department: Department = None,
    as_json: AsJson = False,
) -> None:
    """List the registered documents that would break without a scope, by client.
    列出撤销权限的影响:哪些客户端的哪些登记文档将无法完整应答。

    Prints the fields that would become forbidden and changes nothing. Exit code 3: a document would break; 0: none.

    列出将无权读取的字段,不作任何更改。退出码 3 表示有文档受影响,0 表示没有。

    Example: `hub permissions withdraw-check person.identity:read --department charity`
    """
    from auth.clients import list_clients, require_agency
    from auth.departments import department_of, scope_of
    from auth.documents import list_documents
    from hub.service.serving import with_database
    from schema.http.explain import Explainer
    from schema.http.withdrawal import losses
    from schema.hub_schema import build

    if agency and department:
        raise typer.BadParameter("give --agency or --department, not both 只能指定其一")
    with opened_database() as (settings, urls):
        withdrawn = scope_of(scope)
        only = department_of(department).department if department else None
        explainer = Explainer(build())

        async def check(database: "Database") -> "list[Loss]":
            found: list[Loss] = []
            async with database.write() as session:
                if agency:
                    await require_agency(session, agency)
                for client in await list_clients(session, agency):
                    other = only is not None and client.agency_id.partition("@")[0] != only
                    if client.revoked_at or other or withdrawn not in client.scopes:
                        continue
                    for document in await list_documents(session, client.client_id):
                        found += losses(explainer, document, client.scopes, withdrawn)
            return found

        found = with_database(urls, settings, check)
    if as_json:
        print(json.dumps([one.body() for one in found], ensure_ascii=False))
    else:
        _show_losses(found)
    raise typer.Exit(SOMETHING_FORBIDDEN if any(one.lost for one in found) else 0)


def _show_losses(found: "list[Loss]") -> None:
    table = Table("client", "document 文档", "operation 操作", "becomes forbidden 将被禁止", show_lines=True)
    for one in found:
        what = "\n".join(named(each) for each in one.lost) or f"cannot be judged 无法判断: {one.unreadable}"
        table.add_row(one.client_id, one.sha256, one.operation or "-", escape(what))
    if found:
        console.print(table)
    documents = len({(one.client_id, one.sha256) for one in found if one.lost})
    clients = len({one.client_id for one in found if one.lost})
    console.print(f"{documents} documents of {clients} clients would break 将失效的文档及客户端数")
