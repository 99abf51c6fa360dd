"""Which functions a script calls for each element of a list, by its text and by its tree."""

from __future__ import annotations

import pytest

from d1lint.syntax.loops import called_for_each, called_names

METHODS = frozenset({"map", "forEach"})

# A script, what it calls for each element, and what its text alone would take for such a call, too.
SCRIPTS = {
    "loops": (
        """
        for (const id of ids) {
          await inFor(id);
        }
        for await (const row of rows) await repository.inAwait(row);
        for (const key in object) { if (key) { await db?.users!.inBranch(key); } }
        """,
        "inFor inAwait inBranch",
        "",
    ),
    "callbacks of arrays": (
        """
        await Promise.all(ids.map((id) => inArrow(id)));
        ids.forEach(async function (id) { await inFunction(id); });
        const rows = ids.map(async (id) => {
          return inBody(id);
        });
        """,
        "inArrow inFunction inBody",
        "",
    ),
    "functions that are handed to methods": (
        """
        await Promise.all(ids.map(handedOver));
        ids.forEach(this.repository.byMethod);
        app.get(handler);
        """,
        "handedOver byMethod",
        "",
    ),
    "loops that count the elements of a list": (
        """
        for (let i = 0; i < ids.length; i++) { await byIndex(ids[i]); }
        for (let i = 0, many = ids.length; i < many; i++) await byNumber(ids[i]);
        for (let i = 0; i < 3; i++) { await twice(ids.length); }
        """,
        "byIndex byNumber",
        "twice",
    ),
    "other loops": (
        """
        for (let page = 0; page < 9; page += 1) await paged(page);
        ids.map((id) => { while (true) { await tried(id); } });
        do { await again(); } while (true);
        """,
        "",
        "paged tried again",
    ),
    "functions that somebody else calls": (
        """
        ids.map((id) => ({ load: () => later(id) }));
        for (const id of ids) routes.get("/", async () => await handled(id));
        ids.map(function () { class Inner { async method() { return inMethod(); } } });
        ids.reduce((before, id) => before, () => given());
        """,
        "",
        "later handled inMethod given",
    ),
    "outside of the statement with the loop": (
        """
await first();
const second = async () => { return inSecond(); };
for (const id of ids) { if (id) { log(id); } }
const third = async () => { await inThird(); };
        """,
        "",
        "",
    ),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_is_called_for_each_element(name: str) -> None:
    script, each, behind = SCRIPTS[name]
    assert called_for_each("a.ts", script.encode(), METHODS) == set(each.split())
    assert called_names("a.ts", script.encode(), METHODS) == {*each.split(), *behind.split()}


def test_a_script_that_does_not_parse_is_read_as_far_as_it_does() -> None:
    data = b"for (const id of ids) { await load(id); }\nconst x = = ;"
    assert called_for_each("a.ts", data, METHODS) == {"load"}
