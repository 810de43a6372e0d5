"""Help texts in both languages for the options that typer adds itself; each command has its own texts."""

from collections.abc import Iterator

import typer
from typer.core import TyperGroup, TyperOption

_TEXTS = {
    "--help": "Show this help and exit. 显示本帮助后退出。",
    "--install-completion": "Install command completion for the shell. 为当前命令行安装命令补全。",
    "--show-completion": "Print the completion script, to install it by hand. 输出补全脚本,供手动安装。",
}


def command_of(app: typer.Typer) -> TyperGroup:
    """The command group of an app; every option has its help in both languages."""
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
    """A command and all its subcommands, each with the words that are typed after `hub`."""
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        yield from commands_of(one, f"{path} {name}".strip())
