from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from d1lint.registry import BrokenRule, Registry, UnknownName
from d1lint.rule import Rule

MODULE = """
from dataclasses import dataclass
from d1lint.rule import rule


@dataclass(frozen=True)
class Options:
    most: int = 3


@rule(on=str, level="warning", clauses=(), since="1.0", options=Options)
def lonely_table(table, project):
    \"\"\"A table that nothing refers to.\"\"\"
    yield from ()
"""


def install(folder: Path, name: str, entry_points: str, module: str = MODULE) -> None:
    """Put a distribution with rules into a folder, as an installer does."""
    (folder / f"{name}.py").write_text(module)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[d1lint.rules]\n{entry_points}\n")


@pytest.fixture
def registry() -> Registry:
    return Registry.load()


def test_every_built_in_name_is_a_rule_of_that_name(registry: Registry) -> None:
    assert registry.names() == sorted(registry.names())
    for name in registry.names():
        rule = registry.get(name)
        assert isinstance(rule, Rule)
        assert rule.name == name


def test_the_catalogue_holds_built_and_planned_rules(registry: Registry) -> None:
    assert {"unindexed-foreign-key", "other-orm", "kysely-simple-crud"} <= registry.catalogue
    assert set(registry.names()) <= registry.catalogue
    assert registry.knows("other-orm")
    assert not registry.is_built("other-orm")
    assert not registry.knows("no-such-rule")


def test_the_nearest_name(registry: Registry) -> None:
    assert registry.nearest("unindexed-foreign-keys") == "unindexed-foreign-key"
    assert registry.nearest("other-orms") == "other-orm"
    assert registry.nearest("xyzzy") is None


def test_an_unknown_rule_or_policy_names_the_nearest(registry: Registry) -> None:
    with pytest.raises(UnknownName, match=r"There is no rule missing-relations; did you mean missing-relation\?"):
        registry.get("missing-relations")
    with pytest.raises(UnknownName, match=r"There is no policy hono; did you mean hono-d1\?"):
        registry.policy("hono")
    with pytest.raises(UnknownName, match=r"There is no rule xyzzy; nothing is named like it\."):
        registry.get("xyzzy")


def test_presets_come_once_and_after_what_they_build_on(registry: Registry) -> None:
    def names(*given: str) -> list[str]:
        return [policy.name for policy in registry.presets(given)]

    assert names("hono-d1") == ["recommended", "hono-d1"]
    assert names("schema-first", "recommended", "hono-d1") == ["recommended", "schema-first", "hono-d1"]
    assert names() == []


def test_a_rule_of_an_installed_distribution(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> None:
    install(tmp_path, "acme_rules", "lonely-table = acme_rules:lonely_table")
    monkeypatch.syspath_prepend(tmp_path)
    assert registry.knows("lonely-table")
    assert registry.is_built("lonely-table")
    assert registry.get("lonely-table").summary == "A table that nothing refers to."
    assert "lonely-table" not in registry.names()
    assert registry.nearest("lonely-tables") == "lonely-table"


def test_a_distribution_does_not_replace_a_rule_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> None:
    install(tmp_path, "bold_rules", "other-orm = bold_rules:lonely_table")
    monkeypatch.syspath_prepend(tmp_path)
    assert "other-orm" in registry.third_party
    assert not registry.is_built("other-orm")


def test_the_linted_repository_adds_no_rule(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> None:
    install(tmp_path, "sly_rules", "lonely-table = sly_rules:lonely_table")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(Path.cwd())
    assert not registry.knows("lonely-table")


@pytest.mark.parametrize(
    ("name", "entry", "module", "reason"),
    [
        ("broken_a", "lonely-table = broken_a:lonely_table", "import no_such_module", "ModuleNotFoundError"),
        ("broken_b", "lonely-table = broken_b:lonely_table", "lonely_table = 3", "is not a d1lint rule"),
        (
            "broken_c",
            "table-alone = broken_c:lonely_table",
            MODULE,
            "is named lonely-table, its entry point table-alone",
        ),
    ],
)
def test_a_rule_that_does_not_load_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registry: Registry, name: str, entry: str, module: str, reason: str
) -> None:
    install(tmp_path, name, entry, module)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(BrokenRule, match=reason):
        registry.get(entry.partition(" ")[0])


def test_loading_imports_no_rule_and_asks_no_distribution() -> None:
    code = (
        "import sys\n"
        "from d1lint.registry import Registry\n"
        "registry = Registry.load()\n"
        "assert registry.knows('missing-relation') and registry.catalogue\n"
        "late = [m for m in sys.modules if m.startswith('d1lint_rules.') or m == 'importlib.metadata']\n"
        "assert not late, late\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
