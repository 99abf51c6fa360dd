"""JSON with comments."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from d1lint.workspace.jsonc import JsoncError, parse_jsonc

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_VALUES = st.recursive(_SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(_VALUES, st.booleans(), st.sampled_from([None, 2]))
def test_plain_json_is_what_json_makes_of_it(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent)
    data = text.encode("utf-8", "surrogatepass")
    try:
        data.decode()
    except UnicodeDecodeError:
        return
    assert parse_jsonc(data) == json.loads(text)


@given(_VALUES.filter(lambda value: isinstance(value, dict)))
def test_comments_and_a_trailing_comma_change_nothing(value: dict[str, object]) -> None:
    text = json.dumps(value, indent=1)
    body = text[:-1].rstrip()
    comma = "," if len(value) else ""
    commented = f"\ufeff// first\n/* {{ */{body}{comma} // last\n}}\n"
    assert parse_jsonc(commented.encode()) == value


@given(st.binary(max_size=200))
def test_anything_else_is_a_value_error(data: bytes) -> None:
    try:
        parse_jsonc(data)
    except JsoncError as error:
        assert error.message
        assert error.line is None or 1 <= error.line <= data.count(b"\n") + 1


def test_strings_keep_what_looks_like_comments() -> None:
    assert parse_jsonc(b'{"a": "http://x/*y*/", // b\n "b": 1,}') == {"a": "http://x/*y*/", "b": 1}


@pytest.mark.parametrize(
    ("text", "line"),
    [('{\n  "a": 1,\n  "b": @\n}', 3), ('// c\n{\n  "a": 1\n  "b": 2\n}', 4), ("", 1), ('{"a": 1', 1), ("{} x", 1)],
)
def test_errors_have_their_line(text: str, line: int) -> None:
    with pytest.raises(ValueError) as caught:
        parse_jsonc(text.encode())
    assert isinstance(caught.value, JsoncError)
    assert caught.value.line == line
    assert f"(line {line})" in str(caught.value)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b'{"a": \xff}', b"9" * 10_000, b"\xff\xfe["])
def test_hostile_documents_are_errors_and_no_crashes(data: bytes) -> None:
    with pytest.raises(JsoncError):
        parse_jsonc(data)
