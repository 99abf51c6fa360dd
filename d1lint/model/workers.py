"""What the Workers runtime hands to code: environments, their bindings, and contexts that carry both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.values import (
    Instance,
    Intersection,
    Native,
    ObjectValue,
    Site,
    Unknown,
    Value,
    alternatives,
    text_of,
)

if TYPE_CHECKING:
    from d1lint.model.evaluate import Evaluator, TypeIntrinsic
    from d1lint.model.scope import Scope

REQUEST, IMPORTED, PROCESS, CONTEXT = "request", "cloudflare:workers", "process.env", "context"
PROXY, UNDEFINED_ENV = "platform proxy", "undefined"
"""Where an environment comes from: a parameter or a member of something that is handed in; the import; `process.env`;
an asynchronous context such as OpenNext's; wrangler's `getPlatformProxy` for tools; an `env` that nothing defines."""


@dataclass(slots=True, eq=False)
class EnvValue(Value):
    """An environment of bindings. `origin` is one of the constants above; `typed` knows its members' types."""

    origin: str
    typed: Value | None = None

    def member(self, name: str, ev: Evaluator) -> Value:
        """A binding, of which only the name is known; a D1 binding where the type says so."""
        if self.typed is not None:
            value = self.typed.member(name, ev)
            if isinstance(value, BindingValue):
                return BindingValue(name, self.origin, True)
        return BindingValue(name, self.origin)


@dataclass(slots=True, eq=False)
class BindingValue(Value):
    """A binding of an environment. `is_d1` says that its type proves it; otherwise the wrangler config must.

    `name` is "" where a value is only known to be of the type `D1Database`.
    """

    name: str
    origin: str
    is_d1: bool = False

    def member(self, name: str, ev: Evaluator) -> Value:
        """The methods of D1: `withSession` gives the same database, `prepare` a statement."""
        if name == "withSession":
            return Native(name, lambda site, ev: self)
        if name == "prepare":
            return Native(name, lambda site, ev: StatementValue())
        return Unknown(f"{name} of a binding")

    def truth(self) -> bool | None:
        """A binding may be missing: `if (!env.DB)` is a usual test."""
        return None


@dataclass(slots=True, eq=False)
class StatementValue(Value):
    """A prepared statement of D1."""

    def member(self, name: str, ev: Evaluator) -> Value:
        """`bind` gives the statement; its results are not known."""
        if name == "bind":
            return Native(name, lambda site, ev: self)
        return Unknown(f"{name} of a prepared statement")


@dataclass(slots=True, eq=False)
class ContextValue(Value):
    """Hono's `c`: its environment, and the variables that a middleware sets."""

    env: Value
    variables: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        """`env`, `get(name)`, `var`."""
        if name == "env":
            return self.env
        if name == "var":
            return _Variables(self.variables)
        if name == "get":
            return Native(name, lambda site, ev: _Variables(self.variables).read(text_of(site.argument(0)), ev))
        return Unknown(f"{name} of a context")


@dataclass(slots=True, eq=False)
class _Variables(Value):
    declared: Value

    def member(self, name: str, ev: Evaluator) -> Value:
        return self.read(name, ev)

    def read(self, name: str | None, ev: Evaluator) -> Value:
        """A variable by its declared type, or by what the code sets it to."""
        if name is None:
            return Unknown("a variable of the context")
        declared = self.declared.member(name, ev)
        return ev.context_variable(name) if isinstance(declared, Unknown) else declared


def context_type(ev: Evaluator, args: tuple[ir.Type, ...], scope: Scope) -> Value:
    """`Context<{ Bindings: Env; Variables: … }>`, or `Context<Env>`."""
    if not args:
        return ContextValue(EnvValue(REQUEST), Unknown("variables"))
    argument = ev.of_type(args[0], scope)
    bindings = argument.member("Bindings", ev)
    return ContextValue(as_env(bindings), argument.member("Variables", ev))


def as_env(value: Value) -> EnvValue:
    """An environment whose members' types are those of a value."""
    if isinstance(value, EnvValue):
        return value
    return EnvValue(REQUEST, value if isinstance(value, (ObjectValue, Intersection, Instance)) else None)


