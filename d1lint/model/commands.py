"""Files that people run, told by their text: no Worker reads the arguments of a command or ends a process."""

from __future__ import annotations

import re

_COMMAND = re.compile(rb"\A#!|process\.(?:argv|exit)\b|import\.meta\.main\b|require\.main\b")


def is_command(data: bytes) -> bool:
    """Whether a file's content is that of a command."""
    return _COMMAND.search(data) is not None
