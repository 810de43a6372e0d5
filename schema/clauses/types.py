"""The clauses of 郑政办〔2024〕46号 that `policyBasis` cites, for programs that show them."""

import strawberry

from hub.policy.clauses import CLAUSES, Clause
from schema.engine.declare.fields import computed


@strawberry.type(description="政策条款 One clause of 郑政办〔2024〕46号")
class PolicyClause:
    """政策条款."""

    number: str = strawberry.field(
        description="条款编号 As policyBasis and the code tables cite it: 46-3.2.1"
    )
    place: str = strawberry.field(description="条款位置 Its place in the document: 三、(二)1.")
    heading: str = strawberry.field(description="标题 Its official heading")
    sentences: list[str] = strawberry.field(
        description="原文 Its official sentences, word for word; empty: its parts hold the text"
    )
    gist: str = strawberry.field(description="英文大意 What it says, in English")

    @classmethod
    def of(cls, clause: Clause) -> "PolicyClause":
        """The clause as the schema shows it."""
        return cls(
            number=clause.id,
            place=clause.place,
            heading=clause.heading,
            sentences=list(clause.sentences),
            gist=clause.gist,
        )


def _clauses() -> list[PolicyClause]:
    return [PolicyClause.of(clause) for clause in CLAUSES.values()]


@strawberry.type
class PolicyClauseQueries:
    """Queries of the clauses."""

    policy_clauses: list[PolicyClause] = computed(
        _clauses,
        "政策条款 Every clause of 郑政办〔2024〕46号 that `policyBasis` cites, in the document's order; fixed within"
        " a version of the hub",
    )
