"""SQL that Postgres knows and SQLite does not, in fragments that reach D1."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.finding import Span
from d1lint.model.drizzle.clients import OTHER_DRIVERS, ClientValue
from d1lint.model.drizzle.columns import ColumnRef
from d1lint.model.drizzle.sql import SqlTag, SqlValue
from d1lint.model.hints import Hint
from d1lint.model.roles import is_test
from d1lint.model.values import External, Native, Unknown
from d1lint.model.walk import Visit

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.workspace.packages import Package

_OPERATORS = frozenset({"ilike", "notIlike"})
_FUNCTIONS = (
    "now", "gen_random_uuid", "uuid", "uuid_generate_v4", "date_trunc", "to_char", "to_timestamp", "array_agg",
    "json_agg", "jsonb_agg", "json_build_object", "jsonb_build_object",
)  # fmt: skip
"""Functions that SQLite does not have."""
_IDIOM = re.compile(
    rb"\b(?P<function>%b)\s*\(|(?P<cast>::\s*[A-Za-z]\w*)|\b(?P<lock>for\s+(?:no\s+key\s+)?update)\b"
    rb"|\b(?P<ilike>ilike)\b|\b(?P<distinct>distinct\s+on)\s*\(" % "|".join(_FUNCTIONS).encode(),
    re.IGNORECASE,
)
_QUOTED = re.compile(
    rb"'(?:[^']|'')*'|\"[^\"]*\"|(?<![\w)\]?])\[[^\]\n]*\]|\\`(?:(?!\\`).)*\\`|--[^\n]*|/\*.*?\*/", re.DOTALL
)
"""Texts, names in any of SQLite's quotes, and comments, as they are written in a template."""
_TEMPLATE = re.compile(rb"sql(?<=\bsql)\w*(?:<[^`]{0,200}>)?`(?:[^`\\]|\\.)*", re.DOTALL)
_WORDS = tuple(name.encode() for name in sorted(_OPERATORS))


@dataclass(slots=True, eq=False)
class ForeignSql:
    """A fragment with what only Postgres knows. `idioms` are written as in the code; `span` is the first of them.

    `is_operator` says that it is Drizzle's `ilike()`, or the `ilike` of a filter of 1.0.
    """

    span: Span
    symbol: str
    idioms: tuple[str, ...]
    is_operator: bool


def foreign_sql(project: Project, files: Container[str] | None = None) -> Iterator[ForeignSql]:
    """The fragments with Postgres' own SQL that reach a D1 database."""
    schemas = {table.file for table in project.d1_tables}
    for path in project.paths:
        if (files is not None and path not in files) or is_test(path):
            continue
        if path not in schemas and not project.has_d1_in(project.workspace.package_of(path)):
            continue
        data = project.modules.text(path)
        has_template = any(_IDIOM.search(found[0]) for found in _TEMPLATE.finditer(data))
        if not has_template and not any(word in data for word in _WORDS):
            continue
        if path not in schemas and not project.reach.serves_requests(path):
            continue
        with project.noting(path):
            for visit in project.visits(path):
                found = list(_fragments(visit, project, data))
                if found and _reaches_d1(visit, project, path in schemas):
                    yield from found


def _fragments(visit: Visit, project: Project, data: bytes) -> Iterator[ForeignSql]:
    node, symbol = visit.node, visit.place.name or "(module)"
    if isinstance(node, ir.Call):
        name = _operator(node, visit, project)
        if name is not None:
            yield ForeignSql(visit.token, symbol, (f"{name}()",), True)
        for key, start in _filters(node.args[0]) if node.args and _is_relational(node) else ():
            yield ForeignSql(Span(visit.scope.module, start, start + len(key)), symbol, (key,), True)
    found = list(_IDIOM.finditer(_bare(node.template, data))) if isinstance(node, ir.Tagged) else []
    if isinstance(node, ir.Tagged) and found and isinstance(project.ev.evaluate(node.tag, visit.scope), SqlTag):
        start = node.template.start + found[0].start()
        span = Span(visit.scope.module, start, start + len(found[0][0].rstrip(b"( \t\n")))
        yield ForeignSql(span, symbol, tuple(dict.fromkeys(map(_written, found))), False)


def _is_relational(node: ir.Call) -> bool:
    """Whether it is a call such as `db.query.users.findMany(…)`."""
    match node.callee:
        case ir.Member(object=ir.Member(object=ir.Member(name="query")), name=name):
            return name in ("findMany", "findFirst")
        case _:
            return False


def _filters(node: ir.Expression, in_where: bool = False, in_column: bool = False) -> Iterator[tuple[str, int]]:
    """The operators in the filters of 1.0, each with its place: `where: { name: { ilike: "a%" } }`."""
    for item in node.items if isinstance(node, ir.Array) else ():
        yield from _filters(item, in_where, in_column)
    for entry in node.entries if isinstance(node, ir.Object) else ():
        if not isinstance(entry, ir.Property) or not isinstance(entry.key, str):
            continue
        if in_column and entry.key in _OPERATORS:
            yield entry.key, entry.start
        names_column = in_where and entry.key not in ("AND", "OR", "NOT")
        yield from _filters(entry.value, in_where or entry.key == "where", in_column or names_column)


