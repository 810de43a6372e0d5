// Runs the audits of the package graphql-http against AUDIT_URL, and writes one JSON line for each.
// AUDIT_AUTHORIZATION is sent with every request: the hub answers nobody without a token.
import { auditServer } from 'graphql-http';

const { AUDIT_URL: url, AUDIT_AUTHORIZATION: authorization } = process.env;

const fetchFn = (address, init = {}) =>
  fetch(address, { ...init, headers: { ...init.headers, authorization } });

for (const { id, name, status, reason } of await auditServer({ url, fetchFn })) {
  console.log(JSON.stringify({ id, name, status, reason: reason ?? null }));
}
