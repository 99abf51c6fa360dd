"""Work on two cores: a forked child does one part and hands it back."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

import msgspec

from d1lint.facts import ir

A = TypeVar("A")
B = TypeVar("B")
Load = Callable[[str], ir.Module | None]


def can_fork() -> bool:
    """Whether a fork is safe: it takes no other thread along, but the locks that those hold."""
    return sys.platform == "linux" and threading.active_count() == 1


def beside(here: Callable[[], A], there: Callable[[], B]) -> tuple[A, B]:
    """The results of two pieces of work, the second one done by a child. What that gives has to be picklable.

    The child shares nothing that it changes. What it fails at is done here again, so that the error can be reported.
    """
    first, encoded = _forked(here, lambda: pickle.dumps(there(), pickle.HIGHEST_PROTOCOL))
    try:
        second: B = pickle.loads(encoded)  # our own child wrote it
    except (pickle.UnpicklingError, EOFError):
        second = there()
    return first, second


def parse_in_two(parse: Load, load: Load, shares: tuple[list[str], list[str]]) -> dict[str, ir.Module | None]:
    """The modules of both shares, the second parsed by a child, which hands back their facts as MessagePack.

    The child uses `parse`, which may fail; what it fails at is loaded here again, so that the error can be reported.
    """
    found, encoded = _forked(
        lambda: {path: load(path) for path in shares[0]},
        lambda: msgspec.msgpack.encode([parse(path) for path in shares[1]]),
    )
    try:
        theirs = msgspec.msgpack.decode(encoded, type=list[ir.Module | None])
    except msgspec.MsgspecError:
        theirs = []
    found.update(zip(shares[1], theirs, strict=False))
    for path in shares[1][len(theirs) :]:
        found[path] = load(path)
    return found


def _forked(here: Callable[[], A], there: Callable[[], bytes]) -> tuple[A, bytes]:
    """What this process makes, and the bytes that a child makes meanwhile; too few of them where it fails."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _serve(there, reader, writer)
    os.close(writer)
    try:
        first = here()
    finally:
        with os.fdopen(reader, "rb") as pipe:
            encoded = pipe.read()
        os.waitpid(child, 0)
    return first, encoded


def _serve(work: Callable[[], bytes], reader: int, writer: int) -> None:
    """The child: work, write, end; it must not run what the parent would run on its way out."""
    try:
        os.close(reader)
        encoded = work()
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(encoded)
    finally:
        os._exit(0)
