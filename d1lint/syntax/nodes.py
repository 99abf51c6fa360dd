"""What all rooms of the lowering need of a node: its text and its children."""

from __future__ import annotations

import re

from tree_sitter import Node

MAX_DEPTH = 400
"""Deeper expressions become `Opaque`, and deeper statements are left out: no input may exhaust the stack."""

_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|[\s\S])")
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


def children_of(node: Node) -> list[Node]:
    """The named children, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def has_keyword(node: Node, keyword: str) -> bool:
    """Whether a keyword is one of the children."""
    return any(not child.is_named and child.type == keyword for child in node.children)


class Script:
    """The text of a script, node by node."""

    def __init__(self, source: bytes) -> None:
        self.source = source

    def text(self, node: Node) -> str:
        """The text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def identifier(self, node: Node) -> str:
        """The name that a node is."""
        text = self.text(node)
        return unescape(text) if "\\" in text else text

    def string(self, node: Node) -> str:
        """What is between the quotes of a node."""
        text = self.text(node)[1:-1]
        return unescape(text) if "\\" in text else text

    def name_or_string(self, node: Node) -> str:
        """A name of a module, which may be in quotes."""
        return self.string(node) if node.type == "string" else self.text(node)


def unescape(text: str) -> str:
    """A text with its escapes replaced."""

    def replace(match: re.Match[str]) -> str:
        escape = match[1]
        if escape in _SIMPLE_ESCAPES:
            return _SIMPLE_ESCAPES[escape]
        if escape[0] in "ux" and len(escape) > 1:
            code = int(escape.strip("ux{}"), 16)
            return chr(code) if code <= 0x10FFFF else "\ufffd"
        return escape

    return _ESCAPE.sub(replace, text)
