"""foreign-driver: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass

from d1lint.finding import Finding, Label
from d1lint.model.connection.drivers import NATIVE, DriverImport
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@dataclass(frozen=True, slots=True)
class Options:
    """`allow`: the module specifiers of drivers that may be imported all the same."""

    allow: tuple[str, ...] = ()


@rule(on=DriverImport, level="error", clauses=["REC-6", "HD-3", "SF-16"], since="0.1", options=Options)
def foreign_driver(item: DriverImport, project: Project, options: Options) -> Iterator[Finding]:
    """A driver of another database in the code of a Worker on D1."""
    found = [(specifier, span) for specifier, span in item.imports if specifier not in options.allow]
    if not found:
        return
    (specifier, span), *others = found
    yield finding(
        at=span,
        symbol=specifier,
        what=f"`{specifier}`, a driver of {item.database}, is imported in the code of a Worker whose database is D1.",
        why=(
            "A Worker has no files and no native modules: it is bundled without complaint, and fails where it is used."
            if item.database == NATIVE
            else "D1 is a binding and not a server: there is no address to connect to, and what this driver reaches is "
            "another database."
        ),
        instead=(
            "Take the client of D1, and give it the binding:\n"
            'import { drizzle } from "drizzle-orm/d1";\n'
            "const db = drizzle(c.env.DB);"
        ),
        related=[Label(other, f"`{name}` belongs to it") for name, other in others],
    )
