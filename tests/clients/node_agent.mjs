// Node's own http client, whose agent keeps connections open. It reuses one that was idle longer than most servers allow.
import http from "node:http";
import { setTimeout } from "node:timers/promises";
import { GRAPHQL, checks, must, newToken } from "./hub.mjs";

const IDLE_MILLISECONDS = 8_000; // uvicorn's default limit is 5 s
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const headers = { authorization: `Bearer ${await newToken()}`, "content-type": "application/json" };

/** One request; answers its status, and whether it went over a connection that was there. */
function ask(method, address, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method, agent, headers }, (response) => {
      response.resume();
      response.on("end", () => resolve({ status: response.statusCode, reused: request.reusedSocket }));
    });
    request.on("error", reject);
    request.end(body);
  });
}
const read = () => ask("POST", GRAPHQL, JSON.stringify({ query: "{ viewer { client } }" }));

await checks({
  "a connection is kept": async () => {
    await read();
    const { status, reused } = await read();
    must(status === 200 && reused, `status ${status}, reused ${reused}`);
  },
  "a connection that lay idle is used again": async () => {
    await read();
    await setTimeout(IDLE_MILLISECONDS);
    const { status, reused } = await read();
    must(status === 200 && reused, `status ${status}, reused ${reused}`);
  },
  "a refusal keeps it too": async () => {
    await ask("POST", GRAPHQL, "not JSON");
    const { status, reused } = await read();
    must(status === 200 && reused, `status ${status}, reused ${reused}`);
  },
  "HEAD is answered": async () => {
    const { status } = await ask("HEAD", `${GRAPHQL}?query=${encodeURIComponent("{ __typename }")}`);
    must(status === 200, `status ${status}`);
  },
});
