"""Parsing on two cores: a forked child takes half of the files and hands back their facts as MessagePack."""

from __future__ import annotations

import os
from collections.abc import Callable

import msgspec

from d1lint.facts import ir

Load = Callable[[str], ir.Module | None]


def parse_in_two(parse: Load, load: Load, shares: tuple[list[str], list[str]]) -> dict[str, ir.Module | None]:
    """The modules of both shares.

    The child uses `parse`, which may fail; what it fails at is loaded here again, so that the error can be reported.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _serve(parse, shares[1], reader, writer)
    os.close(writer)
    found = {path: load(path) for path in shares[0]}
    with os.fdopen(reader, "rb") as pipe:
        encoded = pipe.read()
    os.waitpid(child, 0)
    try:
        theirs = msgspec.msgpack.decode(encoded, type=list[ir.Module | None])
    except msgspec.MsgspecError:
        theirs = []
    found.update(zip(shares[1], theirs, strict=False))
    for path in shares[1][len(theirs) :]:
        found[path] = load(path)
    return found


def _serve(parse: Load, paths: list[str], reader: int, writer: int) -> None:
    """The child: parse, write, end; it must not run what the parent would run on its way out."""
    try:
        os.close(reader)
        encoded = msgspec.msgpack.encode([parse(path) for path in paths])
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(encoded)
    finally:
        os._exit(0)
