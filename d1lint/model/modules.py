"""The modules of a workspace: which files are worth parsing, and their facts, on demand."""

from __future__ import annotations

from d1lint.facts import ir
from d1lint.model.drizzle.tables import FOREIGN_CORES
from d1lint.model.evaluate import Resolved
from d1lint.model.roles import is_test
from d1lint.source import Source
from d1lint.workspace.discovery import is_generated
from d1lint.workspace.resolve import External, File
from d1lint.workspace.workspace import Workspace

_ANCHORS = (b"drizzle", b"sqliteTable", b"D1Database", b"ysely", b"@native-sql", b"d1lint-ignore", b"sql`", b"sql.raw")
"""A file without any of these, and without a raw statement, is read only if another file imports it."""

SCHEMA_HINTS = frozenset({b"sqlite-core", b"sqliteTable", b"elations"})
"""A file that makes tables or relations has one of these, or is named by a configuration or a client's schema."""
CLIENT_HINTS = frozenset({b"drizzle(", b"drizzle<", b"drizzle as "})
"""A file that makes a client has one of these."""
RAW_SQL_HINTS = frozenset(
    {b".prepare(", b".exec(", b".run(", b".all(", b".get(", b".values(", b".raw(", b".execute(", b"@native-sql"}
)
"""A file with raw SQL, or a comment about it, has one of these."""
FOREIGN_HINTS = frozenset(f"drizzle-orm/{core}".encode() for core in FOREIGN_CORES)
"""A file that takes something from another dialect has one of these."""
SUPPRESSION_HINT = b"d1lint-ignore"
HINTS = {SUPPRESSION_HINT} | SCHEMA_HINTS | CLIENT_HINTS | RAW_SQL_HINTS | FOREIGN_HINTS


class Modules:
    """The scripts of a workspace, parsed when they are needed."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._modules: dict[str, ir.Module | None] = {}
        self._known = frozenset(workspace.sources)

    def relevant(self) -> dict[str, frozenset[bytes]]:
        """The files that concern the product by their text, tests left out, each with the hints in its text."""
        found: dict[str, frozenset[bytes]] = {}
        for path in self.workspace.sources:
            data = self.text(path)
            if is_relevant(data) and (b"d1lint-ignore" in data or not is_test(path)):
                found[path] = frozenset(hint for hint in HINTS if hint in data)
        return found

    def text(self, path: str) -> bytes:
        """A file's content; nothing where it can not be read, which is noted when it is parsed."""
        try:
            return self.workspace.read(path)
        except OSError:
            return b""

    def containing(self, text: bytes) -> list[str]:
        """The files with a text in them, tests left out."""
        return [path for path in self.workspace.sources if text in self.text(path) and not is_test(path)]

    def module(self, path: str) -> ir.Module | None:
        """The facts of a file; None if there is no such script."""
        if path not in self._modules:
            self._modules[path] = self._load(path)
        return self._modules[path]

    def _load(self, path: str) -> ir.Module | None:
        from d1lint.syntax.parse import parse_module

        if path not in self._known:
            return None
        try:
            data = self.workspace.read(path)
        except OSError as error:
            problem = ir.SyntaxProblem(f"the file can not be read: {error.strerror or error}", 0, 0)
            return ir.Module(path, (), (), (), (), (problem,))
        if is_generated(data):
            return ir.Module(path, (), (), (), (), ())
        return parse_module(path, data)

    def loaded(self) -> list[ir.Module]:
        """The modules that were parsed, by path."""
        return [module for _, module in sorted(self._modules.items()) if module is not None]

    def source(self, path: str) -> Source:
        """A file's text."""
        return Source(path, self.workspace.read(path))

    def resolve(self, specifier: str, importer: str) -> Resolved:
        """Where a module specifier of a file leads."""
        target = self.workspace.resolver.resolve(specifier, importer)
        match target:
            case File(path=path):
                return Resolved(path, "") if path in self._known else Resolved(None, specifier)
            case External():
                return Resolved(None, specifier)
            case _:
                return Resolved(None, specifier)


def is_relevant(data: bytes) -> bool:
    """Whether a file's text can concern the product."""
    if any(anchor in data for anchor in _ANCHORS):
        return True
    return b".prepare(" in data or (b".exec(" in data and b"env" in data)
