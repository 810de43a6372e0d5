"""What people read agrees with what runs."""

import re
from pathlib import Path

from hub.foundation.settings import Settings
from schema.errors_page import errors_page

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(HUB_\w+)` \| (.*?) \|", README, re.M))
    settings = {f"HUB_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert rows.keys() == settings.keys()
    for name, default in settings.items():
        assert default is None or rows[name] == f"`{default}`", name


def test_every_error_code_stands_in_the_errors_page() -> None:
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == errors_page(), "run `make schema`"


def test_every_command_stands_in_the_readme() -> None:
    from hub.service.cli import app

    names = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    told = README[README.index("## The command `hub`") :]
    assert all(f"`{name}" in told for name in names), names


def test_every_page_the_readme_points_at_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
