"""Which functions a script calls for each element of a list, by its text and by its tree.

Each `// each` says that what its line calls is called for each element; `// behind`, that it only stands behind the
beginning of a loop. What neither says is known to be called once.
"""

from __future__ import annotations

import re

import pytest

from d1lint.syntax.loops import called_for_each, called_names

METHODS = frozenset({"map", "forEach"})

SCRIPTS = {
    "loops": """
        for (const id of ids) {
          await inFor(id); // each
        }
        for await (const row of rows) await repository.inAwait(row); // each
        for (const key in object) { if (key) { await db?.users!.inBranch(key); } } // each
    """,
    "callbacks of arrays": """
        await Promise.all(ids.map((id) => inArrow(id))); // each
        ids.forEach(async function (id) { await inFunction(id); }); // each
        const rows = ids.map(async (id) => {
          return inBody(id); // each
        });
    """,
    "other loops": """
        for (let page = 0; page < 9; page += 1) await paged(page); // behind
        ids.map((id) => { while (true) { await tried(id); } }); // behind
        do { await again(); } while (true); // behind
    """,
    "functions that somebody else calls": """
        ids.map((id) => ({ load: () => later(id) })); // behind
        for (const id of ids) routes.get("/", async () => await handled(id)); // behind
        ids.map(function () { class Inner { async method() { return inMethod(); } } }); // behind
        ids.reduce((before, id) => before, () => given()); // behind
        for (const id of ids) async function declared() { return inDeclared(); } // behind
    """,
    "before any loop": """
await first();
const second = async () => { return inSecond(); };
for (const id of ids) { if (id) { log(id); } }
const third = async () => { await inThird(); };
    """,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_called_for_each_element(name: str) -> None:
    marked = {
        mark: set(re.findall(rf"^.*(?:await|=>|return)\s+(?:[\w?!]+\.)*(\w+)\(.*// {mark}$", SCRIPTS[name], re.MULTILINE))
        for mark in ("each", "behind")
    }
    data = SCRIPTS[name].encode()
    assert called_for_each("a.ts", data, METHODS) == marked["each"]
    assert called_names("a.ts", data, METHODS) == marked["each"] | marked["behind"]


def test_a_script_that_does_not_parse_is_read_as_far_as_it_does() -> None:
    data = b"for (const id of ids) { await load(id); }\nconst x = = ;"
    assert called_for_each("a.ts", data, METHODS) == {"load"}
