"""JSON with comments and trailing commas, as tsconfig.json and wrangler.jsonc have it."""

from __future__ import annotations

import json
import re


class JsoncError(ValueError):
    """A text that is not JSON, with or without comments. `line` is 1-based, None where it is not known."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message if line is None else f"{message} (line {line})")
        self.message = message
        self.line = line


def parse_jsonc(data: bytes) -> object:
    """The value of a JSON document that may have comments, trailing commas and a byte-order mark.

    Raises JsoncError, which is a ValueError.
    """
    try:
        text = data.decode(json.detect_encoding(data))
    except UnicodeDecodeError as error:
        raise JsoncError("is not UTF-8 text", data.count(b"\n", 0, error.start) + 1) from None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _parse_json5(text)


def _parse_json5(text: str) -> object:
    # Imported late: most documents are plain JSON, and this import costs as much as reading a hundred of them.
    import pyjson5

    try:
        return pyjson5.decode(text)
    except pyjson5.Json5Exception as error:
        said = str(error.args[0]) if error.args else "is not JSON"
        near = re.search(r" (?:starting )?near (\d+)", said)
        line = text.count("\n", 0, max(int(near[1]) - 1, 0)) + 1 if near else None
        raise JsoncError(_in_words(said), line) from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise JsoncError(str(error), None) from None


def _in_words(said: str) -> str:
    """The parser's message without byte-string quotes, offsets and code points: "expected comma or ], found }"."""
    said = re.sub(r" (?:starting )?near \d+", "", said)
    said = re.sub(r"b'(\w+)'", r"\1", said)
    said = re.sub(r"U\+([0-9a-fA-F]{4,6})", lambda match: chr(int(match[1], 16)), said)
    return said[:1].lower() + said[1:]
