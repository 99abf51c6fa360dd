from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from test_registry import install

from d1lint.config import Config, ConfigError
from d1lint.config_schema import PATH, config_schema, text
from d1lint.finding import Level
from d1lint.registry import Registry

REGISTRY = Registry.load()
FK = "unindexed-foreign-key"
Write = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Write:
    """Write the configuration of the root, and of folders below it, and load it."""

    def load(text: str | None = None, **nested: str) -> Config:
        if text is not None:
            (tmp_path / "d1lint.toml").write_text(text)
        paths = []
        for folder, content in nested.items():
            path = tmp_path / folder.replace("__", "/") / "d1lint.toml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            paths.append(path.relative_to(tmp_path).as_posix())
        return Config.load(tmp_path, REGISTRY, paths)

    return load


def problems(load: Write, text: str | None = None, **nested: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(text, **nested)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


# What holds


def test_without_a_file_recommended_holds(load: Write) -> None:
    config = load()
    assert config.root_setting(FK).level is Level.ERROR
    assert config.root_setting("unused-suppression").level is Level.WARNING
    assert config.setting(FK, "src/db/schema.ts") == config.root_setting(FK)
    assert config.exclude == ()
    recommended = REGISTRY.policy("recommended").settings()
    assert config.enabled_rules() == [name for name in REGISTRY.names() if name in recommended]


def test_a_file_that_says_nothing_of_presets_builds_on_recommended(load: Write) -> None:
    config = load('[rules]\nforeign-dialect = "note"\nmissing-relation = "off"\n')
    assert config.root_setting("foreign-dialect").level is Level.NOTE
    assert config.root_setting("missing-relation").level is None
    assert config.root_setting(FK).level is Level.ERROR
    assert "missing-relation" not in config.enabled_rules()


def test_no_presets_turn_nothing_on(load: Write) -> None:
    config = load('extends = []\n[rules]\nunindexed-foreign-key = "warning"\n')
    assert config.enabled_rules() == [FK]
    assert config.root_setting(FK).level is Level.WARNING


def test_a_planned_rule_is_accepted_and_is_off(load: Write) -> None:
    config = load('[rules]\nother-orm = "error"\nuntyped-kysely = { level = "error", both-sides = true }\n')
    assert config.root_setting("other-orm").level is None
    assert not config.enabled_anywhere("other-orm")


def test_the_last_preset_wins_over_those_that_all_build_on(load: Write) -> None:
    def importable_env(*presets: str) -> Any:
        options: Any = load(f"extends = {json.dumps(presets)}\n").root_setting("global-client").options
        return options.importable_env

    assert importable_env("recommended") == "warning"
    assert importable_env("hono-d1", "recommended") == "error"
    assert importable_env("hono-d1", "drizzle-kysely") == "error"
    assert importable_env("hono-d1", "schema-first") == "warning"


def test_options_stand_on_those_of_the_preset(load: Write) -> None:
    def setting(text: str) -> tuple[Level | None, Any]:
        found = load(text).root_setting("missing-relation")
        return found.level, getattr(found.options, "without_relations", None)

    assert setting("") == (Level.ERROR, "warning")
    assert setting('[rules]\nmissing-relation = "warning"\n') == (Level.WARNING, "warning")
    assert setting('[rules]\nmissing-relation = { without-relations = "off" }\n') == (Level.ERROR, "off")
    assert setting('[rules]\nmissing-relation = { level = "off", without-relations = "off" }\n') == (None, None)


def test_a_table_without_level_takes_the_rules_own(load: Write) -> None:
    config = load('extends = []\n[rules]\nmissing-relation = { without-relations = "off" }\n')
    assert config.root_setting("missing-relation").level is REGISTRY.get("missing-relation").level
    assert config.enabled_anywhere("missing-relation")


def test_overrides_hold_for_their_paths_and_the_last_wins(load: Write) -> None:
    config = load(
        '[[overrides]]\npaths = ["legacy/**", "*.old.ts"]\nrules = { unindexed-foreign-key = "note" }\n'
        '[[overrides]]\npaths = ["legacy/keep"]\nrules = { unindexed-foreign-key = "warning" }\n'
    )
    assert config.setting(FK, "src/schema.ts").level is Level.ERROR
    assert config.setting(FK, "legacy/schema.ts").level is Level.NOTE
    assert config.setting(FK, "src/deep/schema.old.ts").level is Level.NOTE
    assert config.setting(FK, "legacy/keep/schema.ts").level is Level.WARNING
    assert config.root_setting(FK).level is Level.ERROR


def test_an_override_can_turn_a_rule_on_that_is_off_elsewhere(load: Write) -> None:
    config = load('extends = []\n[[overrides]]\npaths = ["apps"]\n[overrides.rules]\nforeign-dialect = "error"\n')
    assert config.enabled_rules() == ["foreign-dialect"]
    assert config.root_setting("foreign-dialect").level is None
    assert config.setting("foreign-dialect", "apps/a.ts").level is Level.ERROR


def test_a_nested_file_stands_on_the_outer_ones(load: Write) -> None:
    config = load(
        '[rules]\nmissing-relation = "note"\n[[overrides]]\npaths = ["*.ts"]\nrules = { foreign-dialect = "note" }\n',
        apps__web='exclude = ["gen", "/out", "a/b", "!keep"]\n[rules]\nunindexed-foreign-key = "warning"\n',
        apps__web__db='[rules]\nunindexed-foreign-key = "off"\n',
    )
    assert config.setting(FK, "apps/web/a.ts").level is Level.WARNING
    assert config.setting("missing-relation", "apps/web/a.ts").level is Level.NOTE
    assert config.setting("foreign-dialect", "apps/web/a.ts").level is Level.NOTE
    assert config.setting(FK, "apps/web/db/a.ts").level is None
    assert config.setting(FK, "apps/website/a.ts").level is Level.ERROR
    assert config.exclude == ("/apps/web/**/gen", "/apps/web/out", "/apps/web/a/b", "!/apps/web/**/keep")


def test_extends_in_a_nested_file_starts_afresh(load: Write) -> None:
    config = load(
        '[rules]\nmissing-relation = "note"\n[[overrides]]\npaths = ["*.ts"]\nrules = { foreign-dialect = "note" }\n',
        web='extends = ["hono-d1"]\n',
        bare="extends = []\n",
    )
    assert config.setting("missing-relation", "web/a.ts").level is Level.ERROR
    assert config.setting("foreign-dialect", "web/a.ts").level is Level.ERROR
    assert config.setting(FK, "bare/a.ts").level is None
    assert config.setting("foreign-dialect", "a.ts").level is Level.NOTE


def test_overrides_of_a_nested_file_are_relative_to_its_folder(load: Write) -> None:
    config = load("", web='[[overrides]]\npaths = ["/db"]\nrules = { unindexed-foreign-key = "off" }\n')
    assert config.setting(FK, "web/db/a.ts").level is None
    assert config.setting(FK, "db/a.ts").level is Level.ERROR
    assert config.setting(FK, "web/src/db/a.ts").level is Level.ERROR


def test_excluded_folders_with_special_names(load: Write) -> None:
    config = load("", **{"[id]": 'exclude = ["gen"]\n'})
    assert config.exclude == ("/\\[id\\]/**/gen",)


def test_package_json_holds_a_configuration(load: Write, tmp_path: Path) -> None:
    package = {"name": "shop", "d1lint": {"extends": ["hono-d1"], "rules": {FK: "warning"}}}
    (tmp_path / "package.json").write_text(json.dumps(package, indent=2))
    config = load()
    assert config.root_setting(FK).level is Level.WARNING
    assert "package.json:8" in config.describe()


def test_a_package_json_without_the_key_is_no_configuration(load: Write, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"devDependencies": {"d1lint": "1"}}')
    assert "none, so the default holds" in load().describe()


def test_the_root_may_name_a_baseline(load: Write) -> None:
    assert load("").baseline is None
    config = load('baseline = "lint/known.json"\n')
    assert config.baseline == "lint/known.json"
    assert "Baseline       lint/known.json" in config.describe()


# What is wrong


@pytest.mark.parametrize(("value", "shown"), [("3", "3"), ('""', '""'), ('"./"', '"./"'), ("true", "true")])
def test_a_baseline_is_a_file(load: Write, value: str, shown: str) -> None:
    said = f"d1lint.toml:1: baseline: found {shown}, expected the path of a file."
    assert problems(load, f"baseline = {value}\n") == [said]


def test_a_folder_has_no_baseline_of_its_own(load: Write) -> None:
    [said] = problems(load, "", web='baseline = "known.json"\n')
    assert said.startswith("web/d1lint.toml:1: baseline: found a baseline of one folder")


def test_all_problems_at_once(load: Write) -> None:
    assert problems(
        load,
        'extend = ["hono-d1"]\n'
        'extends = ["hono"]\n'
        "exclude = [1]\n"
        "\n"
        "[rules]\n"
        'unindexed-foreign-keys = "error"\n'
        'foreign-dialect = "eror"\n'
        "global-client = 3\n"
        'missing-relation = { level = "error", without-relation = "off" }\n'
        '"unused-suppression" = { level = true, most = 3 }\n'
        "\n"
        "[[overrides]]\n"
        'paths = ["src"]\n'
        "[overrides.rules]\n"
        'missing-relation = { without-relations = "sometimes" }\n'
        "[[overrides]]\n"
        "paths = []\n"
        'path = "a"\n',
    ) == [
        "d1lint.toml:1: extend: found an unknown key, expected extends, exclude, baseline, rules or overrides;"
        " did you mean extends?",
        'd1lint.toml:2: extends[0]: found "hono", expected "recommended", "data-layer", "drizzle-kysely",'
        ' "drizzle-schema", "hono-d1" or "schema-first"; did you mean hono-d1?',
        "d1lint.toml:3: exclude: found a list, expected a list of strings.",
        "d1lint.toml:6: rules.unindexed-foreign-keys: found an unknown rule, expected one that `d1lint rules`"
        " or a policy lists; did you mean unindexed-foreign-key?",
        'd1lint.toml:7: rules.foreign-dialect: found "eror", expected "error", "warning", "note" or "off";'
        " did you mean error?",
        'd1lint.toml:8: rules.global-client: found 3, expected "error", "warning", "note" or "off", or a table with'
        " level and options.",
        "d1lint.toml:9: rules.missing-relation.without-relation: found an unknown option, expected level or"
        " without-relations; did you mean without-relations?",
        'd1lint.toml:10: rules.unused-suppression.level: found true, expected "error", "warning", "note" or "off".',
        "d1lint.toml:10: rules.unused-suppression.most: found an unknown option, expected level alone, as the rule"
        " has no options.",
        'd1lint.toml:15: overrides[0].rules.missing-relation.without-relations: found "sometimes", expected "error",'
        ' "warning" or "off".',
        "d1lint.toml:16: overrides[1]: found no rules, expected paths and rules.",
        "d1lint.toml:18: overrides[1].path: found an unknown key, expected paths or rules; did you mean paths?",
        "d1lint.toml:17: overrides[1].paths: found no pattern, expected at least one.",
    ]


def test_a_rule_without_options_takes_none(load: Write) -> None:
    assert problems(load, "[rules.foreign-dialect]\nlevel = 'error'\nmost = 3\n") == [
        "d1lint.toml:3: rules.foreign-dialect.most: found an unknown option, expected level alone, as the rule has no"
        " options."
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"rules = \n", "d1lint.toml:1: found invalid TOML (invalid value), expected a TOML document."),
        (b"\n\n[rules\n", "d1lint.toml:3: found invalid TOML (expected ']' at the end of a table declaration),"),
        (b'[rules]\nx = "\xff"\n', "d1lint.toml:2: found bytes that are not UTF-8, expected a UTF-8 file."),
        (b"exclude = " + b"[" * 3000, "d1lint.toml: found values nested too deeply, expected a TOML document."),
        (b"rules = 3\n", "d1lint.toml:1: rules: found 3, expected a table of rules."),
        (
            b"overrides = {}\n",
            "d1lint.toml:1: overrides: found a table, expected a list of tables with paths and rules.",
        ),
        (b'overrides = ["a"]\n', 'd1lint.toml:1: overrides[0]: found "a", expected a table with paths and rules.'),
        (b'exclude = ["[z-a]"]\n', 'd1lint.toml:1: exclude[0]: found "[z-a]", expected a pattern as in .gitignore.'),
    ],
)
def test_files_that_cannot_be_used(load: Write, tmp_path: Path, content: bytes, problem: str) -> None:
    (tmp_path / "d1lint.toml").write_bytes(content)
    (found,) = problems(load)
    assert found.startswith(problem)


