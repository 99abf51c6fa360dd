"""Names by which request data is known: what handlers of the usual frameworks are given."""

from __future__ import annotations

import re

from d1lint.model.taint.definitions import ELEMENT, KEYS, Steps

_REQUEST_NAME = re.compile(r"^_?(?:req|request)$", re.IGNORECASE)
_REQUEST_TYPES = frozenset({"Request", "NextRequest", "HonoRequest", "IRequest", "IncomingMessage", "NextApiRequest"})
_NOT_SENT = frozenset(
    {"env", "platform", "locals", "user", "session", "auth", "state", "cf", "method", "signal", "executionCtx", "ctx",
     "routePath", "matchedRoutes", "var", "set", "tenant"}
)  # fmt: skip
"""What hangs on requests and contexts and was not sent by anybody, or was checked by a middleware."""
_SENT = frozenset({"params", "searchParams", "query", "body", "rawBody", "cookies", "headers", "queryStringParameters"})

REQUEST_READERS = frozenset(
    {"getQuery", "readBody", "getRouterParam", "getRouterParams", "getHeader", "getHeaders", "getRequestHeader",
     "getRequestHeaders", "getCookie", "parseCookies", "readFormData", "readRawBody", "readMultipartFormData"}
)  # fmt: skip
"""Functions of h3, which Nuxt and Nitro import by themselves, that read the request."""
READER_PACKAGES = re.compile(r"^(?:h3|nitro\w*|#imports|vinxi/http|@tanstack/[\w-]*start(?:/server|-server)?)(?:/|$)")


def names_of(steps: Steps) -> list[str]:
    """The names in steps: of properties and methods."""
    return [step.strip(".()") for step in steps if step not in (ELEMENT, KEYS)]


def is_request_data(parameter: str, type_name: str, steps: Steps) -> bool:
    """Whether the part of a handler's parameter that steps lead to is what somebody has sent."""
    names = names_of(steps)
    if not names or names[0] in _NOT_SENT:
        return False
    is_request = _REQUEST_NAME.match(parameter) is not None or type_name in _REQUEST_TYPES
    if is_request:
        return True
    for index, name in enumerate(names[:4]):
        if name in ("req", "request"):
            rest = names[index + 1 :]
            return bool(rest) and rest[0] not in _NOT_SENT
    if "messages" in names and "body" in names:
        return True  # what a queue delivers
    return names[0] in _SENT or (names[0] == "url" and len(names) > 1) or "searchParams" in names
