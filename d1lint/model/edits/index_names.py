"""How a database names its indexes, learnt from those that it has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, count
from typing import TYPE_CHECKING, NamedTuple

from d1lint.model.edits.keys import keys_of
from d1lint.model.edits.words import capital, singular, stem
from d1lint.model.schema import ForeignKey, Index, Table
from d1lint.model.values import text_of

if TYPE_CHECKING:
    from d1lint.model.project import Project
    from d1lint.model.tables.databases import Database

_AFFIX = re.compile(r"(?:idx|ix|index|fk|i)?[_-]?|[_-]?(?:idx|ix|index|fk|Idx|Index|Ix)?", re.ASCII)
_SEPARATORS = ("_", "__", "-", ".", "_on_", "_by_", "By", "")


class _Pattern(NamedTuple):
    """`{before}{table}{between}{columns}{after}`; `table` and `columns` say in which way each is written."""

    before: str
    table: str
    between: str
    columns: str
    after: str


_DEFAULT = _Pattern("", "name", "_", "names", "_idx")


def index_name(fk: ForeignKey, project: Project) -> str:
    """A name for the index of a foreign key: as its database names its indexes, and used for nothing else there."""
    database = fk.table.database
    planned = project.once(_planned, database) if database is not None else {}
    return planned.get(fk) or _written(project, _DEFAULT, fk.table, fk.columns)


def _planned(project: Project, database: Database) -> dict[ForeignKey, str]:
    """The names of all indexes that are wanting, so that no two get the same."""
    tables = database.tables
    taken = {table.name.lower() for table in tables}
    taken |= {index.name.lower() for table in tables for index in table.lookups() if index.name is not None}
    pattern = _usual(project, tables)
    planned: dict[ForeignKey, str] = {}
    numbers: dict[str, Iterator[int]] = {}
    for table in tables:
        for fk in table.foreign_keys:
            if _is_wanting(fk):
                like, plain = (_written(project, p, table, fk.columns) for p in (pattern, _DEFAULT))
                # Where many would get one name, the numbers go on from the last.
                numbered = (f"{plain}{number}" for number in numbers.setdefault(plain, count(2)))
                planned[fk] = next(name for name in chain((like, plain), numbered) if name.lower() not in taken)
                taken.add(planned[fk].lower())
    return planned


def _is_wanting(fk: ForeignKey) -> bool:
    return fk.is_known and fk.table.indexes_known and fk.covering_index() is None


def _usual(project: Project, tables: list[Table]) -> _Pattern:
    """The pattern that fits most indexes, the one that says most where several do."""
    votes: Counter[_Pattern] = Counter()
    for unique in (False, True):
        for table in tables:
            for index in table.indexes:
                if index.unique is unique:
                    votes.update(set(_fitting(project, table, index)))
        if votes:
            break
    best = max(votes.values(), default=0)
    usual = [pattern for pattern, count in votes.items() if count == best]
    return min(usual, key=_plainness) if usual else _DEFAULT


def _plainness(pattern: _Pattern) -> tuple[int, ...]:
    """Which of two patterns that fit equally is meant: names before what is made of them, a table before none."""
    return (list(_table_words(None)).index(pattern.table), list(_column_words((), [])).index(pattern.columns))


def _fitting(project: Project, table: Table, index: Index) -> Iterator[_Pattern]:
    columns = tuple(column.name for column in index.columns if column.name is not None)
    if index.name is None or not columns or len(columns) != len(index.columns):
        return
    ways_of_table = tuple(_table_words(table).items())
    yield from _patterns(index.name, columns, tuple(keys_of(project, table, columns)), ways_of_table)


@lru_cache(maxsize=10_000)
def _patterns(
    name: str, columns: tuple[str, ...], keys: tuple[str, ...], ways_of_table: tuple[tuple[str, str], ...]
) -> tuple[_Pattern, ...]:
    return tuple(_patterns_of(name, columns, keys, dict(ways_of_table)))


def _patterns_of(
    name: str, columns: tuple[str, ...], keys: tuple[str, ...], ways_of_table: dict[str, str]
) -> Iterator[_Pattern]:
    table_words = _by_word(ways_of_table, name)
    for columns_word, ways in _by_word(_column_words(columns, list(keys)), name).items():
        if not columns_word:
            continue
        for table_word, table_ways in table_words.items():
            for between in _SEPARATORS if table_word else ("",):
                before, found, after = name.partition(f"{table_word}{between}{columns_word}")
                if not found or not (before or after or table_word):
                    continue
                if _AFFIX.fullmatch(before) and _AFFIX.fullmatch(after):
                    yield from (_Pattern(before, t, between, way, after) for way in ways for t in table_ways)


def _by_word(words: dict[str, str], name: str) -> dict[str, list[str]]:
    """The words that are in a name, each with the ways that lead to it: most ways lead to the same."""
    found: dict[str, list[str]] = {}
    for way, word in words.items():
        if word in name:
            found.setdefault(word, []).append(way)
    return found


def _written(project: Project, pattern: _Pattern, table: Table, columns: tuple[str, ...]) -> str:
    by_way = _column_words(columns, keys_of(project, table, columns))
    words = _table_words(table)[pattern.table], by_way[pattern.columns]
    return f"{pattern.before}{words[0]}{pattern.between}{words[1]}{pattern.after}"


def _table_words(table: Table | None) -> dict[str, str]:
    """The ways in which an index can name its table. The unprefixed name is what a table creator was given."""
    name = table.name if table is not None else ""
    given = text_of(table.origin.site.argument(0)) if table is not None and table.origin is not None else None
    export = (table.export if table is not None else None) or name
    return {
        "name": name,
        "unprefixed": given or name,
        "export": export,
        "singular": singular(name),
        "singular unprefixed": singular(given or name),
        "singular export": singular(export),
        "none": "",
    }


def _column_words(columns: tuple[str, ...], keys: list[str]) -> dict[str, str]:
    """The ways in which an index can name its columns, whose keys are given, too."""
    return {
        "names": "_".join(columns),
        "stems": "_".join(map(stem, columns)),
        "keys": "_".join(keys),
        "key stems": "_".join(map(stem, keys)),
        "dashed": "-".join(columns),
        "capital": "".join(map(capital, keys)),
        "capital stems": "".join(capital(stem(key)) for key in keys),
    }
