"""syntax-error: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.project import Project, UnparsedFile
from d1lint.rule import finding, rule


@rule(on=UnparsedFile, level="warning", clauses=["REC-6"], since="0.1")
def syntax_error(file: UnparsedFile, project: Project) -> Iterator[Finding]:
    """A file of the project that does not parse."""
    yield finding(
        at=file.span,
        symbol=file.span.file,
        what=f"This file does not parse: {file.message}.",
        why="What does not parse was not linted; what could be read of the file was.",
        instead="Mend the file. If TypeScript accepts it, it is a defect of d1lint's: please report the line.",
    )
