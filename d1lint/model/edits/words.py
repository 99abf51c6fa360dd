"""Words made of names: singular forms, and columns without their `_id`."""

from __future__ import annotations

import re

_ID = re.compile(r"(?<=[a-zA-Z0-9])(?:_id|Id|ID|_uuid|Uuid|UUID|_fk)$")


def singular(name: str) -> str:
    """`user` for `users`, `category` for `categories`; a word that does not look like a plural as it is."""
    if re.search(r"(?:ss|us|is|news|series|data)$", name, re.IGNORECASE) or not name.lower().endswith("s"):
        return name
    if name.lower().endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    return name[:-2] if re.search(r"(?:ss|sh|ch|x|z)es$", name) else name[:-1]


def stem(column: str) -> str:
    """`author` for `author_id` and `authorId`."""
    return _ID.sub("", column)


def capital(name: str) -> str:
    """The name with a capital in front."""
    return name[:1].upper() + name[1:]


def camel(name: str) -> str:
    """`blogPosts` for `blog_posts`."""
    first, *rest = re.split(r"[^A-Za-z0-9$]+", name.strip("_")) or [name]
    return first + "".join(map(capital, rest))
