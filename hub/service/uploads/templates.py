"""`GET /imports/templates/KIND`: the workbook that an agency fills in and uploads, with the columns that its token may write,
and its codes and regions to choose from."""

import asyncio
from io import BytesIO

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.database import Database
from hub.foundation.errors import NotFound
from hub.foundation.settings import Settings
from hub.imports.templates import write_template
from hub.imports.workbooks.writer import MEDIA_TYPE
from hub.ledger.refused_requests import RefusedRequests
from hub.model.import_runs import ImportKind
from hub.regions.places import Places
from hub.service.callers import Callers
from schema.http.addresses import IMPORTS_PATH


class Templates:
    """The route of the templates."""

    def __init__(
        self, database: Database, tokens: Tokens, settings: Settings, refusals: RefusedRequests
    ) -> None:
        self._database = database
        answer = Callers(tokens, settings, refusals).answered(self._template, {})
        self.routes = [Route(f"{IMPORTS_PATH}/templates/{{kind}}", answer, methods=["GET"])]

    async def _template(self, http: Request, grant: Grant) -> Response:
        kind = str(http.path_params["kind"]).upper()
        if kind not in set(ImportKind):
            raise NotFound(noun="template", noun_zh="模板")
        async with self._database.read() as connection:
            places = await Places.load(connection, grant)
        file = BytesIO()
        await asyncio.to_thread(write_template, file, ImportKind(kind), grant, places)
        headers = {
            "Content-Disposition": f'attachment; filename="{kind.lower()}.xlsx"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(file.getvalue(), 200, headers, MEDIA_TYPE)
