from __future__ import annotations

import re

import pytest

from d1lint.facts.ir import Comment
from d1lint.finding import Finding, Span
from d1lint.registry import Registry
from d1lint.source import Source
from d1lint.suppress import Misnomer, Suppression, apply, judged, suppressions

REGISTRY = Registry.load()
FK = "unindexed-foreign-key"
COMMENT = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
SQL_COMMENT = re.compile(rb"--[^\n]*|/\*.*?\*/", re.DOTALL)


def parse(text: str, path: str = "src/schema.ts") -> tuple[Source, tuple[Suppression, ...]]:
    """The suppressions of a text without strings; only comments that hold a marker are handed over, as facts do."""
    source = Source(path, text.encode())
    pattern = SQL_COMMENT if path.endswith(".sql") else COMMENT
    found = (Comment(m[0].decode(), m.start(), m.end()) for m in pattern.finditer(source.data))
    return source, suppressions((comment for comment in found if "d1lint-ignore" in comment.text), source)


def one(text: str, path: str = "src/schema.ts") -> Suppression:
    (suppression,) = parse(text, path)[1]
    return suppression


def finding(source: Source, at: bytes, rule: str = FK) -> Finding:
    start = source.data.index(at)
    return Finding(Span(source.path, start, start + len(at)), "posts.author_id", "what", "why", "instead", rule=rule)


# Reading


@pytest.mark.parametrize(
    ("comment", "names", "reason"),
    [
        ("// d1lint-ignore unindexed-foreign-key -- three rows", (FK,), "three rows"),
        ("//d1lint-ignore unindexed-foreign-key--three rows", ("unindexed-foreign-key--three",), ""),
        ("// d1lint-ignore a-b, c-d -- one -- two", ("a-b", "c-d"), "one -- two"),
        ("// d1lint-ignore a-b,c-d,a-b", ("a-b", "c-d"), ""),
        ("// d1lint-ignore a-b three rows", ("a-b",), ""),
        ("// d1lint-ignore a-b --", ("a-b",), ""),
        ("// d1lint-ignore -- three rows", (), "three rows"),
        ("// d1lint-ignore", (), ""),
        ("/* d1lint-ignore a-b -- three rows */", ("a-b",), "three rows"),
        ("/** d1lint-ignore a-b -- three rows */", ("a-b",), "three rows"),
        (
            "/*\n * d1lint-ignore a-b,\n *   c-d -- three rows,\n *   never more\n */",
            ("a-b", "c-d"),
            "three rows, never more",
        ),
        ("/* d1lint-ignore a-b*/", ("a-b",), ""),
    ],
)
def test_names_and_reason(comment: str, names: tuple[str, ...], reason: str) -> None:
    suppression = one(f"{comment}\nconst a = 1\n")
    assert (suppression.names, suppression.reason) == (names, reason)
    assert not suppression.whole_file


@pytest.mark.parametrize(
    "comment",
    [
        "// see d1lint-ignore in the manual",
        "// d1lint-ignored a-b",
        "// d1lint-ignore-line a-b",
        "// @d1lint-ignore a-b",
    ],
)
def test_what_is_no_suppression(comment: str) -> None:
    assert parse(f"{comment}\n")[1] == ()


def test_the_whole_file() -> None:
    source, (suppression,) = parse("import a from 'a'\n\n// d1lint-ignore-file a-b -- generated\n")
    assert suppression.whole_file
    assert (suppression.names, suppression.reason) == (("a-b",), "generated")
    found = [finding(source, at, "a-b") for at in (b"import", b"// d1lint")]
    assert apply(found, {source.path: (suppression,)}, lambda _: source).silenced == found


def test_the_span_is_one_line_of_the_comment() -> None:
    text = "const a = 1 // ü d1lint\n/* d1lint-ignore a-b --\n three rows */\nb\n"
    source, (suppression,) = parse(text)
    assert source.data[suppression.span.start : suppression.span.end] == b"/* d1lint-ignore a-b --"
    assert suppression.span.file == "src/schema.ts"
    assert suppression.line == 2


# Where it counts


