"""What a proof is: an example of a rule's page that fails on D1, and one that does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_UNSAID: Any = object()


@dataclass(frozen=True)
class Sees:
    """What an example of a page does; what is not said is not compared, but only what is expected may fail.

    `fails` is where it stops: `build` (esbuild refuses it), `tables` (drizzle-kit, or D1 what drizzle-kit generated),
    `start` (the Worker does not start), `setup`, `request` (the example's own code throws; `after` runs nevertheless)
    or `after`. `error` is in the words of that failure and of its causes. `answer` is the body of the last answer,
    `rows` what the last statement of `after` returned, `read` and `written` how many rows it read and wrote. The other
    fields are as in Proof, for this example alone.
    """

    title: str
    fails: str | None = None
    error: str = ""
    answer: Any = _UNSAID
    rows: Any = _UNSAID
    read: range | None = None
    written: int | None = None
    schema: tuple[str, ...] | None = None
    setup: tuple[str, ...] | None = None
    worker: str | None = None
    requests: tuple[str, ...] | None = None
    after: tuple[str, ...] | None = None

    def contradictions(self, seen: dict[str, Any]) -> list[str]:
        """Sentences about what the harness saw and this does not expect."""
        if seen["failed"] != self.fails or self.error not in seen["error"]:
            wanted = f"{self.fails} should fail ({self.error})" if self.fails else "nothing should fail"
            return [f"{wanted}; what fails is: {seen['failed']} ({seen['error']})"]
        if self.fails not in (None, "request"):
            return []
        wrong = []
        for what in ("answer", "rows"):
            wanted = getattr(self, what)
            if wanted is not _UNSAID and wanted != seen[what]:
                wrong.append(f"{what} should be {wanted}, is {seen[what]}")
        if self.read is not None and seen["read"] not in self.read:
            wrong.append(f"should read {self.read} rows, reads {seen['read']}")
        if self.written not in (None, seen["written"]):
            wrong.append(f"should write {self.written} rows, writes {seen['written']}")
        return wrong


@dataclass(frozen=True)
class Proof:
    """That a bad example of a rule's page fails on D1 as the rule says, and that a good one does not.

    In this order: drizzle-kit creates the tables of the example's `schema` (all files that import `sqlite-core`, where
    it is None), `setup` runs, `requests` (each like `POST /users {"name": "a"}`) go to the example, `after` runs.
    `worker` is a TypeScript module in the example's root, whose default export gets the requests in place of the
    example's own Worker: for examples that have none. `date` is a compatibility date in place of the example's.
    """

    rule: str
    bad: Sees
    good: Sees
    schema: tuple[str, ...] | None = None
    setup: tuple[str, ...] = ()
    worker: str = ""
    requests: tuple[str, ...] = ("GET /",)
    after: tuple[str, ...] = ()
    date: str = ""
