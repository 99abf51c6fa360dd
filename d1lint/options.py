"""The options of a rule: the fields of its frozen dataclass, as a configuration writes them.

A field `both_sides: bool = False` is the option `both-sides`. Types: bool, int, str, Literal[…] and tuple[str, ...].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal, get_args, get_origin, get_type_hints


class WrongType(Exception):
    """A value that an option does not take; the message says what it takes."""


def option_types(options: type | None) -> dict[str, Any]:
    """The options by name, each with its type; none where the rule has no options."""
    if options is None:
        return {}
    hints = get_type_hints(options)
    return {field.name.replace("_", "-"): hints[field.name] for field in fields(options)}


def convert(value: object, kind: Any) -> object:
    """The value as the option's field holds it. Raises WrongType."""
    if get_origin(kind) is Literal:
        if isinstance(value, str) and value in get_args(kind):
            return value
    elif kind == tuple[str, ...]:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
    elif type(value) is kind:  # not isinstance: true is not a number
        return value
    raise WrongType(described(kind))


def described(kind: Any) -> str:
    """A type of option in words."""
    if get_origin(kind) is Literal:
        return one_of(get_args(kind))
    return {bool: "true or false", int: "a whole number", str: "a string"}.get(kind, "a list of strings")


def one_of(values: tuple[str, ...]) -> str:
    """Strings in quotes, as a choice: `"a", "b" or "c"`."""
    quoted = [f'"{value}"' for value in values]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else quoted[0]


def build(options: type, written: Mapping[str, object]) -> object:
    """An instance of the rule's options. `written` has been checked: a wrong name or type raises as Python does."""
    kinds = option_types(options)
    return options(**{name.replace("-", "_"): convert(value, kinds[name]) for name, value in written.items()})
