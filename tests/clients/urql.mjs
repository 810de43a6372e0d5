// urql: data and `error.graphQLErrors` come together by default.
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { GRAPHQL, HOUSEHOLDS, RECORD_AID, checks, must, mustTellForbiddenFromEmpty, mustTurnPages, mustWriteOnce, renewingFetch } from "./hub.mjs";

const fetching = renewingFetch();
const exchanges = [cacheExchange, fetchExchange];
const client = new Client({ url: GRAPHQL, exchanges, fetch: fetching, preferGetMethod: false });
const byGet = new Client({ url: GRAPHQL, exchanges, fetch: fetching, preferGetMethod: "force" });
let person;

await checks({
  "an expired token's 401 renews it": async () => {
    const { data, error } = await client.query("{ viewer { client } }", {}).toPromise();
    must(data?.viewer.client && fetching.renewed === 1, `renewed ${fetching.renewed} times; ${error}`);
  },
  "forbidden is told from empty": async () => {
    const { data, error } = await client.query(HOUSEHOLDS, { first: 3 }).toPromise();
    mustTellForbiddenFromEmpty(data, error?.graphQLErrors);
  },
  "pages by cursor, by GET": async () => {
    person = await mustTurnPages(async (variables) => (await byGet.query(HOUSEHOLDS, variables).toPromise()).data);
  },
  "a mutation with oneOf inputs": () =>
    mustWriteOnce(
      async (input) => (await client.mutation(RECORD_AID, { input }).toPromise()).data.recordAid,
      person,
      "urql",
    ),
  "a refused document is an error with its code": async () => {
    const { error } = await client.query("{ viewer { nobody } }", {}).toPromise();
    must(error?.graphQLErrors[0]?.extensions?.code, `${error}`);
  },
});
