"""A developer of an education bureau: from a client id to an outcome that is written back into the chain."""

import anyio
import httpx
import pytest

from auth.clients import NewClient, create_client
from auth.scopes import Scope
from hub.foundation.database import Database
from hub.foundation.settings import Settings
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil

CHAIN = """
query ($code: String!) {
  household(code: $code) {
    aidRecords(first: 50) { nodes { __typename program agency { code } amount } }
    chain {
      head { type agency { code } occurredAt aidRecord { id kind amount } }
      verified { whole length }
    }
  }
}
"""


def registered(served: Served, agency: str) -> NewClient:
    """A client, as `hub client create` registers it."""

    async def create() -> NewClient:
        database = Database(served.database_url, Settings())
        async with database.write() as session:
            made = await create_client(session, agency, name="test")
        await database.close()
        return made

    return anyio.run(create)


def token_of(served: Served, client: NewClient) -> str:
    """A token, as a department's program requests it."""
    answered = served.http.post(
        "/oauth/token",
        auth=(client.client_id, client.client_secret),
        data={"grant_type": "client_credentials"},
    )
    assert answered.status_code == 200, answered.text
    return str(answered.json()["access_token"])


def ask(served: Served, token: str, query: str, variables: dict[str, object] | None = None) -> httpx.Response:
    """One request, as curl sends it."""
    return served.http.post(
        "/graphql",
        json={"query": query, "variables": variables or {}},
        headers={"authorization": f"Bearer {token}"},
    )


def test_a_client_gets_a_token_reads_writes_back_and_sees_it_in_the_chain(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    token = token_of(writable_hub, registered(writable_hub, "education@410105"))
    somebody = of_jinshui[0]

    viewer = ask(writable_hub, token, "{ viewer { agency { code name } scopes regions purpose } }").json()[
        "data"
    ]["viewer"]
    assert viewer["agency"] == {"code": "education@410105", "name": "金水区教育局"}
    assert "aid.education:write" in viewer["scopes"]
    assert viewer["regions"] == ["410105"]

    forbidden = ask(
        writable_hub,
        token,
        "query ($c: String!) { household(code: $c) { code incomePerCapita } }",
        {"c": somebody.household_code},
    ).json()
    assert forbidden["data"] == {"household": {"code": somebody.household_code, "incomePerCapita": None}}
    (error,) = forbidden["errors"]
    assert error["extensions"] == {
        "code": "FORBIDDEN_FIELD",
        "messageZh": "读取 Household.incomePerCapita 需要权限 household.finance:read 和 household:read。",
        "coordinate": "Household.incomePerCapita",
        "requiredScopes": [["household.finance:read", "household:read"]],
    }

    outcome = grant_of_a_pupil({"idNumber": somebody.id_number})
    written = ask(writable_hub, token, RECORD_AID, {"input": outcome}).json()
    assert "errors" not in written, written
    assert written["data"]["recordAid"]["errors"] == []
    assert written["data"]["recordAid"]["aidRecord"]["kind"] == "EDUCATION"

    chain = ask(writable_hub, token, CHAIN, {"code": somebody.household_code}).json()["data"]["household"][
        "chain"
    ]
    assert chain["head"]["type"] == "AID_RECORDED"
    assert chain["head"]["agency"] == {"code": "education@410105"}
    assert chain["head"]["aidRecord"] == {
        "id": written["data"]["recordAid"]["aidRecord"]["id"],
        "kind": "EDUCATION",
        "amount": "1250.00",
    }
    assert chain["verified"]["whole"] is True


def test_another_department_learns_nothing_of_the_outcome_and_who_reads_the_fact_not_its_amount(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    outcome = grant_of_a_pupil({"personId": somebody.person_id}, program="仅此一次的助学金")
    writable_hub.ask("education@410105", RECORD_AID, {"input": outcome}).data  # noqa: B018  # fails where it is refused

    code = {"code": somebody.household_code}
    reply = writable_hub.ask("human_resources@410105", CHAIN, code)
    assert "仅此一次的助学金" not in str(reply.body)
    assert reply.body["data"]["household"]["chain"]["head"]["agency"]["code"] != "education@410105"

    scopes = writable_hub.grant("human_resources@410105").scopes | {Scope.PERSON_EDUCATION_READ}
    reply = writable_hub.ask("human_resources@410105", CHAIN, code, scopes=scopes)
    records = reply.body["data"]["household"]["aidRecords"]["nodes"]
    (ours,) = [record for record in records if record["program"] == "仅此一次的助学金"]
    assert ours == {
        "__typename": "EducationAid",
        "program": "仅此一次的助学金",
        "agency": {"code": "education@410105"},
        "amount": None,
    }
    assert "EducationAid.amount" in reply.forbidden
    assert "EmploymentAid.amount" not in reply.forbidden
    assert reply.body["data"]["household"]["chain"]["head"]["aidRecord"]["amount"] is None


@pytest.mark.parametrize("path", ["/schema.graphql", "/.well-known/oauth-protected-resource"])
def test_the_schema_and_the_way_to_a_token_are_published(hub: Served, path: str) -> None:
    answered = hub.http.get(path, headers={"authorization": f"Bearer {hub.token('education@410105')}"})
    assert answered.status_code == 200
    assert "requiresScopes" in answered.text or "authorization_servers" in answered.text
