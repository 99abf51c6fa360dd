"""The model of hostile little schemas, against what the real drizzle-orm makes of the same files.

Each folder of `tests/schemas` is a repository. Every table of it is exact, unless a comment says that it is only
`partly known:` or `not seen:`; then it is that. Nothing may be wrong.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from oracle import DRIZZLE_0, DRIZZLE_1, Drizzle, Schema, judge, project_of

SCHEMAS = Path(__file__).with_name("schemas")
NAMES = sorted(path.name for path in SCHEMAS.iterdir() if path.is_dir())
_EXPECTED = re.compile(r"^// (partly known|not seen): (.*)$", re.MULTILINE)


@pytest.fixture(scope="session")
def truth() -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for version, is_v1 in ((DRIZZLE_0, False), (DRIZZLE_1, True)):
        with Drizzle(version) as drizzle:
            found |= {name: drizzle.schema(SCHEMAS / name) for name in NAMES if name.startswith("v1_") == is_v1}
    return found


def expected(folder: Path, what: str) -> set[str]:
    """The tables that comments of the modules name."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.ts")))
    return {name for kind, names in _EXPECTED.findall(text) if kind == what for name in names.split(", ")}


@pytest.mark.parametrize("name", NAMES)
def test_a_schema(name: str, truth: dict[str, Schema]) -> None:
    real = truth[name]
    assert real["errors"] == []
    verdict = judge(real, project_of(SCHEMAS / name))
    assert verdict.wrong == []
    assert verdict.not_seen == expected(SCHEMAS / name, "not seen")
    assert verdict.partly_known == expected(SCHEMAS / name, "partly known")
    assert verdict.exact | verdict.partly_known