def _operator(node: ir.Call, visit: Visit, project: Project) -> str | None:
    """The name of Drizzle's `ilike` or `notIlike`, if that is what is called."""
    if not isinstance(node.callee, (ir.Name, ir.Member)):
        return None
    name = node.callee.name
    value = project.ev.evaluate(node.callee, visit.scope)
    match value:
        case External(package=package, path=(imported,)) if package.startswith("drizzle-orm"):
            return imported if imported in _OPERATORS else None
        case Native(name=known) if known in _OPERATORS:
            return known
        case Unknown() if name in _OPERATORS and isinstance(node.callee, ir.Name):
            return name if visit.scope.find(name) is not None and _is_operators_callback(visit) else None
        case Unknown() if name in _OPERATORS and _is_second_parameter(node.callee, visit):
            return name if _is_operators_callback(visit) else None
        case _:
            return None


def _is_operators_callback(visit: Visit) -> bool:
    """Whether it stands in the options of a relational query, whose callbacks are handed the operators."""
    around = visit.around
    while around is not None and not (isinstance(around.node, ir.Call) and _is_relational(around.node)):
        around = around.around
    return around is not None


def _is_second_parameter(callee: ir.Expression, visit: Visit) -> bool:
    """Whether a method is one of the second parameter of a function around: `(users, operators) => …`."""
    owner = callee.object if isinstance(callee, ir.Member) else None
    functions = (place.function for place in visit.place.around if place.is_function and place.function is not None)
    seconds = (function.params[1].pattern for function in functions if len(function.params) > 1)
    return isinstance(owner, ir.Name) and any(isinstance(p, ir.Name) and p.name == owner.name for p in seconds)


def _bare(template: ir.Template, data: bytes) -> bytes:
    """The source of a template with blanks for what is interpolated, and for its texts in quotes and its comments."""
    text = bytearray(data[template.start : template.end])
    at = template.start
    for part in template.parts:
        if not isinstance(part, str):
            start, end = part.start - at, part.end - at
            text[start:end] = b"?" * (end - start)
    return _QUOTED.sub(lambda found: b" " * len(found[0]), bytes(text))


def _written(found: re.Match[bytes]) -> str:
    text = re.sub(r"\s+", " ", found[0].decode("utf-8", "replace")).rstrip("( ")
    return f"{text}()" if found["function"] else text


# --- where it goes -------------------------------------------------------------------------------------------------


def _reaches_d1(visit: Visit, project: Project, in_schema: bool) -> bool:
    """Whether a fragment is sent to D1: by its columns, its client, its file, or because nothing else is there."""
    of_columns = _column_owner(visit, project)
    if of_columns is not None:
        return of_columns
    around: Visit | None = visit
    while around is not None:
        client = project.ev.evaluate(_root(around.node), around.scope)
        if isinstance(client, ClientValue) and client.driver:
            return client.is_d1
        around = around.around
    path = visit.scope.module
    if in_schema:
        return not project.holds_foreign_tables(path)
    return _has_d1_alone(project, project.workspace.package_of(path))


def _column_owner(visit: Visit, project: Project) -> bool | None:
    """Whether the columns in a fragment are those of D1 tables; None where it has none that are known."""
    node = visit.node
    parts = node.args if isinstance(node, ir.Call) else node.template.parts if isinstance(node, ir.Tagged) else ()
    values = [project.ev.evaluate(part, visit.scope) for part in parts if not isinstance(part, str)]
    inner = [p for v in values if isinstance(v, SqlValue) for p in v.parts if not isinstance(p, str)]
    tables = {id(value.table) for value in (*values, *inner) if isinstance(value, ColumnRef)}
    found = [table.database for table in project.tables if id(table.origin) in tables]
    return all(database is not None and database.is_d1 for database in found) if found else None


def _root(node: ir.Expression) -> ir.Expression:
    """What a chain of calls begins with: `db` of `db.select().from(t).where(…)`."""
    while True:
        match node:
            case ir.Call(callee=ir.Member(object=inner)) | ir.Member(object=inner, name="query"):
                node = inner
            case ir.Member(object=ir.Member(object=inner, name="query")):
                node = inner
            case _:
                return node


def _has_d1_alone(project: Project, package: Package) -> bool:
    """Whether the Drizzle databases of a package, and of those that use it, are D1 or at least SQLite."""
    workspace = project.workspace
    related = {package, *workspace.importers_of(package)}
    if not any(project.has_d1_in(other) for other in related):
        return False
    if any(Hint.FOREIGN in hints and workspace.package_of(path) in related for path, hints in project.paths.items()):
        return False
    if any(not config.is_sqlite and workspace.package_of(config.path) in related for config in project.kit_configs):
        return False
    others = (visit for visit, client in project.clients if client.driver in (*OTHER_DRIVERS, "pg"))
    return not any(workspace.package_of(visit.scope.module) in related for visit in others)
