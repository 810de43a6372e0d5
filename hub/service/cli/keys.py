"""`hub keys`: the file with the hub's keys."""

import typer
from rich.markup import escape

from hub.service.cli.console import console, errors_explained, settings_with

keys_app = typer.Typer(no_args_is_help=True, help="The hub's secrets. 密钥")


@keys_app.command("create")
def create() -> None:
    """Make the keys file (HUB_KEYS_FILE, else keys.json in HUB_DATA_DIR). Keep a copy: encrypted data needs it. 生成密钥

    Make keys for a new database only: a database with data of other keys refuses them at the next command.
    """
    from hub.foundation.encryption import Keys

    path = settings_with().keys_path
    with errors_explained():
        Keys.create().save(path)
        console.print(f"made {escape(str(path))}", soft_wrap=True)


@keys_app.command("add")
def add() -> None:
    """Add new keys that decrypt and verify, but do not encrypt or sign yet: the first step of a rotation.
    增加密钥(轮换第一步)

    Then copy the file to every process, restart each, and run `hub keys use`.
    """
    from hub.foundation.encryption import Keys

    path = settings_with().keys_path
    with errors_explained():
        keys = Keys.load(path).with_new()
        keys.put_in_place(path)
        console.print(
            f"added data.{max(keys.data)} and signing.{keys.signing[-1]['kid']}. Copy {escape(str(path))} to every process,"
            " restart each, then run `hub keys use`.\n"
            "已增加密钥。请将该文件分发到每个进程并逐一重启,然后运行 `hub keys use`。",
            soft_wrap=True,
        )


@keys_app.command("use")
def use() -> None:
    """Make the newest keys encrypt and sign: the second step of a rotation, when every process has them.
    启用新密钥(轮换第二步)

    Older data stays readable; running it again changes nothing. Copy the file to every process and restart each.
    """
    from hub.foundation.encryption import Keys

    path = settings_with().keys_path
    with errors_explained():
        keys = Keys.load(path)
        if keys.sealing != max(keys.data):
            keys = keys.with_newest_in_use()
            keys.put_in_place(path)
        console.print(
            f"data.{keys.sealing} seals, signing.{keys.signing[0]['kid']} signs 已启用", soft_wrap=True
        )


@keys_app.command("list")
def list_keys() -> None:
    """List the names of the keys and what each does, never the keys themselves. 列出密钥及其状态"""
    from hub.foundation.encryption import Keys

    with errors_explained():
        keys = Keys.load(settings_with().keys_path)
    for number in sorted(keys.data):
        does = "seals 加密" if number == keys.sealing else "opens 解密"
        console.print(f"data.{number}  {does}", highlight=False)
    for place, key in enumerate(keys.signing):
        console.print(
            f"signing.{key['kid']}  {'verifies 验签' if place else 'signs 签名'}",
            highlight=False,
            soft_wrap=True,
        )
