"""What a file is for, by its path: tests, seeds and scripts do not serve requests."""

from __future__ import annotations

import re

_TEST = re.compile(
    r"(?:^|/)(?:__tests__|__mocks__|__fixtures__|tests?|specs?|e2e|cypress|playwright|test-utils|testing|vitest)/"
    r"|[.\-_](?:test|spec|e2e|stories|bench)\.[cm]?[jt]sx?$"
    r"|(?:^|/)(?:vitest|jest|playwright)[.\-][^/]*$"
    r"|(?:^|/)(?:setup-?tests?|testing|test-?(?:setup|helpers?|utils?|db|env))\.[cm]?[jt]sx?$"
)
_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts?|seeds?|seeders?|bin|tools?|tooling|benchmarks?|examples?|migrations?|\.storybook)/"
    r"|(?:^|/)(?:seed|seeds|seeder|migrate|reset-db|reset)\.[cm]?[jt]sx?$"
    r"|[.\-_](?:seed|script|cli)\.[cm]?[jt]sx?$"
    r"|(?:^|/)(?:cli|auth-cli|better-auth\.config|auth\.config\.cli)\.[cm]?[jt]sx?$"
)
_CONFIG = re.compile(r"(?:^|/)[^/]*\.config\.[cm]?[jt]sx?$|(?:^|/)(?:alchemy\.run|sst\.config)\.[cm]?[jt]s$")


def is_test(path: str) -> bool:
    """Whether a file belongs to the tests."""
    return _TEST.search(path) is not None


def is_script(path: str) -> bool:
    """Whether a file is a script, a seed or a configuration: run by people or tools, not by requests."""
    return _SCRIPT.search(path) is not None or _CONFIG.search(path) is not None
