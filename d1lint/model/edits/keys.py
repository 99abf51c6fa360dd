"""The columns of a table by the keys that the code has for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from d1lint.model.schema import Table

if TYPE_CHECKING:
    from d1lint.model.project import Project


def keys_of(project: Project, table: Table, columns: Iterable[str]) -> list[str]:
    """The keys of some columns, which are given by their names in the database."""
    known = project.once(_keys, table)
    return [known.get(name, name) for name in columns]


def _keys(project: Project, table: Table) -> dict[str, str]:
    return {column.name: column.key for column in table.columns}
