"""The published JSON Schema of a configuration, made from the catalogue and the rules' options.

`python -m d1lint.config_schema` writes it anew; a test compares the two.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from d1lint.options import option_types
from d1lint.policy import LEVELS
from d1lint.registry import Registry
from d1lint.rule import Rule

PATH = Path(__file__).parent / "d1lint.schema.json"
_STRINGS = {"type": "array", "items": {"type": "string"}}


def config_schema(registry: Registry) -> dict[str, Any]:
    """The schema (draft 7, which editors know) of `d1lint.toml` and of the `d1lint` key in a package.json."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "d1lint configuration",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "extends": {
                "description": "The presets to build on; recommended where this is left out.",
                "type": "array",
                "items": {"enum": list(registry.policy_names)},
            },
            "exclude": {"description": "Files to leave out: patterns as in .gitignore.", **_STRINGS},
            "baseline": {
                "description": "The file of the findings that are known, as `d1lint baseline` writes it. The root's "
                "configuration names it, relative to itself; .d1lint-baseline.json beside it is used without.",
                "type": "string",
                "minLength": 1,
            },
            "rules": {"$ref": "#/definitions/rules"},
            "overrides": {
                "description": "Settings for some files; later ones stand on earlier ones.",
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["paths", "rules"],
                    "additionalProperties": False,
                    "properties": {
                        "paths": {"description": "Patterns as in .gitignore.", **_STRINGS, "minItems": 1},
                        "rules": {"$ref": "#/definitions/rules"},
                    },
                },
            },
        },
        "definitions": {
            "level": {"enum": list(LEVELS)},
            "setting": {
                "anyOf": [
                    {"$ref": "#/definitions/level"},
                    {"type": "object", "properties": {"level": {"$ref": "#/definitions/level"}}},
                ]
            },
            "rules": {
                "description": "Each rule's level, alone or in a table with its options.",
                "type": "object",
                "properties": {name: _rule(registry, name) for name in sorted(registry.catalogue)},
                # Rules that an installed distribution offers.
                "additionalProperties": {"$ref": "#/definitions/setting"},
            },
        },
    }


def _rule(registry: Registry, name: str) -> dict[str, Any]:
    if not registry.is_built(name):
        return {"$ref": "#/definitions/setting"}
    rule = registry.get(name)
    options = {option: _value(kind) for option, kind in option_types(rule.options).items()}
    return {
        "description": summary(rule),
        "anyOf": [
            {"$ref": "#/definitions/level"},
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {"level": {"$ref": "#/definitions/level"}, **options},
            },
        ],
    }


def _value(kind: Any) -> dict[str, Any]:
    if get_origin(kind) is Literal:
        return {"enum": list(get_args(kind))}
    return {bool: {"type": "boolean"}, int: {"type": "integer"}, str: {"type": "string"}}.get(kind, _STRINGS)


def summary(rule: Rule) -> str:
    """The sentence below the title of a rule's page."""
    return " ".join(rule.page().split("\n\n", 2)[1].split())


def text(registry: Registry) -> str:
    """The schema as the published file holds it."""
    return json.dumps(config_schema(registry), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(Registry.load()), encoding="utf-8")
