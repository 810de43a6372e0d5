// graphql-codegen: the same types from the SDL that the hub serves and from its introspection, and a program that
// compiles against them.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { codegen } from "@graphql-codegen/core";
import * as operations from "@graphql-codegen/typescript-operations";
import * as typescript from "@graphql-codegen/typescript";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema } from "graphql";
import { FOLDER, GRAPHQL, HUB_URL, checks, must, newToken } from "./hub.mjs";

const DOCUMENT = `query Members($subject: ID!, $first: Int) {
  node(id: $subject) { ... on Household { code members { name educationStage } aidRecords(first: $first) { nodes { kind amount } } } }
}
mutation Record($input: RecordAidInput!) { recordAid(input: $input) { created errors { code path } } }`;
const PROGRAM = `import type { MembersQuery, RecordMutationVariables } from "./types";
export function stages(answered: MembersQuery): string[] {
  const node = answered.node;
  return node && "members" in node ? (node.members ?? []).map((one) => one.educationStage ?? "-") : [];
}
export const given: RecordMutationVariables["input"] = {
  externalId: "1", subject: { personId: "x" }, program: "助学金", periodFrom: "2026-09-01", periodUntil: "2027-07-15",
  status: "APPROVED", decidedOn: "2026-09-20", detail: { education: { form: "GRANT", schoolYear: 2026, stage: "PRIMARY" } },
};
`;
const TWO_SUBJECTS = `import type { SubjectInput } from "./types";
export const both: SubjectInput = { personId: "x", idNumber: "y" };
`;
const folder = join(FOLDER, "codegen");
const authorization = `Bearer ${await newToken()}`;
let served, introspected;

/** TypeScript's complaints about a program beside the types; empty where it compiles. */
function complaints(program) {
  writeFileSync(join(folder, "program.ts"), program);
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [compiler, "--strict", "--noEmit", "--skipLibCheck", "program.ts"], { cwd: folder });
    return "";
  } catch (failed) {
    return `${failed.stdout}`;
  }
}

/** The types of a schema and of the document's operations. */
function types(schema) {
  const config = { enumsAsTypes: true, scalars: { Date: "string", DateTime: "string", Decimal: "string" } };
  return codegen({
    filename: "types.ts", schema: parse(printSchema(lexicographicSortSchema(schema))), config: {},
    documents: [{ location: "members.graphql", document: parse(DOCUMENT) }],
    plugins: [{ typescript: config }, { operations: config }], pluginMap: { typescript, operations },
  });
}

await checks({
  "types from the served SDL": async () => {
    const sdl = await (await fetch(`${HUB_URL}/schema.graphql`, { headers: { authorization } })).text();
    served = await types(buildSchema(sdl));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "types.ts"), served);
  },
  "a program compiles against them": () => {
    const complained = complaints(PROGRAM);
    must(complained === "", complained);
  },
  "a oneOf input takes one member in TypeScript": () => {
    must(complaints(TWO_SUBJECTS) !== "", "two members of a oneOf input compile");
  },
  "introspection says which inputs are oneOf": async () => {
    const options = { oneOf: true, specifiedByUrl: true, inputValueDeprecation: true };
    const answered = await fetch(GRAPHQL, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify({ query: getIntrospectionQuery(options) }),
    });
    const { data, errors } = await answered.json();
    must(!errors, JSON.stringify(errors));
    const schema = buildClientSchema(data);
    introspected = await types(schema);
    must(schema.getType("SubjectInput").isOneOf, "SubjectInput.isOneOf is false");
  },
  "types from introspection are the same": () => {
    const [ours, theirs] = [served.split("\n"), introspected.split("\n")];
    const at = ours.findIndex((line, place) => line !== theirs[place]);
    must(served === introspected, `line ${at + 1}: ${ours[at]} | ${theirs[at]}`);
  },
});
