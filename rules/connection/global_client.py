"""global-client: see the page beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from d1lint.finding import Finding, Label
from d1lint.model.connection.clients import KYSELY, ModuleClient
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
    yield finding(
        at=client.span,
        symbol=client.symbol,
        what=_what(client),
        why=_why(client),
        instead=_instead(client),
        related=[Label(client.maker, "the client is made here")] if client.maker is not None else [],
        level=level,
    )


def _what(client: ModuleClient) -> str:
    if client.context:
        made = f"a {client.library} client is made of what it gives"
        return f"`{client.context}()` is called at module scope, outside any request, and {made}."
    where = "in a static field" if client.is_static_field else "at module scope"
    through = ""
    if client.maker is not None:
        through = f" by `{client.factory}()`" if client.factory else " by a function that is called at once"
    owner = f", for `{client.symbol}`" if client.symbol != "(module)" else ""
    return f"A {client.library} client is made {where}{through}{owner}, outside any request."


def _instead(client: ModuleClient) -> str:
    binding = client.binding or "DB"
    if client.context:
        made = f"const createDb = () => drizzle({client.context}().env.{binding});"
        return f"Ask for it where the client is made, in a function that is called for a request:\n{made}"
    made = f"drizzle(env.{binding}{client.options})"
    if client.library == KYSELY:
        made = f"new Kysely<Database>({{ dialect: new D1Dialect({{ database: env.{binding} }}) }})"
    return (
        "Make it where the environment is handed in: in a handler, a middleware, or a factory that takes it:\n"
        f"const createDb = (env: Env) => {made};"
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
