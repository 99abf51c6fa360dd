"""What a file is for, by its path: tests, seeds and scripts do not serve requests."""

from __future__ import annotations

import re
from functools import cache

_TEST = re.compile(
    r"(?:^|/)(?:__tests__|__mocks__|__fixtures__|tests?|specs?|e2e|cypress|playwright|test-utils|testing|vitest)/"
    r"|[.\-_](?:test|spec|e2e|stories|bench)\.[cm]?[jt]sx?$"
    r"|(?:^|/)(?:vitest|jest|playwright)[.\-][^/]*$"
    r"|(?:^|/)(?i:setup[-_]?tests?|testing|test[-_][^/]*|test(?:setup|helpers?|utils?|db|env)|[^/]*[-_](?:harness|fixtures?))\.[cm]?[jt]sx?$"
)
_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts?|seeds?|seeders?|migrations?)/"
    r"|(?:^|/)(?:seed|seeds|seeder|migrate|reset-db|reset)\.[cm]?[jt]sx?$"
    r"|[.\-_](?:seed|script|cli)\.[cm]?[jt]sx?$"
    r"|(?:^|/)(?:cli|auth-cli|better-auth\.config|auth\.config\.cli)\.[cm]?[jt]sx?$"
)
_TOOL = re.compile(r"(?:^|/)(?:bin|tools?|tooling|benchmarks?|examples?|\.storybook)/")
_CONFIG = re.compile(r"(?:^|/)[^/]*\.config\.[cm]?[jt]sx?$|(?:^|/)(?:alchemy\.run|sst\.config)\.[cm]?[jt]s$")


@cache
def is_test(path: str) -> bool:
    """Whether a file belongs to the tests."""
    return _TEST.search(path) is not None


def is_script(path: str, *, imported: bool = False) -> bool:
    """Whether a file is a script, a seed or a configuration: run by people or tools, not by requests.

    `imported` says that a Worker imports it: then what its folder calls tools, or examples, is part of the Worker.
    """
    if _SCRIPT.search(path) is not None or _CONFIG.search(path) is not None:
        return True
    return not imported and _TOOL.search(path) is not None
