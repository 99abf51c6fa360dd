"""process-env-binding: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding
from d1lint.model.connection.bindings import ProcessBinding
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=ProcessBinding, level="error", clauses=["REC-6"], since="0.1")
def process_env_binding(item: ProcessBinding, project: Project) -> Iterator[Finding]:
    """A D1 client that is made from the environment of the process, which holds no bindings."""
    use = item.use
    name = use.name or "DB"
    if use.maker == "D1Dialect":
        code = f"new D1Dialect({{ database: c.env.{name} }})"
    else:
        code = f"{use.maker}(c.env.{name})"
    yield finding(
        at=item.span,
        symbol=use.symbol,
        what=f"`{use.maker}` is given `process.env.{name}`, in `{use.symbol}`.",
        why=(
            "`process.env` holds text, never a D1 binding: the client is made without complaint, and its first query "
            'fails, with "Cannot read properties of undefined".'
        ),
        instead=f"Take the binding from the environment that the handler is given:\n{code}",
    )
