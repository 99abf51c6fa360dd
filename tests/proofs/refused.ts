// A Worker around the example's own, whose answer is how many statements D1 refused: the example goes on after each.

import example from "./src/index";

type Handler = { fetch?: (...given: unknown[]) => unknown; scheduled?: (...given: unknown[]) => unknown };

export default {
  async fetch(request: Request, env: { DB: D1Database }, context: ExecutionContext): Promise<Response> {
    const refused: string[] = [];
    const { fetch, scheduled } = example as Handler;
    await (fetch ?? scheduled)?.call(example, request, { ...env, DB: watched(env.DB, refused) }, context);
    return Response.json(refused.length);
  },
};

function watched(database: D1Database, refused: string[]) {
  const attempt = async (text: string, run: () => Promise<unknown>) => {
    try {
      return await run();
    } catch {
      refused.push(text);
      return Object.assign([], { results: [] });
    }
  };
  const originals = new Map<unknown, { text: string; statement: D1PreparedStatement }>();
  const prepared = (text: string, statement: D1PreparedStatement) => {
    const wrapper = {
      bind(...values: unknown[]) {
        try {
          return prepared(text, statement.bind(...values));
        } catch (error) {
          const fail = () => Promise.reject(error);
          return prepared(text, { all: fail, first: fail, raw: fail, run: fail } as never);
        }
      },
      all: () => attempt(text, () => statement.all()),
      first: () => attempt(text, () => statement.first()),
      raw: () => attempt(text, () => statement.raw()),
      run: () => attempt(text, () => statement.run()),
    };
    originals.set(wrapper, { text, statement });
    return wrapper;
  };
  return {
    prepare: (text: string) => prepared(text, database.prepare(text)),
    exec: (text: string) => attempt(text, () => database.exec(text)),
    withSession: () => watched(database, refused),
    async batch(members: unknown[]) {
      for (const member of members) {
        const { text, statement } = originals.get(member)!;
        await attempt(text, () => database.batch([statement]));
      }
    },
  };
}
