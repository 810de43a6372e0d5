"""Help in both languages: the texts that typer brings itself, beside those that each command has."""

from collections.abc import Iterator

import typer
from typer.core import TyperGroup, TyperOption

_TEXTS = {
    "--help": "Show this help and exit. 显示本帮助后退出。",
    "--install-completion": "Install command completion for the shell. 为当前命令行安装命令补全。",
    "--show-completion": "Print the completion script, to install it by hand. 输出补全脚本,供手动安装。",
}


def command_of(app: typer.Typer) -> TyperGroup:
    """The command of an app, every option of which says in both languages what it does."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    for _, command in commands_of(root):
        context = typer.Context(command)
        for option in command.get_params(context):
            if isinstance(option, TyperOption) and (text := _TEXTS.get(option.opts[0])):
                option.help = text
    return root


def commands_of(
    command: typer.core.TyperCommand | TyperGroup, path: str = ""
) -> Iterator[tuple[str, typer.core.TyperCommand | TyperGroup]]:
    """A command, and every command below it, each with what is typed for it after `hub`."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands_of(one, f"{path} {name}".strip())
