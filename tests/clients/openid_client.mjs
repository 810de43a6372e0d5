// openid-client, as a department's server uses it: discovery by RFC 8414, client credentials, a protected resource.
import * as client from "openid-client";
import { CLIENT_ID, CLIENT_SECRET, EXPIRED_TOKEN, GRAPHQL, HUB_URL, checks, must } from "./hub.mjs";

const options = { algorithm: "oauth2", execute: [client.allowInsecureRequests] }; // http on the loopback
const headers = () => new Headers({ "content-type": "application/json" });
const body = () => JSON.stringify({ query: "{ viewer { client } }" });
let config, token;

const ask = (accessToken) => client.fetchProtectedResource(config, accessToken, new URL(GRAPHQL), "POST", body(), headers());

await checks({
  "discovery by RFC 8414": async () => {
    config = await client.discovery(new URL(HUB_URL), CLIENT_ID, CLIENT_SECRET, client.ClientSecretBasic(), options);
    must(config.serverMetadata().supportsPKCE() === false, "nothing is said of PKCE");
  },
  "client credentials": async () => {
    token = await client.clientCredentialsGrant(config, { resource: GRAPHQL });
    must(token.token_type === "bearer" && token.expiresIn() > 0, JSON.stringify(token));
  },
  "the token opens the resource": async () => {
    const answered = await (await ask(token.access_token)).json();
    must(answered.data.viewer.client === CLIENT_ID, JSON.stringify(answered));
  },
  "an expired token's 401 is read, and a new one asked for": async () => {
    const error = await ask(EXPIRED_TOKEN).catch((thrown) => thrown);
    must(error.code === "OAUTH_WWW_AUTHENTICATE_CHALLENGE", `${error.code} ${error}`);
    const renewed = await client.clientCredentialsGrant(config);
    must((await ask(renewed.access_token)).status === 200, "the new token does not open it");
  },
  "a scope that is not held is refused by name": async () => {
    const error = await client.clientCredentialsGrant(config, { scope: "hub:admin" }).catch((thrown) => thrown);
    must(error.error === "invalid_scope" && error.error_description.includes("hub:admin"), `${error.error}`);
  },
});
