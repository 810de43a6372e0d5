"""The fields of a person that a public list shows and withholds, with the legal basis (46-4.3).

46-4.3: 加大信息公开力度,按照规定公开救助信息. 社会救助暂行办法 (国务院令第649号)
requires that approved recipients are published in their village or community; 个人信息保护法 limits this to the purpose.
"""

from hub.aid.rules import KIND_RULES
from hub.model.aid import AidKind

CLAUSE = "46-4.3"

DISCLOSED_KINDS: frozenset[AidKind] = frozenset(
    kind for kind, rule in KIND_RULES.items() if rule.withheld is None
)
"""The aid kinds that a list of helped households names."""


def masked_name(name: str) -> str:
    """A name as a list shows it: 张小明 is 张*明, 张明 is 张*."""
    surname, rest = name[:1], name[1:]
    if not rest:
        return "*"
    return surname + "*" * max(len(rest) - 1, 1) + rest[-1] * (len(rest) > 1)
