// The entry of every Worker that a proof runs, around the module of the example ("the-example", see harness.mjs).
// A request goes to the example's own handler; what that throws comes back as words, with status 599, also where Hono
// would have made a plain 500 of it. One with the header `statements` runs these on the first database instead.

import * as example from "the-example";

const THROWN = 599;

export default {
  async fetch(request, env, context) {
    try {
      const statements = request.headers.has("statements");
      return statements ? await run(await request.json(), env) : await answer(request, env, context);
    } catch (error) {
      return new Response(words(error), { status: THROWN });
    }
  },
};

async function run({ binding, statements }, env) {
  let last;
  for (const statement of statements) last = await env[binding].prepare(statement).all();
  return Response.json({ rows: last.results, read: last.meta.rows_read, written: last.meta.rows_written });
}

function answer(request, env, context) {
  const handler = example.default;
  handler.onError?.((error) => {
    throw error;
  });
  return handler.fetch(request, env, context);
}

/** An error and its causes: "Error: Failed query: … | Error: D1_ERROR: …". */
function words(error) {
  const own = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return error?.cause === undefined ? own : `${own} | ${words(error.cause)}`;
}