@pytest.mark.parametrize(
    ("text", "line", "target"),
    [
        ("a()\nb() // d1lint-ignore x -- y\nc()\n", 2, 2),
        ("b(/* d1lint-ignore x -- y */)\nc()\n", 1, 1),
        ("// d1lint-ignore x -- y\nb()\n", 1, 2),
        ("\ufeff// d1lint-ignore x -- y\nb()\n", 1, 2),
        ("// d1lint-ignore x -- y\r\n\r\n  // more\r\n  /* and\r\n more */\r\n  b()\r\n", 1, 6),
        ("/* d1lint-ignore x -- y */ b()\nc()\n", 1, 1),
        ("/* d1lint-ignore x --\n y */ b()\nc()\n", 1, 2),
        ("// d1lint-ignore x -- y\n/* note */ b() // more\nc()\n", 1, 2),
        ("// d1lint-ignore x -- y\n/* a **/\n/**/\nb()\n", 1, 4),
        ("// d1lint-ignore x -- y\n// 1 * 2 / 3\n/ab+c/.test(s)\n", 1, 3),
        ("<p>\n  {/* d1lint-ignore x -- y */}\n  {/* more */}\n  <Row />\n", 2, 4),
        ("<p>{/* d1lint-ignore x -- y */}</p>\n<Row />\n", 1, 1),
        ("if (a) { // d1lint-ignore x -- y\n  b()\n", 1, 1),
        ("{ /* d1lint-ignore x -- y */ b() }\nc()\n", 1, 1),
        ("// d1lint-ignore x -- y\n{ /* one */ b(); /* two */ }\n", 1, 2),
        ("b()\n// d1lint-ignore x -- y\n", 2, 3),
        ("b()\n// d1lint-ignore x -- y", 2, 2),
    ],
)
def test_the_line_that_it_counts_for(text: str, line: int, target: int) -> None:
    suppression = one(text, "src/page.tsx")
    assert (suppression.line, suppression.target_line) == (line, target)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("-- d1lint-ignore x -- y\n-- more\nDROP TABLE a;\n", 3),
        ("DROP TABLE a; -- d1lint-ignore x -- y\nDROP TABLE b;\n", 1),
        ("/* d1lint-ignore x -- y */\nDROP TABLE a;\n", 2),
    ],
)
def test_in_sql(text: str, target: int) -> None:
    suppression = one(text, "migrations/0001_drop.sql")
    assert (suppression.names, suppression.reason, suppression.target_line) == (("x",), "y", target)


def test_many_comments_take_one_pass() -> None:
    text = "// d1lint-ignore x -- y\n" + "/* * */ // *\n" * 50_000 + "/* open"
    assert one(text).target_line == 50_002


# Applying


def test_a_finding_is_silenced_by_the_line_of_its_primary_location() -> None:
    source, found = parse("// d1lint-ignore unindexed-foreign-key -- three rows\nfirst()\nsecond()\n")
    first, second = finding(source, b"first"), finding(source, b"second")
    other = finding(source, b"first", "missing-relation")
    elsewhere = Finding(Span("src/other.ts", 0, 1), "a", "", "", "", rule=FK)
    applied = apply([first, second, other, elsewhere], {source.path: found}, lambda _: source)
    assert applied.kept == [second, other, elsewhere]
    assert applied.silenced == [first]
    assert applied.used == {(found[0], FK)}


def test_comments_in_a_row_stack() -> None:
    source, found = parse(
        "// d1lint-ignore unindexed-foreign-key -- three rows\n"
        "// d1lint-ignore missing-relation -- never read\n"
        "code()\n"
    )
    findings = [finding(source, b"code"), finding(source, b"code", "missing-relation")]
    applied = apply(findings, {source.path: found}, lambda _: source)
    assert applied.kept == []
    assert applied.used == {(found[0], FK), (found[1], "missing-relation")}


def test_a_finding_about_a_comment_below_is_silenced() -> None:
    source, found = parse("// d1lint-ignore unused-justification -- soon\n// @native-sql: reason\ncode()\n")
    marker = finding(source, b"// @native-sql", "unused-justification")
    assert apply([marker], {source.path: found}, lambda _: source).silenced == [marker]


def test_the_whole_file_is_silenced_on_any_line() -> None:
    source, found = parse("first()\n// d1lint-ignore-file unindexed-foreign-key -- generated\nsecond()\n")
    findings = [finding(source, b"first"), finding(source, b"second")]
    assert apply(findings, {source.path: found}, lambda _: source).silenced == findings


# Judging


def unused(text: str, *, found: bytes = b"", off: frozenset[str] = frozenset()) -> Suppression:
    source, (suppression,) = parse(text)
    findings = [finding(source, found)] if found else []
    used = apply(findings, {source.path: (suppression,)}, lambda _: source).used
    return judged(suppression, used, REGISTRY, lambda rule, _: REGISTRY.is_built(rule) and rule not in off)


def test_each_name_that_silenced_nothing_is_unused() -> None:
    text = "// d1lint-ignore unindexed-foreign-key, missing-relation -- y\ncode()\n"
    assert unused(text, found=b"code").unused_names == ("missing-relation",)
    assert unused(text).unused_names == (FK, "missing-relation")


def test_a_rule_that_is_off_or_planned_is_not_called_unused() -> None:
    suppression = unused("// d1lint-ignore missing-relation, other-orm -- y\n", off=frozenset({"missing-relation"}))
    assert (suppression.unused_names, suppression.unknown_names) == ((), ())


def test_an_unknown_name_comes_with_the_nearest() -> None:
    suppression = unused("// d1lint-ignore unindexed-foreign-keys, xyzzy -- y\n")
    assert suppression.unknown_names == (Misnomer("unindexed-foreign-keys", FK), Misnomer("xyzzy", None))
    assert suppression.unused_names == ()
