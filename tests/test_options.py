from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from d1lint.options import WrongType, build, convert, described, option_types


@dataclass(frozen=True)
class Options:
    both_sides: bool = False
    limit: int = 100
    column: str = "tenant_id"
    without: Literal["error", "off"] = "error"
    allow: tuple[str, ...] = ()


KINDS = option_types(Options)


def test_names_have_hyphens() -> None:
    assert list(KINDS) == ["both-sides", "limit", "column", "without", "allow"]
    assert option_types(None) == {}


def test_build_takes_what_toml_holds_and_keeps_the_other_defaults() -> None:
    built = build(Options, {"both-sides": True, "allow": ["a", "b"], "without": "off"})
    assert built == Options(both_sides=True, allow=("a", "b"), without="off")


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("both-sides", "true", "true or false"),
        ("both-sides", 1, "true or false"),
        ("limit", True, "a whole number"),
        ("limit", 1.0, "a whole number"),
        ("column", ["a"], "a string"),
        ("without", "warning", '"error" or "off"'),
        ("without", ["error"], '"error" or "off"'),
        ("allow", "a", "a list of strings"),
        ("allow", ["a", 1], "a list of strings"),
    ],
)
def test_a_wrong_type_says_what_is_taken(option: str, value: object, expected: str) -> None:
    with pytest.raises(WrongType, match=f"^{expected}$"):
        convert(value, KINDS[option])
    assert described(KINDS[option]) == expected
