"""Files that people run, told by their text: no Worker reads the arguments of a command or ends a process."""

from __future__ import annotations

import re

_COMMAND = re.compile(rb"\A#!|process\.(?:argv|exit)\b|import\.meta\.main\b|require\.main\b")


_WORDS = (b"#!", b"process.", b".main")
"""What the pattern finds has one of these in it; to look for them costs far less."""


def is_command(data: bytes) -> bool:
    """Whether a file's content is that of a command."""
    return any(word in data for word in _WORDS) and _COMMAND.search(data) is not None
