"""Mistakes in a command line, in both languages: the English is the parser's own."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import typer

from hub.foundation.operating import OperatorError


class UsageError(OperatorError):
    """{said} See `{command} --help`.
    {said_zh},用法见 `{command} --help`。
    """


def misuse_of(error: typer.TyperException) -> UsageError | None:
    """The sentence for a mistake that the parser refuses; None if the parser has shown the help instead."""
    said = " ".join(error.format_message().split()).rstrip(".")
    if not said:
        return None
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "hub"
    names = [one.__name__ for one in type(error).__mro__]
    tell = next((_BY_KIND[name] for name in names if name in _BY_KIND), _of_another)
    return UsageError(said=said if said.endswith("?") else f"{said}.", said_zh=tell(error), command=command)


def _missing(error: Any) -> str:
    return f"缺少参数 `{_name(error)}`"


def _bad_value(error: Any) -> str:
    variable = getattr(error.param, "envvar", None)
    beside = f"(或环境变量 `{variable}`)" if variable else " "
    return f"参数 `{_name(error)}`{beside}的值不可用,{_form(error.param)}"


def _no_option(error: Any) -> str:
    meant = f"(是否应为 `{'`、`'.join(sorted(error.possibilities))}`)" if error.possibilities else ""
    return f"没有选项 `{error.option_name}`{meant}"


def _bad_option(error: Any) -> str:
    return f"选项 `{error.option_name}` 缺少取值,或不带取值"


def _of_another(error: Any) -> str:
    """For mistakes without a kind of their own."""
    typed, *meant = [f"`{one}`" for one in re.findall("'([^']+)'", error.message)] or [""]
    for start, zh in _BY_WORDS.items():
        if error.message.startswith(start):
            return f"{zh} {typed}(是否应为 {'、'.join(meant)})" if meant else f"{zh} {typed}".rstrip()
    return "命令无法解读"


_BY_KIND: Mapping[str, Callable[[Any], str]] = {
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "NoSuchOption": _no_option,
    "BadOptionUsage": _bad_option,
}
"""By the names of the parser's error classes, which typer does not export."""
_BY_WORDS = {
    "No such command": "没有命令",
    "Missing command": "缺少命令",
    "Got unexpected extra argument": "参数过多",
}


def _name(error: Any) -> str:
    """A parameter as it is typed: the option, or the placeholder of the argument."""
    param = error.param
    if param is None:
        return "…"
    return str(param.opts[0] if param.param_type_name == "option" else param.metavar or param.name)


def _form(param: Any) -> str:
    """The form that a value must have."""
    kind = getattr(param, "type_descriptor", None)
    if choices := getattr(kind, "choices", None):
        return f"须为 `{'`、`'.join(str(one) for one in choices)}` 之一"
    if getattr(kind, "annotation", None) in {Path, list[Path]}:
        return "须为可读取的文件"
    least, most = getattr(param, "min", None), getattr(param, "max", None)
    if least is not None and most is not None:
        return f"须为 {least} 至 {most} 的整数"
    return f"须为不小于 {least} 的整数" if least is not None else "须为整数"
