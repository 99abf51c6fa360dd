"""global-client: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding, Label
from d1lint.model.connection.clients import ModuleClient
from d1lint.model.project import Project
from d1lint.model.workers import CONTEXT, IMPORTED, PROCESS
from d1lint.rule import finding, rule


@dataclass(frozen=True, slots=True)
class Options:
    """`importable_env`: the level where the environment is imported from `cloudflare:workers`, which works."""

    importable_env: Literal["error", "warning", "off"] = "warning"


@rule(on=ModuleClient, level="error", clauses=["REC-2", "HD-2", "SF-16"], since="0.1", options=Options)
def global_client(client: ModuleClient, project: Project, options: Options) -> Iterator[Finding]:
    """A D1 client that is made when the module loads, not for a request."""
    level = None
    if client.origin == IMPORTED:
        if options.importable_env == "off":
            return
        level = options.importable_env
    where = "in a static field" if client.is_static_field else "at module scope"
    through = f" by `{client.factory}()`" if client.factory else ""
    yield finding(
        at=client.span,
        symbol=client.symbol,
        what=f"A Drizzle client is made {where}{through}, for `{client.symbol}`, outside any request.",
        why=_why(client),
        instead=(
            "Make it where the environment is handed in: in a handler, a middleware, or a factory that takes it:\n"
            f"const createDb = (env: Env) => drizzle(env.{client.binding or 'DB'}{client.options});"
        ),
        related=[Label(client.maker, "the client is made here")] if client.maker is not None else [],
        level=level,
    )


def _why(client: ModuleClient) -> str:
    if client.origin == PROCESS:
        return (
            "`process.env` holds text, never a D1 binding: the Worker fails to start, or starts and fails at its first "
            "query."
        )
    if client.origin == IMPORTED:
        return (
            "An `env` imported from `cloudflare:workers` works here, but the client is shared by all requests, hides "
            "the binding from tests and other environments, and breaks under `disallow_importable_env`."
        )
    if client.origin == CONTEXT:
        return "There is no request while a module loads, so there is no context to take the binding from: it throws."
    return "Nothing defines `env` while a module loads: the Worker does not start."
