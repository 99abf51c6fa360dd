"""Files that people run, told by their text: no Worker reads the arguments of a command or ends a process."""

from __future__ import annotations

import re

_ENTRY = re.compile(rb"\A#!|import\.meta\.main\b|require\.main\b|\bBun\.main\b")
_COMMAND = re.compile(_ENTRY.pattern + rb"|process\.(?:argv|exit)\b")


_WORDS = (b"#!", b"process.", b".main")
"""What the pattern finds has one of these in it; to look for them costs far less."""


def is_command(data: bytes) -> bool:
    """Whether a file's content is that of a command."""
    return any(word in data for word in _WORDS) and _COMMAND.search(data) is not None


def is_entry(data: bytes) -> bool:
    """Whether a file's content asks whether it is what was started, as scripts do that also export something."""
    return any(word in data for word in (b"#!", b".main")) and _ENTRY.search(data) is not None