def test_a_byte_order_mark_and_crlf_do_no_harm(load: Write, tmp_path: Path) -> None:
    (tmp_path / "d1lint.toml").write_bytes(b'\xef\xbb\xbf[rules]\r\nforeign-dialect = "note"\r\n')
    assert load().root_setting("foreign-dialect").level is Level.NOTE


def test_an_unreadable_file(load: Write, tmp_path: Path) -> None:
    (tmp_path / "d1lint.toml").mkdir()
    assert problems(load) == ["d1lint.toml: found Is a directory, expected a file that can be read."]


def test_problems_of_nested_files_come_along(load: Write) -> None:
    assert problems(load, "rulez = 3\n", apps__web="[rules]\nforeign-dialekt = 'error'\n") == [
        "d1lint.toml:1: rulez: found an unknown key, expected extends, exclude, baseline, rules or overrides;"
        " did you mean rules?",
        "apps/web/d1lint.toml:2: rules.foreign-dialekt: found an unknown rule, expected one that `d1lint rules` or a"
        " policy lists; did you mean foreign-dialect?",
    ]


def test_problems_in_package_json(load: Write, tmp_path: Path) -> None:
    package = {"d1lint": {"rules": {FK: {"level": "eror"}}}, "rules": {}}
    (tmp_path / "package.json").write_text(json.dumps(package, indent=2))
    assert problems(load) == [
        'package.json:5: d1lint.rules.unindexed-foreign-key.level: found "eror", expected "error", "warning", "note" or'
        ' "off"; did you mean error?'
    ]
    (tmp_path / "package.json").write_text('{"d1lint": 3}')
    assert problems(load) == ["package.json:1: d1lint: found 3, expected a table."]
    (tmp_path / "package.json").write_text('{\n"d1lint": {"rules": {}\n')
    (found,) = problems(load)
    assert found.startswith("package.json:") and "invalid JSON" in found


