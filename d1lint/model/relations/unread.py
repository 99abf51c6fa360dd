"""Calls of `relations(…)` and `defineRelations(…)` that no variable of a module holds: inside functions, say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from d1lint.facts import ir
from d1lint.model.drizzle.columns import call_token
from d1lint.model.drizzle.relations import RelationsConfig, RelationsValue, relation_intrinsics
from d1lint.model.values import Site, alternatives
from d1lint.model.walk import Walk

if TYPE_CHECKING:
    from d1lint.finding import Span
    from d1lint.model.evaluate import Evaluator
    from d1lint.model.modules import Modules

_MAKERS = frozenset(relation_intrinsics())
_DECLARED = re.compile(rb"(?:export\s+)?const\s+[\w$]+\s*=\s*")
_PLAIN = frozenset(name for _, name in _MAKERS)


def other_relations(
    path: str, modules: Modules, ev: Evaluator, known: Collection[Span]
) -> Iterator[RelationsValue | RelationsConfig]:
    """What the calls of a module make, given the places of those that its variables are known to hold."""
    module, scope = modules.module(path), ev.root(path)
    if module is None or scope is None:
        return
    names = {item.local for item in module.imports if (item.specifier, item.imported) in _MAKERS}
    held = {span.start for span in known if span.file == path}
    text = modules.text(path)
    offsets = [start for start in _calls(text, names | _PLAIN) if start not in held or not _is_declared(text, start)]
    if not offsets:
        return
    walk = Walk(ev, offsets)
    walk.statements(module.body, scope, None, None)
    for visit in walk.visits:
        if not isinstance(visit.node, ir.Call) or not isinstance(visit.node.callee, (ir.Name, ir.Member)):
            continue
        start = call_token(Site(visit.node, visit.scope)).start
        if start not in offsets or (start in held and not any(place.handed_to for place in visit.place.around)):
            continue  # a callback may be called more often than is known
        for value in alternatives(ev.evaluate(visit.node, visit.scope)):
            if isinstance(value, (RelationsValue, RelationsConfig)):
                yield value


def _is_declared(text: bytes, start: int) -> bool:
    """Whether the line says that a variable is what a call makes."""
    return _DECLARED.fullmatch(text, text.rfind(b"\n", 0, start) + 1, start) is not None


def _calls(text: bytes, names: Collection[str]) -> list[int]:
    """Where one of some names is called, in their order."""
    pattern = rb"(?<![\w$])(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names)) + rb")(?=\s*[(<])"
    return [found.start() for found in re.finditer(pattern, text)]
