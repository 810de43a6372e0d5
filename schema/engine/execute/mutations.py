"""Runs a mutation: the command of each root field, then the read of the rows that it saved, by the plan made before."""

from typing import Any
from uuid import UUID

from graphql import GraphQLError, get_argument_values
from graphql.execution.values import VariableValues

from hub.foundation.troubles import DatabaseUnavailable, OutcomeUnknown, trouble_of
from schema.engine.compile.mutations import Key, Objects, PreparedWrite, SavedRead, by_key, saved_keys, shown
from schema.engine.compile.placeholders import forbidden_mark
from schema.engine.executable_schema import ExecutableSchema
from schema.engine.execute.plans import Bound
from schema.engine.execute.transactions import Writer
from schema.engine.execute.write_tally import WriteTally


class MutationExecution:
    """A running mutation: its `data` and `errors`, the `tally` of its commands, and the `households`, `persons` and number of
    `rows` read for it. In `data` forbidden fields have marks (`compile.forbidden_nulls`)."""

    def __init__(
        self, built: ExecutableSchema, writer: Writer, variables: VariableValues, bound: Bound
    ) -> None:
        self._built = built
        self._writer = writer
        self._variables = variables
        self._bound = bound
        self.data: dict[str, Any] = {}
        self.errors: list[GraphQLError] = []
        self.tally = WriteTally()
        self.households: set[UUID] = set()
        self.persons: set[UUID] = set()
        self.rows = 0
        self._ails = False

    async def run(self, write: PreparedWrite) -> None:
        """Run one root field. A failure in it is an error of this field only: earlier fields are already written, and later
        ones still run (GraphQL spec 6.2.2 and 6.4.4)."""
        if write.definition is None:
            self.data[write.response_key] = "Mutation"
            return
        if write.forbidden:
            self.data[write.response_key] = forbidden_mark(self._bound.word) + write.forbidden
            return
        try:
            if self._ails:  # otherwise each field would wait as long as the first one
                raise DatabaseUnavailable
            self.data[write.response_key] = await self._payload(write)
        except Exception as failure:  # for any failure, the caller gets an incident at this field
            self._ails = trouble_of(failure) is not None or self._ails
            self.data[write.response_key] = None
            told = GraphQLError(str(failure), [write.node], path=[write.response_key], original_error=failure)
            self.errors.append(told)

    async def _payload(self, write: PreparedWrite) -> dict[str, Any]:
        assert write.command is not None
        assert write.definition is not None
        given = get_argument_values(write.definition, write.node, self._variables)
        input = self._built.inputs.read(write.command.input, given["input"])
        payload = await write.command.run(self._writer, input)
        self.tally.count(payload)
        try:
            return await self._answer(write, payload)
        except Exception as failure:
            if trouble_of(failure) is None:
                raise
            raise OutcomeUnknown from failure

    async def _answer(self, write: PreparedWrite, payload: Any) -> dict[str, Any]:
        """The selected part of a payload, after its command was committed."""
        wanted: list[dict[Key, None]] = [{} for _ in write.reads]
        for place, key in saved_keys(write.template, payload):
            wanted[place][key] = None
        objects = [
            await self._saved(read, list(keys)) for read, keys in zip(write.reads, wanted, strict=True)
        ]
        return shown(write.template, payload, objects)

    async def _saved(self, read: SavedRead, keys: list[Key]) -> Objects:
        if not keys:
            return {}
        statement, writer = read.statement, self._writer
        columns = {name: [key[place] for key in keys] for place, name in enumerate(read.key)}
        values = statement.values(self._bound.arguments, writer.grant, self._bound.word, columns)
        row = await writer.database.fetch_row(statement.text, values)
        self.households.update(row["households"])
        self.persons.update(row["persons"])
        self.rows += row["rows"]
        texts: list[bytes] = row["data"]
        if statement.marks:
            texts = [
                statement.marks.fill(text, self._bound.word, writer.secrecy, writer.grant.agency)
                for text in texts
            ]
        return by_key(keys, texts, row["places"])