def test_two_configurations_in_one_folder(load: Write, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{\n  "d1lint": {}\n}')
    assert problems(load, "") == [
        "package.json:2: d1lint: found a second configuration beside d1lint.toml, expected one."
    ]


def test_a_chosen_file_takes_the_place_of_the_roots(load: Write, tmp_path: Path) -> None:
    load('[rules]\nglobal-client = "off"\n', packages__api='[rules]\nforeign-dialect = "note"\n')
    chosen = tmp_path.parent / "house" / "policy.toml"
    chosen.parent.mkdir(exist_ok=True)
    chosen.write_text(
        f'baseline = "known.json"\n[rules]\n{FK} = "note"\n[[overrides]]\npaths = ["src/db"]\nrules.{FK} = "off"\n'
    )
    config = Config.load(tmp_path, REGISTRY, ["packages/api/d1lint.toml"], chosen=chosen)
    # It is relative to the root, not to its own folder, and what is below the root stands on it.
    assert config.setting(FK, "src/a.ts").level is Level.NOTE and config.setting(FK, "src/db/a.ts").level is None
    assert config.setting("global-client", "src/a.ts").level is Level.ERROR
    assert config.setting("foreign-dialect", "packages/api/a.ts").level is Level.NOTE
    assert config.setting(FK, "packages/api/a.ts").level is Level.NOTE
    assert config.baseline == "known.json" and f"{chosen.as_posix()}:3" in config.describe()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "found No such file or directory, expected"),
        ('extend = ["hono-d1"]\n', "1: extend: found an unknown key"),
    ],
)
def test_a_chosen_file_that_can_not_be_used(tmp_path: Path, content: str | None, problem: str) -> None:
    chosen = tmp_path / "policy.toml"
    if content is not None:
        chosen.write_text(content)
    with pytest.raises(ConfigError) as caught:
        Config.load(tmp_path, REGISTRY, chosen=chosen)
    assert str(caught.value).startswith(f"{chosen.as_posix()}:") and problem in str(caught.value)


