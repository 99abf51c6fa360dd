"""Which files a Worker runs: those that its entry point reaches, tests and scripts left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from repository import MONOREPO, Files, package, project, wrangler

APP = package("app", "drizzle-orm@0.45.2")
WORKER = {"package.json": APP, "wrangler.jsonc": wrangler("DB")}

CASES: dict[str, tuple[Files, str]] = {
    "what the entry point imports, directly or through others": (
        {
            **WORKER,
            "src/index.ts": 'import { a } from "./a";',
            "src/a.ts": 'export * from "./b.js";',
            "src/b.ts": "",
            "src/unused.ts": 'import "./index";',
        },
        "src/a.ts src/b.ts src/index.ts",
    ),
    "every way of importing": (
        {
            **WORKER,
            "tsconfig.json": '{ "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }',
            "src/index.ts": """
                import "./effect"; import x from './default'; import * as n from "./namespace";
                export { y } from "./reexport"; const z = await import("./dynamic"); require("./required");
                import { f } from "~/alias"; import { g } from "./folder"; import { h } from "./module.mjs";
                import {
                    several,
                    lines,
                } from "./lines";
            """,
            **dict.fromkeys(
                (
                    "src/effect.ts",
                    "src/default.ts",
                    "src/namespace.ts",
                    "src/reexport.tsx",
                    "src/dynamic.ts",
                    "src/required.js",
                    "src/alias.ts",
                    "src/folder/index.ts",
                    "src/module.mts",
                    "src/lines.ts",
                ),
                "",
            ),
            "src/unused.ts": "",
        },
        "src/alias.ts src/default.ts src/dynamic.ts src/effect.ts src/folder/index.ts src/index.ts src/lines.ts "
        "src/module.mts src/namespace.ts src/reexport.tsx src/required.js",
    ),
    "a circle": (
        {**WORKER, "src/index.ts": 'import "./a";', "src/a.ts": 'import "./b";', "src/b.ts": 'import "./a";'},
        "src/a.ts src/b.ts src/index.ts",
    ),
    "tests and scripts, even where they are imported": (
        {
            **WORKER,
            "src/index.ts": 'import "./seed"; import "./a.test"; import "./scripts/a"; import "./tools/a";',
            **dict.fromkeys(("src/seed.ts", "src/a.test.ts", "src/scripts/a.ts", "src/tools/a.ts", "tools/b.ts"), ""),
        },
        "src/index.ts src/tools/a.ts",
    ),
    "two Workers in one package": (
        {
            **WORKER,
            "wrangler.cron.jsonc": wrangler("DB", main="src/cron.ts"),
            "src/index.ts": 'import "./a";',
            "src/cron.ts": 'import "./b";',
            **dict.fromkeys(("src/a.ts", "src/b.ts", "src/c.ts"), ""),
        },
        "src/a.ts src/b.ts src/cron.ts src/index.ts",
    ),
    "an environment with an entry point of its own": (
        {
            "package.json": APP,
            "wrangler.jsonc": wrangler("DB")[:-1] + ', "env": { "cron": { "main": "./src/cron.ts" }, "dev": {} } }',
            "src/index.ts": 'import "./a";',
            "src/cron.ts": 'import "./b";',
            **dict.fromkeys(("src/a.ts", "src/b.ts", "src/c.ts"), ""),
        },
        "src/a.ts src/b.ts src/cron.ts src/index.ts",
    ),
    "environments alone with entry points": (
        {
            "package.json": APP,
            "wrangler.jsonc": '{ "env": { "a": { "main": "src/a.ts" }, "b": { "main": "src/b.ts" } } }',
            **dict.fromkeys(("src/a.ts", "src/b.ts", "src/c.ts"), ""),
        },
        "src/a.ts src/b.ts",
    ),
    "all of a package whose entry point a framework makes": (
        {
            "package.json": APP,
            "wrangler.jsonc": wrangler("DB", main="./.svelte-kit/cloudflare/_worker.js"),
            **dict.fromkeys(("src/routes/+page.server.ts", "src/lib/db.ts", "src/lib/db.test.ts", "scripts/a.ts"), ""),
        },
        "src/lib/db.ts src/routes/+page.server.ts",
    ),
    "all of a package whose entry point is a package's": (
        {
            "package.json": APP,
            "wrangler.jsonc": wrangler("DB", main="@tanstack/react-start/server-entry"),
            "src/router.tsx": "",
        },
        "src/router.tsx",
    ),
    "all of a Pages project": (
        {
            "package.json": APP,
            "wrangler.toml": 'pages_build_output_dir = "dist"\n[[d1_databases]]\nbinding = "DB"\n',
            "functions/api/users.ts": "",
        },
        "functions/api/users.ts",
    ),
    "all, where an import is made by the build": (
        {**WORKER, "src/index.ts": 'import routes from "virtual:routes";', "src/users.ts": ""},
        "src/index.ts src/users.ts",
    ),
    "all, where an import is a pattern": (
        {**WORKER, "src/index.ts": 'const all = import.meta.glob("./routes/*.ts");', "src/routes/users.ts": ""},
        "src/index.ts src/routes/users.ts",
    ),
    "all, where a component is imported": (
        {**WORKER, "src/index.ts": 'import App from "./App.vue";', "src/users.ts": ""},
        "src/index.ts src/users.ts",
    ),
    "all, but for what people start": (
        {
            "package.json": APP,
            "src/index.ts": "",
            "src/node.ts": "if (require.main === module) run();",
            "src/bun.ts": "export const run = () => {}; if (import.meta.main) run();",
            "src/lib/sh.ts": "#!/usr/bin/env tsx\n",
        },
        "src/index.ts",
    ),
    "all, where nothing says what the Worker is": (
        {"package.json": APP, "src/index.ts": "", "src/users.ts": "", "drizzle.config.ts": ""},
        "src/index.ts src/users.ts",
    ),
    "all, where the configuration does not parse": (
        {"package.json": APP, "wrangler.toml": 'main = "src/index.ts\n', "src/index.ts": "", "src/users.ts": ""},
        "src/index.ts src/users.ts",
    ),
    "an example stands for a configuration that is not in the repository": (
        {
            "package.json": APP,
            "wrangler.example.jsonc": wrangler("DB"),
            "src/index.ts": 'import "./a";',
            "src/a.ts": "",
            "src/b.ts": "",
        },
        "src/a.ts src/index.ts",
    ),
    "an example beside the configuration says nothing": (
        {**WORKER, "wrangler.example.jsonc": wrangler("DB", main="src/b.ts"), "src/index.ts": "", "src/b.ts": ""},
        "src/index.ts",
    ),
    "packages that Workers use": (
        {
            "package.json": MONOREPO,
            "apps/api/package.json": package("api", "@x/db"),
            "apps/api/wrangler.jsonc": wrangler("DB"),
            "apps/api/src/index.ts": 'import { db } from "@x/db/client";',
            "packages/db/package.json": '{ "name": "@x/db", "exports": { "./client": "./src/client.ts" } }',
            "packages/db/src/client.ts": 'import "./schema";',
            "packages/db/src/schema.ts": "",
            "packages/db/src/local.ts": "",
            "packages/cli/package.json": package("cli", "@x/db"),
            "packages/cli/src/index.ts": 'import "@x/db/client";',
        },
        "apps/api/src/index.ts packages/db/src/client.ts packages/db/src/schema.ts",
    ),
    "Workers that are examples": (
        {
            "package.json": '{ "name": "root", "workspaces": ["examples/*"] }',
            "examples/api/package.json": APP,
            "examples/api/wrangler.jsonc": wrangler("DB"),
            "examples/api/src/index.ts": "",
            "examples/api/scripts/a.ts": "",
        },
        "examples/api/src/index.ts",
    ),
}


@pytest.mark.parametrize(("files", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()])
def test_what_serves_requests(files: Files, expected: str, tmp_path: Path) -> None:
    model = project(tmp_path, files)
    assert [path for path in model.workspace.sources if model.reach.serves_requests(path)] == expected.split()
