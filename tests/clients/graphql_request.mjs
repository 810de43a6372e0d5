// graphql-request: with `errorPolicy: "all"`; without it a forbidden field discards the data.
import { GraphQLClient } from "graphql-request";
import { GRAPHQL, HOUSEHOLDS, RECORD_AID, checks, must, mustTellForbiddenFromEmpty, mustTurnPages, mustWriteOnce, renewingFetch } from "./hub.mjs";

const fetching = renewingFetch();
const client = new GraphQLClient(GRAPHQL, { fetch: fetching, errorPolicy: "all" });
const strict = new GraphQLClient(GRAPHQL, { fetch: fetching });
let person;

await checks({
  "an expired token's 401 renews it": async () => {
    const { viewer } = await client.request("{ viewer { client } }");
    must(viewer.client && fetching.renewed === 1, `renewed ${fetching.renewed} times`);
  },
  "forbidden is told from empty": async () => {
    const { data, errors } = await client.rawRequest(HOUSEHOLDS, { first: 3 });
    mustTellForbiddenFromEmpty(data, errors);
  },
  "without errorPolicy a forbidden field throws": async () => {
    const thrown = await strict.request(HOUSEHOLDS, { first: 1 }).then(() => null, (error) => error);
    must(thrown?.response?.errors?.[0]?.extensions?.code === "FORBIDDEN_FIELD", `${thrown}`);
  },
  "pages by cursor": async () => {
    person = await mustTurnPages((variables) => client.request(HOUSEHOLDS, variables));
  },
  "a mutation with oneOf inputs": () =>
    mustWriteOnce(async (input) => (await client.request(RECORD_AID, { input })).recordAid, person, "graphql-request"),
  "a refused document is an error with its code": async () => {
    const { errors } = await client.rawRequest("{ viewer { nobody } }").catch((error) => error.response);
    must(errors?.[0]?.extensions?.code, `${JSON.stringify(errors)}`);
  },
});
