"""What was last known of a file that does not parse at the moment: while one types, most texts do not."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import structs

from d1lint.facts import ir
from d1lint.model.memo import ContentMemo
from d1lint.model.modules import facts_of
from d1lint.source import Source, unchanged
from d1lint.syntax.incremental import EditedScript
from d1lint.workspace.discovery import is_generated
from d1lint.workspace.kinds import Kind, kind_of
from d1lint.workspace.paths import name_of


@dataclass(frozen=True, slots=True)
class Shift:
    """From the places in a text to those in a later one, `now`, which begins and ends as the earlier one did."""

    now: Source
    kept_before: int
    kept_after: int
    length: int
    """Of the earlier text, in bytes."""

    def keeps(self, start: int, end: int) -> bool:
        """Whether what stood between two offsets of the earlier text is in the later one as it was."""
        return end <= self.kept_before or start >= self.length - self.kept_after

    def offset(self, offset: int) -> int:
        """Where a byte offset of the earlier text is now; the beginning of what changed for one inside of that."""
        if offset <= self.kept_before:
            return offset
        if offset >= self.length - self.kept_after:
            return offset + len(self.now.data) - self.length
        return self.kept_before


def shift_between(then: bytes, now: Source) -> Shift:
    """From the places in a text to those in a later one."""
    return Shift(now, *unchanged(then, now.data), len(then))


class LastGood:
    """Stands in for the open files that do not parse with the last text that did.

    The model then keeps a table whose next column is being typed. What does not parse is known all the same: the facts
    of the earlier text carry the problems of the present one, with its offsets.
    """

    def __init__(self, memo: ContentMemo) -> None:
        self._memo = memo
        self._scripts: dict[str, EditedScript] = {}
        self._good: dict[str, tuple[bytes, ir.Module]] = {}
        self._shifts: dict[str, Shift] = {}
        self._seen: dict[str, bytes] = {}
        self._settled: dict[str, bytes] = {}

    def settle(self, path: str, data: bytes) -> bytes:
        """The text that the model is to see of an open file."""
        if self._seen.get(path) == data:
            return self._settled[path]
        if path not in self._scripts:
            self._scripts[path] = EditedScript(path)
        script = kind_of(name_of(path)) is Kind.SCRIPT and not is_generated(data)
        module = self._scripts[path].parse(data) if script else facts_of(path, data)
        good = self._good.get(path)
        self._shifts.pop(path, None)
        if module.problems and good is not None:
            settled, facts = good
            self._memo.put(facts_of, path, settled, structs.replace(facts, problems=module.problems))
            self._shifts[path] = shift_between(settled, Source(path, data))
        else:
            settled = data
            self._memo.put(facts_of, path, data, module)
            if not module.problems:
                self._good[path] = (data, module)
        self._seen[path], self._settled[path] = data, settled
        return settled

    def forget(self, path: str) -> None:
        """The file is no longer open."""
        for known in (self._scripts, self._good, self._shifts, self._seen, self._settled):
            known.pop(path, None)

    def shift(self, path: str) -> Shift | None:
        """How the text of a file that does not parse differs from the one that stands in; None for all others."""
        return self._shifts.get(path)