def test_a_rule_of_an_installed_distribution(load: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site"
    installed.mkdir()
    install(installed, "config_rules", "lonely-table = config_rules:lonely_table")
    monkeypatch.syspath_prepend(installed)
    registry = Registry.load()
    (tmp_path / "d1lint.toml").write_text("[rules]\nlonely-table = { most = 5 }\n")
    setting = Config.load(tmp_path, registry).root_setting("lonely-table")
    assert (setting.level, getattr(setting.options, "most", None)) == (Level.WARNING, 5)
    (tmp_path / "d1lint.toml").write_text('[rules]\nlonely-table = { most = "5" }\n')
    with pytest.raises(ConfigError, match=r'lonely-table\.most: found "5", expected a whole number\.'):
        Config.load(tmp_path, registry)


def test_a_rule_that_does_not_load(load: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed = tmp_path / "site"
    installed.mkdir()
    install(installed, "torn_rules", "torn-table = torn_rules:torn_table", "raise OSError('no')")
    monkeypatch.syspath_prepend(installed)
    (tmp_path / "d1lint.toml").write_text('[rules]\ntorn-table = "error"\n')
    with pytest.raises(
        ConfigError, match=r"^d1lint\.toml:2: rules\.torn-table: found torn_rules:torn_table does not load"
    ):
        Config.load(tmp_path, Registry.load())


# What is printed and published


def test_describe_tells_where_each_setting_comes_from(load: Write) -> None:
    text = load(
        'extends = ["hono-d1"]\n[rules]\nglobal-client = "warning"\nforeign-dialect = "off"\n'
        '[[overrides]]\npaths = ["legacy"]\nrules = { unindexed-foreign-key = "note" }\n',
        apps__web='[rules]\nmissing-relation = { without-relations = "off" }\n',
    ).describe()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[:3] == ["Configuration d1lint.toml", "Presets hono-d1", "Excluded nothing beyond the ignore files"]
    at = lines.index("global-client warning d1lint.toml:3")
    assert lines[at + 1] == 'importable-env = "error" hono-d1 HD-2'
    assert "foreign-dialect off d1lint.toml:4" in lines
    assert "unindexed-foreign-key error hono-d1 HD-16" in lines
    assert lines[lines.index("For legacy (d1lint.toml:5)") + 1] == "unindexed-foreign-key note d1lint.toml:7"
    at = lines.index("In apps/web/ (apps/web/d1lint.toml)")
    assert lines[at + 1 : at + 3] == [
        "missing-relation error hono-d1 HD-7",
        'without-relations = "off" apps/web/d1lint.toml:2',
    ]


def test_the_published_schema_is_up_to_date() -> None:
    assert PATH.read_text(encoding="utf-8") == text(REGISTRY), "run python -m d1lint.config_schema"


@pytest.mark.parametrize(
    ("config", "valid"),
    [
        ({}, True),
        ({"extends": ["hono-d1"], "exclude": ["gen"], "rules": {FK: "off", "d1-transaction": "error"}}, True),
        ({"rules": {"missing-relation": {"level": "error", "without-relations": "off"}, "acme-rule": "note"}}, True),
        ({"overrides": [{"paths": ["a"], "rules": {FK: {"level": "note"}}}]}, True),
        ({"extends": ["hono"]}, False),
        ({"rulez": {}}, False),
        ({"rules": {FK: "eror"}}, False),
        ({"rules": {FK: {"most": 3}}}, False),
        ({"rules": {"missing-relation": {"without-relations": "sometimes"}}}, False),
        ({"overrides": [{"paths": []}]}, False),
    ],
)
def test_the_schema_accepts_what_is_right_alone(config: dict[str, Any], valid: bool) -> None:
    schema = config_schema(REGISTRY)
    jsonschema.Draft7Validator.check_schema(schema)
    assert jsonschema.Draft7Validator(schema).is_valid(config) is valid
