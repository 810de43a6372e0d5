// Shared by all clients here: the served hub, a department's client, and the output of a check.
import process from "node:process";

export const { HUB_URL, CLIENT_ID, CLIENT_SECRET, EXPIRED_TOKEN, FOLDER } = process.env;
export const GRAPHQL = `${HUB_URL}/graphql`;

export const HOUSEHOLDS = `query Households($first: Int!, $after: String) {
  households(first: $first, after: $after) {
    nodes { id code incomePerCapita members { id educationStage } }
    pageInfo { hasNextPage endCursor }
  }
}`;
export const RECORD_AID = `mutation RecordAid($input: RecordAidInput!) {
  recordAid(input: $input) { created aidRecord { id } errors { code message path } }
}`;

/** An outcome of the education office for a person, under the client library's own number. */
export function outcome(personId, library) {
  return {
    externalId: `CLIENT-${library}`,
    subject: { personId },
    program: `助学金-${library}`,
    periodFrom: "2026-09-01",
    periodUntil: "2027-07-15",
    status: "APPROVED",
    decidedOn: "2026-09-20",
    amount: "1500.00",
    detail: { education: { form: "GRANT", schoolYear: 2026, stage: "PRIMARY" } },
  };
}

/** A new access token by client credentials. */
export async function newToken() {
  const answered = await fetch(`${HUB_URL}/oauth/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${CLIENT_ID}:${CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  must(answered.status === 200, `/oauth/token answered ${answered.status}`);
  return (await answered.json()).access_token;
}

/** A `fetch` that starts with an expired token and, refused with 401, renews it once: `renewed` counts. */
export function renewingFetch() {
  let token = EXPIRED_TOKEN;
  async function renewing(address, options = {}) {
    const headers = new Headers(options.headers);
    headers.set("authorization", `Bearer ${token}`);
    const answered = await fetch(address, { ...options, headers });
    if (answered.status !== 401) return answered;
    await answered.body?.cancel();
    must(answered.headers.get("www-authenticate")?.includes('error="invalid_token"'), "the 401 names no error");
    token = await newToken();
    renewing.renewed += 1;
    headers.set("authorization", `Bearer ${token}`);
    return fetch(address, { ...options, headers });
  }
  renewing.renewed = 0;
  return renewing;
}

/** Fail a check. */
export function must(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

/** Each forbidden null is named by the path of an error, and no other null is. */
export function mustTellForbiddenFromEmpty(data, errors) {
  must(errors?.length > 0, "no errors came with the data");
  must(data, "no data came with the errors");
  const told = errors.map((one) => (one.path ?? ["no path"]).join("."));
  const households = data.households.nodes;
  const forbidden = households.map((_, place) => `households.nodes.${place}.incomePerCapita`);
  must(households.length > 0 && households.every((one) => one.incomePerCapita === null), "the forbidden field is not null");
  must(households.some((one) => one.members.some((member) => member.educationStage === null)), "no field is empty");
  must(told.sort().join() === forbidden.sort().join(), `the errors' paths are [${told}]; forbidden: [${forbidden}]`);
}

/** The person of the first household that has one; both pages of households are asked by `ask(variables)`. */
export async function mustTurnPages(ask) {
  const first = await ask({ first: 2, after: null });
  must(first.households.pageInfo.hasNextPage, "there is one page");
  const second = await ask({ first: 2, after: first.households.pageInfo.endCursor });
  const codes = [...first.households.nodes, ...second.households.nodes].map((one) => one.code);
  must(new Set(codes).size === 4, `the pages overlap: ${codes}`);
  return first.households.nodes[0].members[0].id;
}

/** A write-back made twice: once it writes. `write(input)` answers the payload. */
export async function mustWriteOnce(write, personId, library) {
  for (const created of [true, false]) {
    const payload = await write(outcome(personId, library));
    must(payload.errors.length === 0, JSON.stringify(payload.errors));
    must(payload.created === created, `created is ${payload.created}, not ${created}`);
  }
}

/** One check after the other; each is told on a line, and a failed one does not stop the rest. */
export async function checks(all) {
  for (const [name, check] of Object.entries(all)) {
    let failure = null;
    try {
      await check();
    } catch (error) {
      failure = `${error.message ?? error}`.split("\n").slice(0, 3).join(" ");
    }
    console.log(JSON.stringify({ check: name, failure }));
  }
}
