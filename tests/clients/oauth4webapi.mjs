// oauth4webapi: from the 401 to the resource's metadata (RFC 9728), the issuer's (RFC 8414), a token, and back.
import * as oauth from "oauth4webapi";
import { CLIENT_ID, CLIENT_SECRET, EXPIRED_TOKEN, GRAPHQL, checks, must } from "./hub.mjs";

const insecure = { [oauth.allowInsecureRequests]: true }; // http on the loopback
const resource = new URL(GRAPHQL);
const client = { client_id: CLIENT_ID };
const body = () => JSON.stringify({ query: "{ viewer { client } }" });
const json = () => new Headers({ "content-type": "application/json" });
const ask = (token) => oauth.protectedResourceRequest(token, "POST", resource, json(), body(), insecure);
const challenges = (error) => {
  must(error instanceof oauth.WWWAuthenticateChallengeError && error.status === 401, `${error}`);
  return error.cause[0].parameters;
};
let server, token;

async function issued(parameters, authentication = oauth.ClientSecretBasic(CLIENT_SECRET)) {
  const answered = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, insecure);
  return oauth.processClientCredentialsResponse(server, client, answered);
}

await checks({
  "an expired token's 401 names the error and the metadata": async () => {
    const { error, resource_metadata } = challenges(await ask(EXPIRED_TOKEN).catch((thrown) => thrown));
    must(error === "invalid_token", `error is ${error}`);
    const path = new URL(resource_metadata).pathname;
    must(path === "/.well-known/oauth-protected-resource/graphql", `resource_metadata is ${resource_metadata}`);
  },
  "the resource is found by RFC 9728 and its issuer by RFC 8414": async () => {
    const found = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, insecure));
    const issuer = new URL(found.authorization_servers[0]);
    const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...insecure });
    server = await oauth.processDiscoveryResponse(issuer, discovered);
    must(server.protected_resources.includes(resource.href), "the issuer does not name the resource");
  },
  "the hub as a whole is a resource too": async () => {
    const whole = new URL(server.issuer);
    await oauth.processResourceDiscoveryResponse(whole, await oauth.resourceDiscoveryRequest(whole, insecure));
  },
  "a token by Basic and by POST": async () => {
    await issued(new URLSearchParams(), oauth.ClientSecretPost(CLIENT_SECRET));
    token = await issued(new URLSearchParams({ resource: resource.href, scope: "household:read person:read" }));
    must(token.scope === "household:read person:read" && token.expires_in >= 60, JSON.stringify(token));
  },
  "the token is a JWT of RFC 9068 for the resource": async () => {
    const request = new Request(resource, { headers: { authorization: `Bearer ${token.access_token}` } });
    const claims = await oauth.validateJwtAccessToken(server, request, resource.href, { signingAlgorithms: ["EdDSA"], ...insecure });
    must(claims.client_id === CLIENT_ID, claims.client_id);
  },
  "the token opens the resource": async () => {
    const answered = await (await ask(token.access_token)).json();
    must(answered.data.viewer.client === CLIENT_ID, JSON.stringify(answered));
  },
  "another resource is an invalid target": async () => {
    const error = await issued(new URLSearchParams({ resource: "https://other.example/" })).catch((thrown) => thrown);
    must(error instanceof oauth.ResponseBodyError && error.error === "invalid_target", `${error}`);
  },
  "a wrong secret is an invalid client with its challenge": async () => {
    challenges(await issued(new URLSearchParams(), oauth.ClientSecretBasic("wrong")).catch((thrown) => thrown));
  },
});
