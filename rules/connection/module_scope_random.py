"""module-scope-random: see the page beside this module."""

from collections.abc import Iterator

from d1lint.finding import Finding, Label
from d1lint.model.connection.runtime_calls import RuntimeCall
from d1lint.model.project import Project
from d1lint.rule import finding, rule


@rule(on=RuntimeCall, level="error", clauses=["REC-6"], since="0.1")
def module_scope_random(item: RuntimeCall, project: Project) -> Iterator[Finding]:
    """A random value that is made when the module loads, or a use of Bun in a Worker."""
    if not item.source:
        yield finding(
            at=item.span,
            symbol=item.call,
            what=f"`{item.call}` is used in code of a Worker.",
            why="The Workers runtime has no `Bun`: a ReferenceError where the line runs, and only there.",
            instead=_without_bun(item.call),
        )
        return
    through = f", by `{item.source}`," if item.inner is not None else ""
    yield finding(
        at=item.span,
        symbol=item.symbol,
        what=f"`{item.call}` asks for a random value{through} while the module loads, for `{item.symbol}`.",
        why=(
            "The runtime refuses that outside a request, and the Worker does not start: "
            '"Disallowed operation called within global scope".'
        ),
        instead=(
            "Ask for it in a request, or once on the first:\n"
            f"let value: string | undefined;\nconst getValue = () => (value ??= {item.call});"
        ),
        related=[Label(item.inner, "the random value is asked for here")] if item.inner is not None else [],
    )


def _without_bun(call: str) -> str:
    if call.startswith("Bun.randomUUID"):
        return 'Take a package that runs on Workers:\nimport { v7 as uuidv7 } from "uuid";\nconst id = uuidv7();'
    if call == "Bun.env":
        return "Read it from the environment that the handler is given:\nconst value = c.env.NAME;"
    return "Use what Workers have (`crypto.subtle`, `fetch`, R2), or keep this code out of the Worker."