def unknown_member(ev: Evaluator, owner: Unknown, name: str) -> Value | None:
    """What a member of something unknown is by its name: `c.env`, `platform.env`, `c.get("db")`, `c.var.db`."""
    if name in ("env", "Bindings"):
        return EnvValue(REQUEST)
    if owner.parameter and name == "get":
        return Native(name, lambda site, ev: ev.context_variable(text_of(site.argument(0)) or ""))
    if owner.parameter and name == "var":
        return _Variables(Unknown("variables"))
    return None


def ambient(name: str, declared: Value) -> Value:
    """A variable that a `declare` promises: for `env` nothing keeps the promise."""
    return EnvValue(UNDEFINED_ENV, as_env(declared).typed) if name == "env" else declared


def parameter_by_name(name: str) -> Value | None:
    """What a parameter is by its name where its type says nothing: `env`."""
    return EnvValue(REQUEST) if name in ("env", "_env", "bindings") else None


def _context_env(origin: str) -> Native:
    def build(site: Site, ev: Evaluator) -> Value:
        return _WithEnv(EnvValue(origin))

    return Native("context", build)


@dataclass(slots=True, eq=False)
class _WithEnv(Value):
    env: EnvValue

    def member(self, name: str, ev: Evaluator) -> Value:
        return self.env if name == "env" else Unknown(f"{name} of a context")


@dataclass(slots=True, eq=False)
class _Process(Value):
    def member(self, name: str, ev: Evaluator) -> Value:
        return EnvValue(PROCESS) if name == "env" else Unknown(f"process.{name}")


def worker_values() -> dict[tuple[str, str], Value]:
    """The environments that packages hand out."""
    context = _context_env(CONTEXT)
    values: dict[tuple[str, str], Value] = {
        ("cloudflare:workers", "env"): EnvValue(IMPORTED),
        ("@opennextjs/cloudflare", "getCloudflareContext"): context,
        ("@cloudflare/next-on-pages", "getRequestContext"): context,
        ("@cloudflare/next-on-pages", "getOptionalRequestContext"): context,
        ("wrangler", "getPlatformProxy"): _context_env(PROXY),
        ("node:process", "env"): EnvValue(PROCESS),
        ("process", "env"): EnvValue(PROCESS),
        ("hono/adapter", "env"): Native("env", lambda site, ev: EnvValue(REQUEST)),
        ("hono/context-storage", "getContext"): _context_env(REQUEST),
    }
    values["react", "cache"] = Native("cache", lambda site, ev: site.argument(0))
    values["node:process", "default"] = values["process", "default"] = _Process()
    return values


def worker_globals() -> dict[str, Value]:
    """The names that exist without an import: the runtime's, and NuxtHub's."""
    hub = Native("hubDatabase", lambda site, ev: BindingValue("DB", REQUEST, True))
    return {"process": _Process(), "env": EnvValue(UNDEFINED_ENV), "hubDatabase": hub}


FIXED_TYPES = frozenset({"D1Database", "D1DatabaseSession"})
"""Types that mean the same where the code declares them itself, as some do without the Workers' types."""


def worker_types() -> tuple[dict[tuple[str, str], TypeIntrinsic], dict[str, TypeIntrinsic]]:
    """Types by (package, name), and those that exist without an import."""
    d1: TypeIntrinsic = lambda ev, args, scope: BindingValue("", REQUEST, True)  # noqa: E731
    env: TypeIntrinsic = lambda ev, args, scope: EnvValue(REQUEST)  # noqa: E731
    types: dict[tuple[str, str], TypeIntrinsic] = {
        ("@cloudflare/workers-types", "D1Database"): d1,
        ("@cloudflare/workers-types", "D1DatabaseSession"): d1,
        ("@cloudflare/workers-types/experimental", "D1Database"): d1,
        ("hono", "Context"): context_type,
    }
    global_types: dict[str, TypeIntrinsic] = {
        "D1Database": d1,
        "D1DatabaseSession": d1,
        **dict.fromkeys(("Env", "CloudflareEnv", "CloudflareBindings", "Cloudflare.Env", "Bindings"), env),
    }
    return types, global_types


def bindings_of(value: Value) -> list[BindingValue]:
    """The bindings that a value can be."""
    return [a for a in alternatives(value) if isinstance(a, BindingValue)]
