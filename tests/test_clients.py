"""D1 clients that a module makes as it loads, however it comes by them, and those that are made for a request.

Every line that ends with `// global` makes one, and no other line does.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from repository import Files, lines, lint, marked, package, project, wrangler

RULE = "global-client"

HEADER = """
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
"""
FACTORY = """
import { drizzle } from "drizzle-orm/d1";
export function connect(env: Env) { return drizzle(env.DB); }
"""

ENVIRONMENTS = {
    "process.env": """
        import { drizzle } from "drizzle-orm/d1";
        export const db = drizzle(process.env.DB as unknown as D1Database); // global
    """,
    "process.env of node:process": """
        import { drizzle } from "drizzle-orm/d1";
        import { env } from "node:process";
        export const db = drizzle(env.DB); // global
    """,
    "nothing that defines it": """
        import { drizzle } from "drizzle-orm/d1";
        export const db = drizzle(env.DB); // global
    """,
    "a promise that nobody keeps": """
        import { drizzle } from "drizzle-orm/d1";
        declare const env: { DB: D1Database };
        export const db = drizzle(env.DB); // global
    """,
    "a namespace": """
        import * as workers from "cloudflare:workers";
        import * as d1 from "drizzle-orm/d1";
        export const db = d1.drizzle(workers.env.DB); // global
    """,
    "OpenNext": """
        import { getCloudflareContext } from "@opennextjs/cloudflare";
        import { drizzle } from "drizzle-orm/d1";
        const { env } = await getCloudflareContext({ async: true });
        export const db = drizzle(env.DB); // global
    """,
    "next-on-pages": """
        import { getRequestContext } from "@cloudflare/next-on-pages";
        import { drizzle as connect } from "drizzle-orm/d1";
        export const db = connect(getRequestContext().env.DB); // global
    """,
}

MODULE_SCOPE = {
    "exported as the default": "export default drizzle(env.DB); // global",
    "the form with one object": "export const db = drizzle({ client: env.DB }); // global",
    "a destructured binding": """
        const { DB } = env;
        export const db = drizzle(DB); // global
    """,
    "in an object": "export const services = { db: drizzle(env.DB) }; // global",
    "as an argument": "export const auth = betterAuth({ database: adapter(drizzle(env.DB)) }); // global",
    "where the binding is there": "export const db = env.DB ? drizzle(env.DB) : undefined; // global",
    "in a branch": """
        let db;
        if (env.DB) {
            db = drizzle(env.DB); // global
        }
    """,
    "in a try": """
        let db;
        try {
            db = drizzle(env.DB); // global
        } catch {}
    """,
    "in a loop": "for (const binding of [env.DB]) register(drizzle(binding)); // global",
    "a static field": "class Repo { static readonly db = drizzle(env.DB); } // global",
    "a static block": "class Repo { static db; static { Repo.db = drizzle(env.DB); } } // global",
    "an instance of a class whose field it is": """
        class Repo { db = drizzle(env.DB); }
        export const repo = new Repo(); // global
    """,
    "an instance of a class whose constructor makes it": """
        class Repo { constructor(bindings) { this.db = drizzle(bindings.DB); } }
        export const repo = new Repo(env); // global
    """,
    "a function that is called where it stands": "export const db = (() => drizzle(env.DB))(); // global",
    "an asynchronous one": "export const db = await (async () => drizzle(env.DB))(); // global",
    "a factory": """
        const connect = () => drizzle(env.DB);
        export const db = connect(); // global
    """,
    "a factory's default parameter": """
        const connect = (binding = env.DB) => drizzle(binding);
        export const db = connect(); // global
    """,
    "a factory that is given the binding": """
        function connect(binding) { return drizzle(binding); }
        export const db = connect(env.DB); // global
    """,
    "a factory of a factory": """
        const connect = (binding) => drizzle(binding);
        const services = () => ({ db: connect(env.DB) });
        export const { db } = services(); // global
    """,
    "a factory that gives a factory": """
        const connector = (binding) => () => drizzle(binding);
        export const db = connector(env.DB)(); // global
    """,
    "a method": """
        const databases = { main() { return drizzle(env.DB); } };
        export const db = databases.main(); // global
    """,
    "a static method": """
        class Databases { static main() { return drizzle(env.DB); } }
        export const db = Databases.main(); // global
    """,
}

ACROSS_FILES: dict[str, Files] = {
    "a factory": {
        "src/index.ts": """
            import { env } from "cloudflare:workers";
            import { connect } from "./db";
            export const db = connect(env); // global
        """,
        "src/db.ts": FACTORY,
    },
    "a factory on the line below": {
        "src/index.ts": """
            import { env } from "cloudflare:workers";
            import { connect } from "./db";
            export const db =
                connect(env); // global
        """,
        "src/db.ts": FACTORY,
    },
    "a factory under another name": {
        "src/index.ts": """
            import { connect as open } from "./db";
            export const db = open(process.env as never); // global
        """,
        "src/db.ts": FACTORY,
    },
    "a factory that a barrel renames": {
        "src/index.ts": """
            import { open } from "./lib";
            start({ db: open(process.env as never) }); // global
        """,
        "src/lib/index.ts": 'export { connect as open } from "./db";',
        "src/lib/db.ts": FACTORY,
    },
    "a factory as the default export": {
        "src/index.ts": """
            import open from "./db";
            export const db = open(process.env as never); // global
        """,
        "src/db.ts": """
            import { drizzle } from "drizzle-orm/d1";
            export default (env: Env) => drizzle(env.DB);
        """,
    },
    "a factory without arguments, in an object": {
        "src/index.ts": """
            import { connect } from "./db";
            export const services = {
                db: connect(), // global
            };
        """,
        "src/db.ts": HEADER + "export const connect = () => drizzle(env.DB);",
    },
    "a factory for a static field behind a method": {
        "src/index.ts": """
            import { connect } from "./db";
            export class Repo {
                list() {
                    return [];
                }
                static db = connect(); // global
            }
        """,
        "src/db.ts": HEADER + "export const connect = () => drizzle(env.DB);",
    },
    "a class": {
        "src/index.ts": """
            import { Repo } from "./repo";
            export const repo = new Repo(process.env); // global
        """,
        "src/repo.ts": """
            import { drizzle } from "drizzle-orm/d1";
            export class Repo {
                private readonly db;
                constructor(bindings) {
                    this.db = drizzle(bindings.DB);
                }
            }
        """,
    },
    "a class whose field calls a factory of a third file": {
        "src/index.ts": """
            import { connect } from "./db";
            class Repo {
                db = connect();
            }
            export const repo = new Repo(); // global
        """,
        "src/db.ts": HEADER + "export const connect = () => drizzle(env.DB);",
    },
    "services that call the factory of a third file": {
        "src/index.ts": """
            import { env } from "cloudflare:workers";
            import { services } from "./services";
            export const { users } = services(env); // global
        """,
        "src/services.ts": """
            import { connect } from "./db";
            export const services = (env: Env) => ({ users: connect(env) });
        """,
        "src/db.ts": FACTORY,
    },
}

FOR_REQUESTS: dict[str, str | Files] = {
    "in a handler": """
        import { drizzle } from "drizzle-orm/d1";
        export default { async fetch(request, env) { return drizzle(env.DB).select().from(a); } };
        app.get("/", (c) => drizzle(c.env.DB).select().from(a));
    """,
    "by a factory in a handler": {
        "src/index.ts": """
            import { connect } from "./db";
            app.get("/", (c) => {
                const db = connect(c.env);
                return db.select().from(a);
            });
            export default { async fetch(request, env) {
                const db = connect(env);
            } };
        """,
        "src/db.ts": FACTORY,
    },
    "by a factory in a method": {
        "src/index.ts": """
            import { connect } from "./db";
            export class Room extends DurableObject<Env> {
                private db = connect(this.env);
                list() {
                    const db = connect(this.env);
                }
            }
        """,
        "src/db.ts": FACTORY,
    },
    "kept at the first request": HEADER
    + """
        let db;
        export const getDb = () => db ??= drizzle(env.DB);
        let other = null;
        export function getOther() { if (!other) { other = drizzle(env.DB); } return other; }
    """,
    "behind a Proxy": HEADER
    + """
        const connect = () => drizzle(env.DB);
        export const db = new Proxy({}, { get: (target, key) => connect()[key] });
    """,
    "behind a cache": HEADER
    + """
        import { cache } from "react";
        export const getDb = cache(() => drizzle(env.DB));
        export const later = lazy(() => drizzle(env.DB));
    """,
    "behind a getter": HEADER
    + """
        export const services = { get db() { return drizzle(env.DB); } };
        export class Services { get db() { return drizzle(env.DB); } static get db() { return drizzle(env.DB); } }
        export const instance = new Services();
    """,
    "by a function that is not called": HEADER
    + """
        const connector = (binding) => () => drizzle(binding);
        export const connect = connector(env.DB);
    """,
    "by a class that nobody constructs here": HEADER + "export class Repo { db = drizzle(env.DB); }",
    "for the command line of an authentication library": """
        import { drizzle } from "drizzle-orm/d1";
        export function createAuth(env?: Env) {
            return betterAuth({ database: env ? drizzle(env.DB) : {} });
        }
        export const auth = createAuth();
        function createOther(env: Env) { return betterAuth({ database: drizzle(env.DB) }); }
        export const other = createOther({} as Env);
        export const third = createOther(undefined as any);
    """,
    "for tools": """
        import { drizzle } from "drizzle-orm/d1";
        import { getPlatformProxy } from "wrangler";
        const { env } = await getPlatformProxy<Env>();
        export const db = drizzle(env.DB);
        export const other = drizzle((await getPlatformProxy()).env.DB);
    """,
    "NuxtHub's, which asks for the request itself": """
        import { drizzle } from "drizzle-orm/d1";
        export const db = drizzle(hubDatabase());
    """,
    "in scripts, configurations and tests": {
        "src/index.ts": "export default {};",
        "scripts/seed.ts": HEADER + "const db = drizzle(env.DB);",
        "src/seed.ts": HEADER + "const db = drizzle(env.DB);",
        "src/db.test.ts": HEADER + "const db = drizzle(env.DB);",
        "drizzle.config.ts": HEADER + "const db = drizzle(env.DB);",
    },
    "what the Worker does not import": {
        "src/index.ts": "export default {};",
        "src/tool.ts": HEADER + "export const db = drizzle(env.DB);",
    },
}

OTHERS: dict[str, str | Files] = {
    "clients of other databases": """
        import { drizzle as libsql } from "drizzle-orm/libsql";
        import { drizzle as neon } from "drizzle-orm/neon-http";
        import { drizzle as postgres } from "drizzle-orm/postgres-js";
        import { drizzle as d1 } from "drizzle-orm/d1";
        export const one = libsql(process.env.TURSO_URL);
        export const two = neon(process.env.DATABASE_URL);
        export const three = postgres(process.env.DATABASE_URL);
        export const four = (env) => d1(env.DB);
    """,
    "a function of that name": {
        "src/index.ts": """
            import { drizzle } from "./fake";
            export const db = drizzle(process.env.DB);
        """,
        "src/fake.ts": "export const drizzle = (anything) => anything;",
    },
    "an environment of this repository's own": {
        "src/index.ts": """
            import { drizzle } from "drizzle-orm/d1";
            import { env } from "./env";
            export const db = drizzle(env.DB);
        """,
        "src/env.ts": "export const env = createEnv({ server: {} });",
    },
}


def each(cases: Mapping[str, str | Files]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in cases.items()])


@each(ENVIRONMENTS)
def test_a_module_has_an_environment_from(case: str, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(MODULE_SCOPE)
def test_a_client_is_made_at_module_scope(case: str, tmp_path: Path) -> None:
    check(HEADER + case, tmp_path)


@each(ACROSS_FILES)
def test_a_client_is_made_at_module_scope_by_another_file(case: Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(FOR_REQUESTS)
def test_a_client_is_not_made_at_module_scope(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


@each(OTHERS)
def test_a_client_is_not_of_d1(case: str | Files, tmp_path: Path) -> None:
    check(case, tmp_path)


def test_the_importable_environment_is_milder_than_the_others(tmp_path: Path) -> None:
    files = {
        "src/index.ts": 'import "./works"; import "./breaks";',
        "src/works.ts": HEADER + "export const db = drizzle(env.DB);",
        "src/breaks.ts": 'import { drizzle } from "drizzle-orm/d1"; export const db = drizzle(process.env.DB);',
    }
    levels = {finding.span.file: finding.level for finding in lint(tmp_path, files).findings if finding.rule == RULE}
    assert levels == {"src/works.ts": "warning", "src/breaks.ts": "error"}


def test_the_finding_at_a_factory_leads_to_the_client(tmp_path: Path) -> None:
    files = ACROSS_FILES["a factory"]
    result = lint(tmp_path, files)
    (finding,) = result.findings
    (label,) = finding.related
    assert (finding.symbol, label.span.file) == ("db", "src/db.ts")
    assert result.source("src/db.ts").data[label.span.start : label.span.end] == b"drizzle"


def test_a_client_without_a_name_is_told_of_in_plain_words(tmp_path: Path) -> None:
    code = """
        globalThis.db = drizzle(env.DB);
        export const db = (() => drizzle(env.DB))();
    """
    result = lint(tmp_path, {"src/index.ts": HEADER + dedent(code)})
    assert [finding.what for finding in result.findings if finding.rule == RULE] == [
        "A Drizzle client is made at module scope, outside any request.",
        "A Drizzle client is made at module scope by a function that is called at once, for `db`, outside any request.",
    ]


def test_a_client_of_a_package_without_a_worker_is_not_made_for_one(tmp_path: Path) -> None:
    files = {
        "package.json": '{ "name": "root", "workspaces": ["apps/*"] }',
        "apps/worker/package.json": package("worker", "drizzle-orm@0.45.2"),
        "apps/worker/wrangler.jsonc": wrangler("DB"),
        "apps/worker/src/index.ts": HEADER + "export const db = drizzle(env.DB); // global",
        "apps/tool/package.json": package("tool", "drizzle-orm@0.45.2"),
        "apps/tool/src/index.ts": HEADER + "export const db = drizzle(env.DB);",
    }
    assert lines(lint(tmp_path, files), RULE) == marked(files, "// global")


def test_a_file_that_calls_factories_in_its_functions_alone_is_not_parsed(tmp_path: Path) -> None:
    files = {
        "src/index.ts": 'import "./handler"; import "./service";',
        "src/handler.ts": dedent("""
            import { connect } from "./db";
            export async function list(env: Env) {
                const rows = await connect(env).select().from(a);
            }
            app.get("/", (c) => {
                const db = connect(c.env);
            });
        """),
        "src/service.ts": dedent("""
            import { connect } from "./db";
            export class Service {
                async list(env: Env): Promise<void> {
                    const db = connect(env);
                }
            }
        """),
        "src/db.ts": FACTORY,
    }
    model = project(tmp_path, files)
    assert model.module_clients == []
    assert [module.path for module in model.modules.loaded()] == ["src/db.ts"]


def check(case: str | Files, folder: Path) -> None:
    # Where a call stands is told by its indentation first.
    files = {path: dedent(text) for path, text in ({"src/index.ts": case} if isinstance(case, str) else case).items()}
    result = lint(folder, files)
    assert result.crashes == ()
    assert lines(result, RULE) == marked(files, "// global")
