"""What edits of scripts concern: which files they lead to, and what can be otherwise now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from d1lint.model.hints import Hint, hints_of
from d1lint.model.modules import Modules
from d1lint.model.reach import passes_on, runs_alone, specifiers_of


class Edit:
    """Edits of scripts whose contents were those of `before`. `modules` reads what they hold now.

    `touched` are these scripts and all that were seen to import from them: of no other file can any value be another.
    """

    def __init__(self, before: Mapping[str, bytes], modules: Modules) -> None:
        self.before = before
        self.touched = modules.leading_to(before)
        self._modules = modules

    def sets(self, variables: Iterable[str]) -> bool:
        """Whether a touched file sets a variable of a context, or did so."""
        texts = [*self.before.values(), *map(self._modules.text, self.touched)]
        setters = [setter for name in variables for setter in setters_of(name)]
        return any(setter in text for setter in setters for text in texts)

    def may_hold(self, hints: Hint) -> bool:
        """Whether a touched file may hold one of some things, or may have held it."""
        return any(hints & hints_of(text) for text in self.before.values()) or any(
            hints & self._modules.hints(path) for path in self.touched
        )

    @property
    def changes_imports(self) -> bool:
        """Whether a file imports from other files than when somebody asked, or is another link between files."""
        memo, made_of = self._modules.memo, self._modules.made_of
        for path in self.before:
            if memo.latest(specifiers_of, path) != made_of(specifiers_of, path):
                return True
            asked = (ask for ask in (passes_on, runs_alone) if memo.latest(ask, path) is not None)
            if any(memo.latest(ask, path) != made_of(ask, path) for ask in asked):
                return True
        return False


def setters_of(variable: str) -> tuple[bytes, ...]:
    """What code that sets a variable of a context has in it."""
    return (f'.set("{variable}"'.encode(), f".set('{variable}'".encode(), f".set(`{variable}`".encode())
