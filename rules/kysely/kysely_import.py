"""kysely-import: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.kysely.imports import KyselyImport
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=KyselyImport, level="error", clauses=["REC-6"], since="0.1")
def kysely_import(item: KyselyImport, project: Project) -> Iterator[Finding]:
    """Something of Kysely's that is imported from `kysely-d1`, which has only its dialect."""
    yield finding(
        at=item.span,
        symbol=item.name,
        what=f"`{item.name}` is taken from `kysely-d1`, which does not export it.",
        why='`kysely-d1` exports `D1Dialect` alone: the build fails with "No matching export".',
        instead=(
            f'Import it from Kysely itself:\nimport {{ {item.name} }} from "kysely";\n'
            'import { D1Dialect } from "kysely-d1";'
        ),
    )
