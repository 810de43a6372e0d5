// PostGraphile 5 with its Amber preset on the hub's tables. Ends on SIGTERM.
// BENCH_READING_DATABASE_URL: the database; BENCH_POOL: connections; the one argument is the port.
import { createServer } from "node:http";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { addPgTableCondition } from "postgraphile/utils";

const circumstances = addPgTableCondition(
  { schemaName: "public", tableName: "household" },
  "circumstances",
  (build) => ({
    description: "With one of these, as it stands today",
    type: new build.graphql.GraphQLList(new build.graphql.GraphQLNonNull(build.graphql.GraphQLString)),
  }),
  (kinds, { sql, sqlTableAlias, sqlValueWithCodec, build }) => {
    const { TYPES, listOfCodec } = build.dataplanPg;
    return sql`exists (
      select 1 from circumstance c
      where c.household_id = ${sqlTableAlias}.id
        and c.kind = any (${sqlValueWithCodec(kinds, listOfCodec(TYPES.text))})
        and (c.until is null or c.until >= (now() at time zone 'Asia/Shanghai')::date))`;
  },
);

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [circumstances],
  // Else no condition could stand on a column without an index, as `leftOn` and `supersededAt` are.
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [
    makePgService({
      connectionString: process.env.BENCH_READING_DATABASE_URL,
      schemas: ["public"],
      poolConfig: { max: Number(process.env.BENCH_POOL), options: "-c role=hub_reader" },
    }),
  ],
  grafserv: { graphiql: false, watch: false, websockets: false, maxRequestLength: 2_000_000 },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.argv[2]), "127.0.0.1");
process.on("SIGTERM", () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
