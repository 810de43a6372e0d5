"""docs/errors.md: every error code for callers, in English and Chinese, made from the error classes."""

import auth
import hub
import schema
from hub.foundation.errors import HubError
from hub.foundation.operating import OperatorError
from schema.user_errors import import_all_of, kinds_of_errors

_SECTIONS = (
    ("The token and the client 令牌与客户端", "auth."),
    ("The request as a whole, and its fields 请求与字段", "schema."),
    ("When something ails the database 数据库异常", "hub.foundation.troubles"),
    ("Writing 写入", "hub."),
    ("Households 家庭登记", "hub.households."),
    ("Imports 导入", "hub.imports."),
)
_RUNNING = "Running the hub 平台运行"
"""The section of errors for operators of the hub."""
_HEAD = """# Errors · 错误码

Codes are stable; programs go by them, people read the message. GraphQL errors carry `extensions.code` and `extensions.messageZh`;
a mutation's own errors carry `code`, `message`, `messageZh` and `path` (where in the input). The numbers that a program acts on
stand besides in `extensions` by name (`retryAfterSeconds`, `most`), of a mutation's own errors in `numbers` (`actual`, `left`).
What is wrong with a variable or an argument carries `extensions.path`: its name, and where in its value; `locations`, and `path`
where there is only one place, say of which field. No error repeats a value. Words in braces are filled in.
The token endpoint answers RFC 6749's codes (`invalid_client`, `invalid_scope`, `invalid_request`, `unsupported_grant_type`).
"""


def _section_of(kind: type[HubError]) -> str:
    """The title of the narrowest section that an error belongs to."""
    if issubclass(kind, OperatorError):
        return _RUNNING
    fitting = [(len(prefix), title) for title, prefix in _SECTIONS if kind.__module__.startswith(prefix)]
    return max(fitting)[1]


def errors_page() -> str:
    """The page, in Markdown."""
    for package in (auth, hub, schema):
        import_all_of(package)
    lines = [_HEAD]
    for title in (*(title for title, _ in _SECTIONS), _RUNNING):
        lines.append(f"## {title}\n\n| code | English | 中文 |\n| --- | --- | --- |")
        kinds = {
            error
            for error in kinds_of_errors()
            if not error.__module__.startswith("tests") and _section_of(error) == title
        }
        for kind in sorted(kinds, key=lambda error: error.code):
            english, chinese = (line.strip() for line in (kind.__doc__ or "").strip().splitlines())
            lines.append(f"| `{kind.code}` | {english} | {chinese} |")
        lines.append("")
    return "\n".join(lines)
