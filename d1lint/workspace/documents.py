"""Reading the objects that configuration files hold, without trusting their shape."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from d1lint.workspace.jsonc import JsoncError, parse_jsonc
from d1lint.workspace.problem import Problem
from d1lint.workspace.tree import Tree

# The parser's time grows with the square of the parts of a dotted key.
_MOST_KEY_PARTS = 1000


def load_json(tree: Tree, path: str, problems: list[Problem]) -> Mapping[str, object]:
    """The object in a JSON(C) file; an empty one, and a problem, where there is none."""
    try:
        value = parse_jsonc(tree.read(path))
    except OSError as error:
        problems.append(Problem(path, None, f"cannot be read: {error.strerror or error}"))
        return {}
    except JsoncError as error:
        problems.append(Problem(path, error.line, f"is not valid JSON: {error.message}"))
        return {}
    if not isinstance(value, dict):
        problems.append(Problem(path, 1, f"must hold an object, and holds {_a(value)}"))
        return {}
    return value


def load_toml(tree: Tree, path: str, problems: list[Problem]) -> Mapping[str, object]:
    """The table in a TOML file; an empty one, and a problem, where there is none."""
    import tomllib

    try:
        text = tree.read(path).decode("utf-8-sig")
        if any(line.count(".") > _MOST_KEY_PARTS for line in text.split("\n")):
            problems.append(Problem(path, None, f"is not read: a line of it has more than {_MOST_KEY_PARTS} dots"))
            return {}
        return tomllib.loads(text)
    except OSError as error:
        problems.append(Problem(path, None, f"cannot be read: {error.strerror or error}"))
    except (ValueError, RecursionError) as error:
        place = re.search(r"\s*\(at line (\d+), column \d+\)", str(error))
        said = str(error).replace(place[0], "") if place else str(error)
        problems.append(Problem(path, int(place[1]) if place else None, f"is not valid TOML: {said}"))
    return {}


def as_object(value: object) -> Mapping[str, object]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[object]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else ()


def as_text(value: object) -> str | None:
    """The value if it is a string that is not empty."""
    return value if isinstance(value, str) and value else None


def as_texts(value: object) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(item for item in as_list(value) if isinstance(item, str))


def as_text_map(value: object) -> dict[str, str]:
    """The entries of an object that are strings."""
    return {key: item for key, item in as_object(value).items() if isinstance(item, str)}


def _a(value: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number", type(None): "null"}
    return names.get(type(value), "something else")
