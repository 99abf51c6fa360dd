"""undeclared-binding: see the page beside this module."""

from collections.abc import Iterator
from difflib import get_close_matches

from d1lint.finding import Finding
from d1lint.model.connection.bindings import UndeclaredBinding
from d1lint.model.project import Project
from d1lint.rule import finding, rule

_KINDS = {
    "kv": "a KV namespace",
    "r2": "an R2 bucket",
    "hyperdrive": "a Hyperdrive configuration",
    "durable_object": "a Durable Object",
}


@rule(on=UndeclaredBinding, level="error", clauses=["REC-6"], since="0.1")
def undeclared_binding(item: UndeclaredBinding, project: Project) -> Iterator[Finding]:
    """A binding that is used as a D1 database and that wrangler does not declare as one."""
    use, configs = item.use, " and ".join(item.configs[:2]) + (" and others" if len(item.configs) > 2 else "")
    kind = _KINDS.get(item.other_kind, "something else")
    what = f"declares as {kind}" if item.other_kind else "does not declare"
    yield finding(
        at=item.span,
        symbol=use.name,
        what=f"`{use.maker}` uses `{use.name}` as a D1 database, which {configs} {what}.",
        why=(
            f"It is {kind}, which has no `prepare`: the first query throws."
            if item.other_kind
            else "The binding is undefined at run time. A client is made of it all the same; its first query throws "
            '"Cannot read properties of undefined".'
        ),
        instead=_advice(item),
    )


def _advice(item: UndeclaredBinding) -> str:
    near = get_close_matches(item.use.name, item.declared, 1, 0.5) or item.declared[:1]
    declaration = (
        f'"d1_databases": [{{ "binding": "{item.use.name}", "database_name": "…", "database_id": "…" }}]'
        if not item.other_kind
        else '"d1_databases": [{ "binding": "DB", "database_name": "…", "database_id": "…" }]'
    )
    if near:
        return f"Use the database that is declared, `env.{near[0]}`, or declare this one:\n{declaration}"
    return f"Declare the database:\n{declaration}"
