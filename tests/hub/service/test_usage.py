"""Mistyped commands get a sentence in both languages that names the place of the help."""

import re
import sys
from pathlib import Path

import pytest

from hub.service.cli import main
from tests.fixtures.installation import Installation, told

CHINESE = re.compile("[一-鿿]")
OFFICE = ("--agency", "civil_affairs@410105")


def typed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, str, str]:
    """The exit code of a command, and its output on stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["hub", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return ended.value.code, printed.out, printed.err


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (["serve", "--port", "abc"], "'--port'", "`--port`(或环境变量 `PORT`)的值不可用,须为 1 至 65535 的整数"),
        (["serve", "--port", "70000"], "less than or equal to 65535", "须为 1 至 65535 的整数"),
        (["demo", "--households", "1"], "greater than or equal to 20", "`--households` 的值不可用,须为不小于 20 的整数"),
        (["demo", "--seed", "x"], "valid integer", "`--seed` 的值不可用,须为整数"),
        (["import", "nix", "x", *OFFICE], "No such command 'nix'", "没有命令 `nix`"),
        (["import", "template", "nix"], "is not one of 'households'", "`KIND` 的值不可用,须为 `households`、`monitored`、"),
        (["import", "households", "/nowhere.csv", *OFFICE], "does not exist", "`FILE` 的值不可用,须为可读取的文件"),
        (["client", "documents", "add", "x", "/nowhere.graphql"], "does not exist", "的值不可用,须为可读取的文件"),
        (["import", "template"], "Missing argument 'KIND'", "缺少参数 `KIND`"),
        (["import", "households", __file__], "Missing option '--agency'", "缺少参数 `--agency`"),
        (["improt"], "No such command 'improt'. Did you mean 'import'?", "没有命令 `improt`(是否应为 `import`)"),
        (["client", "xyzzy"], "No such command 'xyzzy'.", "没有命令 `xyzzy`,用法见 `hub client --help`。"),
        (["client", "list", "--jso"], "No such option: --jso", "没有选项 `--jso`(是否应为 `--json`)"),
        (["client", "list", "--json=3"], "'--json' does not take a value", "`--json`"),
        (["serve", "--port"], "'--port' requires an argument", "`--port`"),
        (["migrate", "x"], "unexpected extra argument", "参数过多"),
    ],
)  # fmt: skip
def test_a_mistyped_command_is_one_sentence_in_both_languages_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    english: str,
    chinese: str,
) -> None:
    code, printed, errors = typed(monkeypatch, capsys, *arguments)
    assert (code, printed) == (2, "")
    one, other = errors.splitlines()
    assert one.startswith("USAGE_ERROR ")
    assert english in one
    assert re.search(r"[.?] See `hub.* --help`\.$", one)
    assert not CHINESE.search(one)
    assert chinese in other
    assert not re.search("[A-Za-z]{2,}", re.sub("`[^`]*`", "", other)), (
        "what is typed stands in code, all else is Chinese"
    )


@pytest.mark.parametrize("group", [(), ("client",), ("client", "documents")])
def test_a_group_alone_shows_its_help_and_complains_of_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], group: tuple[str, ...]
) -> None:
    code, printed, errors = typed(monkeypatch, capsys, *group)
    assert code == 2
    assert "Usage: hub" in printed + errors
    assert "USAGE_ERROR" not in printed + errors


def test_a_port_of_the_environment_that_is_none_is_told_by_its_name(tmp_path: Path) -> None:
    hub = Installation(tmp_path, "postgresql://nobody@127.0.0.1:1/hub")
    message = told(hub.run("serve", PORT="abc"), code=2)
    assert "(env var: 'PORT')" in message
    assert "(或环境变量 `PORT`)" in message
