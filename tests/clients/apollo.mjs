// Apollo Client: `errorPolicy: "all"` keeps the data beside the errors of forbidden fields.
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client/core/index.js";
import { GRAPHQL, HOUSEHOLDS, RECORD_AID, checks, must, mustTellForbiddenFromEmpty, mustTurnPages, mustWriteOnce, renewingFetch } from "./hub.mjs";

const fetching = renewingFetch();
const client = new ApolloClient({
  link: new HttpLink({ uri: GRAPHQL, fetch: fetching }),
  cache: new InMemoryCache(),
  defaultOptions: { query: { errorPolicy: "all" }, mutate: { errorPolicy: "all" } },
});
const query = gql(HOUSEHOLDS);
let person;

await checks({
  "an expired token's 401 renews it": async () => {
    const { data } = await client.query({ query: gql`{ viewer { client } }` });
    must(data.viewer.client && fetching.renewed === 1, `renewed ${fetching.renewed} times`);
  },
  "forbidden is told from empty": async () => {
    const { data, error } = await client.query({ query, variables: { first: 3 } });
    mustTellForbiddenFromEmpty(data, error?.errors);
  },
  "pages by cursor": async () => {
    person = await mustTurnPages(async (variables) => (await client.query({ query, variables })).data);
  },
  "a mutation with oneOf inputs": () =>
    mustWriteOnce(
      async (input) => (await client.mutate({ mutation: gql(RECORD_AID), variables: { input } })).data.recordAid,
      person,
      "apollo",
    ),
  "a refused document is an error with its code": async () => {
    const { error } = await client.query({ query: gql`{ viewer { nobody } }` });
    must(error?.errors?.[0]?.extensions?.code, `${error}`);
  },
});
