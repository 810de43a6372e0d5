// Relay: its compiler and its runtime. `@throwOnFieldError` and `@catch` distinguish forbidden from empty by the paths of
// errors. The SDL that the hub serves to a client has no forbidden field. A document with a forbidden field is therefore
// compiled for the whole schema, like one from the time before the department lost a scope.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Environment, Network, RecordSource, Store, createOperationDescriptor, fetchQuery, getRequest } from "relay-runtime";
import { FOLDER, GRAPHQL, HUB_URL, checks, must, mustTurnPages, newToken, outcome, renewingFetch } from "./hub.mjs";

const fetching = renewingFetch();
const artifacts = {};
let person;

async function network(request, variables) {
  const answered = await fetching(GRAPHQL, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/graphql-response+json, application/json;q=0.9" },
    body: JSON.stringify({ query: request.text, variables }),
  });
  return answered.json();
}
const environment = () => new Environment({ network: Network.create(network), store: new Store(new RecordSource()) });
const run = (name, variables) => fetchQuery(environment(), artifacts[name], variables).toPromise();

/** The documents of a folder under relay/, compiled for a schema. */
async function compiled(name, sdl, ...operations) {
  const folder = join(FOLDER, "relay", name);
  mkdirSync(join(folder, "made"), { recursive: true });
  cpSync(join(import.meta.dirname, "relay", name), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type": "module"}');
  writeFileSync(join(folder, "schema.graphql"), sdl);
  const config = { src: ".", schema: "schema.graphql", language: "javascript", artifactDirectory: "made", eagerEsModules: true };
  writeFileSync(join(folder, "relay.config.json"), JSON.stringify(config));
  const compiler = createRequire(import.meta.url).resolve("relay-compiler/cli.js");
  execFileSync(process.execPath, [compiler, "relay.config.json"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  for (const operation of operations) {
    artifacts[operation] = (await import(pathToFileURL(join(folder, "made", `${operation}.graphql.js`)).href)).default;
  }
}

await checks({
  "the compiler takes the served schema": async () => {
    const sdl = await fetch(`${HUB_URL}/schema.graphql`, { headers: { authorization: `Bearer ${await newToken()}` } });
    await compiled("own", await sdl.text(), "ownPageQuery", "ownRecordAidMutation");
  },
  "the compiler takes the whole schema": async () => {
    const whole = readFileSync(join(import.meta.dirname, "..", "..", "schema", "schema.graphql"), "utf-8");
    await compiled("forbidden", whole, "forbiddenThrownQuery", "forbiddenCaughtQuery");
  },
  "an expired token's 401 renews it, and pages by cursor": async () => {
    person = await mustTurnPages((variables) => run("ownPageQuery", variables));
    must(fetching.renewed === 1, `renewed ${fetching.renewed} times`);
  },
  "@throwOnFieldError throws at a forbidden field": async () => {
    const thrown = await run("forbiddenThrownQuery", {}).then((data) => ({ message: `no error: ${JSON.stringify(data)}` }), (error) => error);
    must(/incomePerCapita|unexpected response|field error/i.test(thrown.message) && !/^no error/.test(thrown.message), thrown.message);
  },
  "@catch gives what is answered, and the error in its place": async () => {
    const { households } = await run("forbiddenCaughtQuery", {});
    must(households.nodes.length > 0, "no households");
    for (const one of households.nodes) {
      must(one.incomePerCapita.ok === false, `incomePerCapita is ${JSON.stringify(one.incomePerCapita)}`);
      must(one.members.every((member) => member.educationStage.ok), "an empty field is an error");
    }
  },
  "a mutation with oneOf inputs": async () => {
    const request = getRequest(artifacts.ownRecordAidMutation);
    for (const created of [true, false]) {
      const { data, errors } = await network(request.params, { input: outcome(person, "relay") });
      must(!errors && data.recordAid.created === created, JSON.stringify(errors ?? data));
      const on = environment();
      on.commitPayload(createOperationDescriptor(request, { input: outcome(person, "relay") }), data);
    }
  },
});
