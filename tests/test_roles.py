"""What files are for, told by their paths."""

from __future__ import annotations

import pytest

from d1lint.model.roles import is_script, is_test

TESTS = """
    test/users.ts tests/users.ts src/__tests__/users.ts src/__mocks__/db.ts packages/api/test/setup.ts spec/users.ts
    src/users.test.ts src/users.spec.tsx src/users_test.ts src/users-e2e.ts src/button.stories.tsx src/query.bench.ts
    e2e/login.ts playwright/login.ts cypress/login.ts vitest.config.ts vitest-setup.ts jest.setup.js
    playwright.config.ts src/test-utils.ts src/testHelpers.ts src/test-db.ts src/setup-tests.ts src/testing/db.ts
"""
SCRIPTS = """
    scripts/reset.ts script/reset.ts packages/db/scripts/seed.ts src/scripts/import.ts seeds/users.ts src/db/seed.ts
    src/db/seeds.ts src/db/seed/users.ts src/users.seed.ts migrate.ts src/db/migrate.ts migrations/0001.ts
    src/reset-db.ts auth-cli.ts src/cli.ts src/import-cli.ts src/import.script.ts better-auth.config.ts
    drizzle.config.ts vite.config.mts next.config.js alchemy.run.ts sst.config.ts
"""
TOOLS = """
    bin/run.js tools/release.ts packages/api/tools/x.ts tooling/x.ts
    examples/a.ts benchmarks/a.ts .storybook/main.ts
"""
CODE = """
    src/index.ts src/db/schema.ts src/routes/users.ts worker/app.ts app/routes/contest/index.tsx src/latest/users.ts
    src/attestation.ts src/inspect.ts src/seeding-schedule.ts src/description.ts src/toolbar/index.tsx src/config.ts
    src/migration.ts src/client.ts src/protest.ts src/scripting/run.ts src/cabin/list.ts server/api/tests.get.ts
"""


@pytest.mark.parametrize("path", TESTS.split())
def test_a_test_is_one(path: str) -> None:
    assert is_test(path)


@pytest.mark.parametrize("path", SCRIPTS.split())
def test_a_script_is_one_whoever_imports_it(path: str) -> None:
    assert is_script(path) and is_script(path, imported=True)


@pytest.mark.parametrize("path", TOOLS.split())
def test_a_tool_is_a_script_unless_a_worker_imports_it(path: str) -> None:
    assert is_script(path) and not is_script(path, imported=True)


@pytest.mark.parametrize("path", CODE.split())
def test_other_code_is_neither(path: str) -> None:
    assert not is_test(path) and not is_script(path)
