"""The modules of a workspace: which files are worth parsing, and their facts, on demand."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from typing import TypeVar

from d1lint.facts import ir
from d1lint.finding import Crash
from d1lint.model.evaluate import Resolved
from d1lint.model.hints import Hint, hints_of
from d1lint.model.memo import ContentMemo
from d1lint.model.roles import is_test
from d1lint.source import Source
from d1lint.workspace.discovery import is_generated
from d1lint.workspace.resolve import External, File
from d1lint.workspace.workspace import Workspace

PARALLEL_BYTES = 600_000
"""With less to parse, a second process costs more than it saves."""

T = TypeVar("T")


class Modules:
    """The scripts of a workspace, parsed when they are needed.

    What is made of a file's content alone is in the `memo`, which may know some of it from an earlier model.
    """

    def __init__(self, workspace: Workspace, memo: ContentMemo | None = None) -> None:
        self.workspace = workspace
        self.memo = memo or ContentMemo()
        self._modules: dict[str, ir.Module | None] = {}
        self._known = frozenset(workspace.sources)
        self._importers: dict[str, set[str]] = {}
        self.crashes: list[Crash] = []
        """The files at which d1lint itself failed."""
        self.unreadable: dict[str, str] = {}
        """The scripts that can not be read, each with the reason."""

    def relevant(self) -> dict[str, Hint]:
        """The files that concern the product by their text, each with its hints; tests only for their suppressions."""
        return {path: hints for path in self.workspace.sources if (hints := self.hints(path))}

    def hints(self, path: str) -> Hint:
        """The hints of a file; none where it does not concern the product."""
        hints = self.made_of(_hints, path)
        return hints if Hint.SUPPRESSION in hints or (hints and not is_test(path)) else Hint(0)

    def preload(self, paths: list[str]) -> None:
        """Parse files, on two cores where there is enough of it: threads would wait for each other."""
        unread = ((path, self.text(path)) for path in paths if path not in self._modules)
        pending = {path: data for path, data in unread if not self.memo.knows(facts_of, path, data)}
        sizes = {path: len(data) for path, data in pending.items()}
        from d1lint.model.parallel import can_fork, parse_in_two

        if sum(sizes.values()) < PARALLEL_BYTES or not can_fork():
            return

        shares: tuple[list[str], list[str]] = ([], [])
        weights = [0, 0]
        for path in sorted(pending, key=lambda p: -sizes[p]):
            share = 0 if weights[0] <= weights[1] else 1
            shares[share].append(path)
            weights[share] += sizes[path]
        self._modules.update(parse_in_two(self._parse, self._load, shares))
        crashed = {crash.file for crash in self.crashes}
        for path in shares[1]:  # the memo of the other process is gone with it
            module = self._modules[path]
            if module is not None and path not in crashed:
                self.memo.put(facts_of, path, pending[path], module)

    def text(self, path: str) -> bytes:
        """A file's content; nothing where it can not be read, which is noted."""
        try:
            return self.workspace.read(path)
        except OSError as error:
            if path in self._known:
                self.unreadable[path] = error.strerror or str(error)
            return b""

    def made_of(self, make: Callable[[str, bytes], T], path: str) -> T:
        """What a function makes of a file's path and content; it is called once for each content."""
        return self.memo.of(make, path, self.text(path))

    def containing(self, text: bytes) -> list[str]:
        """The files with a text in them, tests left out."""
        return [path for path in self.workspace.sources if text in self.text(path) and not is_test(path)]

    def module(self, path: str) -> ir.Module | None:
        """The facts of a file; None if there is no such script."""
        if path not in self._modules:
            self._modules[path] = self._load(path)
        return self._modules[path]

    def problems(self, path: str) -> tuple[ir.SyntaxProblem, ...]:
        """The places of a file that do not parse. One that nobody else asks for is not lowered for that."""
        if path not in self._modules and path in self._known:
            data = self.text(path)
            if not self.memo.knows(facts_of, path, data):
                with suppress(Exception):  # what fails here fails again below, where it is noted
                    return self.memo.of(_problems_of, path, data)
        module = self.module(path)
        return module.problems if module is not None else ()

    def _load(self, path: str) -> ir.Module | None:
        try:
            return self._parse(path)
        except Exception as error:  # one file's trouble must not hide the others
            self.crashes.append(Crash(path, "parsing", f"{type(error).__name__}: {error}"))
            return ir.Module(path, (), (), (), (), ())

    def _parse(self, path: str) -> ir.Module | None:
        return self.memo.of(facts_of, path, self.text(path)) if path in self._known else None

    def loaded(self) -> list[ir.Module]:
        """The modules that were parsed, by path."""
        return [module for _, module in sorted(self._modules.items()) if module is not None]

    def source(self, path: str) -> Source:
        """A file's text."""
        return Source(path, self.text(path))

    def resolve(self, specifier: str, importer: str) -> Resolved:
        """Where a module specifier of a file leads."""
        target = self.workspace.resolver.resolve(specifier, importer)
        match target:
            case File(path=path):
                if path not in self._known:
                    return Resolved(None, specifier)
                self._importers.setdefault(path, set()).add(importer)
                return Resolved(path, "")
            case External():
                return Resolved(None, specifier)
            case _:
                return Resolved(None, specifier)

    def leading_to(self, paths: Iterable[str]) -> frozenset[str]:
        """Files, and those from which an import that was resolved leads to one of them, also through others."""
        found: set[str] = set()
        pending = list(paths)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending += self._importers.get(path, ())
        return frozenset(found)

    def take_over(self, earlier: Modules, besides: Container[str]) -> None:
        """Know of the files that were read what an earlier reader knew, `besides` those whose imports may be others.

        A file that nothing imports any more counts as read all the same.
        """
        for path, importers in earlier._importers.items():
            self._importers[path] = {importer for importer in importers if importer not in besides}
        for path in earlier._modules:
            if path not in besides:
                self.module(path)


def facts_of(path: str, data: bytes) -> ir.Module:
    """The facts of a script's content."""
    from d1lint.syntax.parse import parse_module

    return ir.Module(path, (), (), (), (), ()) if is_generated(data) else parse_module(path, data)


def _problems_of(path: str, data: bytes) -> tuple[ir.SyntaxProblem, ...]:
    from d1lint.syntax.parse import problems_in

    return () if is_generated(data) else problems_in(path, data)


def _hints(path: str, data: bytes) -> Hint:
    return hints_of(data)
