"""Makes docs/glossary.md from the clauses and the glossary: every cited clause in the policy's words, and every code with its
official noun, its English, its code in a national standard and its source."""

from collections.abc import Iterator

from hub.glossary.code_sets import CodeSet, code_sets
from hub.policy.clauses import CLAUSES
from schema.enums import IN_SENTENCES, WORDS

_HEAD = """# Glossary · 术语与代码

What each clause says, and what each code of the schema means. 46-x is the clause of 郑政办〔2024〕46号; GB/T are national
standards. Programs read the codes by `codeTables` and the clauses by `policyClauses`. Made from
[hub/policy/clauses.toml](../hub/policy/clauses.toml) and [hub/glossary](../hub/glossary) by `make schema`; change the data,
not the page.

条款原文与模式中每个代码的含义:46-x 为郑政办〔2024〕46号条款;程序可用 `codeTables` 读取各代码,用 `policyClauses` 读取条款原文。
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rows(codes: CodeSet) -> Iterator[str]:
    standard = f" {codes.standard} |" if codes.standard else ""
    yield f"| code | 中文 | English |{standard} source |"
    yield f"| --- | --- | --- |{' --- |' if standard else ''} --- |"
    for name, term in codes.values.items():
        code = f" {term.code} |" if standard else ""
        yield f"| `{name}` | {_cell(term.noted_zh)} | {_cell(term.noted)} |{code} {_cell(term.source)} |"


def _clauses() -> Iterator[str]:
    yield "| clause | 标题 | 条款原文 the policy's own words | English |"
    yield "| --- | --- | --- | --- |"
    for one in CLAUSES.values():
        yield f"| {one.id} | {one.heading} | {'<br>'.join(one.sentences)} | {one.gist} |"


def glossary_page() -> str:
    """The page, in Markdown."""
    lines = [_HEAD, "## Clauses · 政策条款", "", *_clauses(), ""]
    for codes in sorted(code_sets((*WORDS, *IN_SENTENCES)), key=lambda one: one.name):
        lines += [f"## {codes.name} · {codes.of.zh}", "", *_rows(codes), ""]
    return "\n".join(lines)
