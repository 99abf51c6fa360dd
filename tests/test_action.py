"""The GitHub action: audited, checked, and its steps executed as a runner does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from action_runner import Job, Outcome, run
from git_repository import BREACHES, REPOSITORY, SCHEMA, UNINDEXED, Repository, copy_of_this_repository

ROOT = Path(__file__).parent.parent
ACTION = ROOT / "action.yml"
WORKFLOW = ROOT / ".github" / "workflows" / "action.yml"
SQL_FILE, SQL_BREACH = BREACHES["unjustified-native-sql"]


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]
    return found


def test_zizmor_has_nothing_to_say() -> None:
    zizmor = str(Path(sys.executable).with_name("zizmor"))
    command = [zizmor, "--offline", "--persona=pedantic", str(ACTION), str(WORKFLOW)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(("file", "kind"), [(ACTION, "actions"), (WORKFLOW, "workflows")])
def test_they_follow_their_schemas(file: Path, kind: str) -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", f"vendor.github-{kind}", str(file)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_expression_is_in_a_script_and_every_action_is_pinned() -> None:
    for step in steps():
        assert "${{" not in step.get("run", "")
        assert "uses" not in step or re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
        assert "run" not in step or step["shell"] == "bash"


def test_the_readme_shows_workflows_that_hold_and_names_every_input_and_output(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    for schema, mark in (("vendor.github-workflows", "uses: d1lint/d1lint@"), ("vendor.gitlab-ci", "codequality:")):
        [workflow] = [block for block in shown if mark in block]
        file = tmp_path / "workflow.yml"
        file.write_text(workflow, encoding="utf-8")
        command = ["-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    in_ci = readme[readme.index("### GitHub\n") : readme.index("### GitLab")]
    assert [name for name in (*action["inputs"], *action["outputs"]) if f"`{name}`" not in in_ci] == []


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The action as a runner has it: a checkout of this repository, and beside it one folder for temporary files."""
    folder = tmp_path_factory.mktemp("action")
    copy_of_this_repository(folder / "d1lint")
    (folder / "temp").mkdir()
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """The sample, committed: the base of every change here."""
    made = Repository(tmp_path / "shop")
    made.root.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    made.commit(REPOSITORY)
    return made


def job(action: Path, repository: Repository, **options: Any) -> Job:
    return Job(action / "d1lint", repository.root, action / "temp", **options)


def sarif(outcome: Outcome) -> Any:
    return json.loads(Path(outcome.outputs["sarif-file"]).read_text(encoding="utf-8"))["runs"][0]


def rules(outcome: Outcome) -> list[str]:
    return [each["ruleId"] for each in sarif(outcome)["results"]]


def annotations(outcome: Outcome) -> list[str]:
    """The rule and the file of each annotation."""
    return [f"{m[1]} {m[2]}" for m in re.finditer(r"^::\w+ title=([^,:]+),file=([^,:]+)", outcome.log, re.MULTILINE)]


def test_a_clean_repository(action: Path, shop: Repository) -> None:
    outcome = run(job(action, shop))
    assert not outcome.failed, outcome.log
    assert annotations(outcome) == []
    assert {name: outcome.outputs[name] for name in ("exit-code", "errors", "warnings")} == {
        "exit-code": "0",
        "errors": "0",
        "warnings": "0",
    }
    assert outcome.summary.startswith("### d1lint: No findings\n")
    assert outcome.uploads == [{"sarif_file": outcome.outputs["sarif-file"]}]
    assert rules(outcome) == [] and sarif(outcome)["automationDetails"] == {"id": "d1lint/"}


def test_findings_are_reported_everywhere_and_fail_at_the_end(action: Path, shop: Repository) -> None:
    shop.write({SQL_FILE: SQL_BREACH})
    outcome = run(job(action, shop), sarif_file="reports/d1lint.sarif")
    assert outcome.failed and annotations(outcome) == [f"unjustified-native-sql {SQL_FILE}"]
    assert (outcome.outputs["exit-code"], outcome.outputs["errors"], outcome.outputs["warnings"]) == ("1", "1", "0")
    assert "| [`unjustified-native-sql`](https://" in outcome.summary
    assert outcome.uploads == [{"sarif_file": str(shop.root / "reports" / "d1lint.sarif")}]
    assert rules(outcome) == ["unjustified-native-sql"]
    report = json.loads(Path(outcome.outputs["report-json"]).read_text(encoding="utf-8"))
    assert report["findings"][0]["rule"] == "unjustified-native-sql"


def test_what_is_asked_for_is_done(action: Path, shop: Repository) -> None:
    shop.write({SQL_FILE: SQL_BREACH, "src/db/schema.ts": UNINDEXED})
    outcome = run(
        job(action, shop),
        paths="src/db\n\n",
        fail_on="never",
        format="concise",
        args="--statistics\n",
        summary="false",
        upload_sarif="false",
    )
    assert not outcome.failed and outcome.outputs["exit-code"] == "0"
    assert (
        "src/db/schema.ts:5:51: error unindexed-foreign-key" in outcome.log and "suppressed  baselined" in outcome.log
    )
    assert SQL_FILE not in outcome.log and outcome.summary == "" and outcome.uploads == []


def test_a_configuration_that_is_wrong(action: Path, shop: Repository) -> None:
    shop.write({"d1lint.toml": 'extends = ["recommendet"]\n'})
    outcome = run(job(action, shop))
    assert outcome.failed and outcome.outputs["exit-code"] == "2"
    assert re.search(r"^::error title=d1lint could not run,.*::.*recommendet.*recommended", outcome.log, re.MULTILINE)
    assert re.search(r"^::error title=d1lint could not run,file=d1lint\.toml,line=1::", outcome.log, re.MULTILINE)
    assert outcome.summary.startswith("### d1lint could not run\n") and "recommendet" in outcome.summary
    assert outcome.outputs["errors"] == "" and outcome.uploads == []
    assert sarif(outcome)["invocations"][0]["executionSuccessful"] is False


def test_another_configuration_and_baseline(action: Path, shop: Repository) -> None:
    shop.write({SQL_FILE: SQL_BREACH, "lint/policy.toml": '[rules]\nunjustified-native-sql = "note"\n'})
    outcome = run(job(action, shop), config="lint/policy.toml")
    assert not outcome.failed and f"::notice title=unjustified-native-sql,file={SQL_FILE}" in outcome.log
    outcome = run(job(action, shop), baseline="lint/known.json")
    assert outcome.failed and "::error title=d1lint could not run::there is no baseline" in outcome.log


def test_a_folder_and_an_option_that_there_are_not(action: Path, shop: Repository) -> None:
    for only_changed in ("false", "true"):
        outcome = run(job(action, shop), working_directory="apps/web", only_changed=only_changed, diff_base="main")
        assert outcome.failed and "::error title=d1lint::The input working-directory is no folder." in outcome.log
    outcome = run(job(action, shop), args="--no-such-option")
    assert outcome.failed and outcome.outputs["exit-code"] == "2" and "could not run" in outcome.summary
    assert re.search(r"^::error title=d1lint could not run::.*--no-such-option", outcome.log, re.MULTILINE)


def test_a_configuration_that_is_wrong_is_annotated_whatever_the_format(action: Path, shop: Repository) -> None:
    shop.write({"d1lint.toml": 'extends = ["recommendet"]\n'})
    outcome = run(job(action, shop), format="text")
    assert re.search(r"^::error title=d1lint could not run,file=d1lint\.toml,line=1::", outcome.log, re.MULTILINE)


def test_changes_where_there_is_no_git(action: Path, shop: Repository) -> None:
    shutil.rmtree(shop.root / ".git")
    outcome = run(job(action, shop, **pull_request("acme/shop", "0a" * 20)), only_changed="true")
    assert outcome.failed and outcome.outputs["exit-code"] == "2"
    assert re.search(r"^::error title=d1lint could not run::.*is in no git repository", outcome.log, re.MULTILINE)


def test_each_use_in_a_job_has_reports_of_its_own(action: Path, shop: Repository) -> None:
    clean = run(job(action, shop))
    shop.write({SQL_FILE: SQL_BREACH})
    broken = run(job(action, shop), category="again")
    assert rules(clean) == [] and rules(broken) == ["unjustified-native-sql"]
    assert clean.outputs["report-json"] != broken.outputs["report-json"]


def pull_request(repository: str | None, base: str = "") -> dict[str, Any]:
    head = {"repo": {"full_name": repository} if repository else None}
    return {"event_name": "pull_request", "event": {"pull_request": {"base": {"sha": base}, "head": head}}}


@pytest.mark.parametrize(("repository", "uploads"), [("acme/shop", 1), ("someone/shop", 0), (None, 0)])
def test_a_pull_request_from_a_fork_is_annotated_and_not_uploaded(
    action: Path, shop: Repository, repository: str | None, uploads: int
) -> None:
    shop.write({SQL_FILE: SQL_BREACH})
    outcome = run(job(action, shop, **pull_request(repository)))
    assert outcome.failed and annotations(outcome) == [f"unjustified-native-sql {SQL_FILE}"]
    assert len(outcome.uploads) == uploads


def test_an_upload_that_fails_hides_nothing(action: Path, shop: Repository) -> None:
    assert not run(job(action, shop, can_upload=False)).failed
    shop.write({SQL_FILE: SQL_BREACH})
    outcome = run(job(action, shop, can_upload=False))
    assert outcome.uploads and outcome.failed and outcome.outputs["exit-code"] == "1"


def test_projects_of_one_repository_have_their_own_categories(action: Path, shop: Repository) -> None:
    for name in ("web", "api"):
        shop.write({f"apps/{name}/{file}": content for file, content in REPOSITORY.items()})
        shop.write({f"apps/{name}/d1lint.toml": "", f"apps/{name}/{SQL_FILE}": SQL_BREACH})
    ids = []
    for inputs in (
        {"working_directory": "apps/web"},
        {"working_directory": "apps/api"},
        {"working_directory": "apps/api", "category": "orders/"},
    ):
        outcome = run(job(action, shop), **inputs)
        assert annotations(outcome) == [f"unjustified-native-sql {inputs['working_directory']}/{SQL_FILE}"]
        [result] = sarif(outcome)["results"]
        place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert place == f"{inputs['working_directory']}/{SQL_FILE}"
        ids.append(sarif(outcome)["automationDetails"]["id"])
    assert ids == ["d1lint/apps/web/", "d1lint/apps/api/", "orders/"]


def cloned(shop: Repository, name: str, depth: int) -> Repository:
    """A shallow clone, as actions/checkout makes it."""
    shop.git("clone", "--quiet", "--depth", str(depth), f"file://{shop.root}", str(shop.root.with_name(name)))
    return Repository(shop.root.with_name(name))


def changed(shop: Repository) -> str:
    """Commit a breach, the base, then 60 commits, the last of which brings another; the base."""
    shop.commit({SQL_FILE: SQL_BREACH})
    base = shop.git("rev-parse", "HEAD").strip()
    for number in range(59):
        shop.git("commit", "--quiet", "--allow-empty", "--message", f"{number}")
    shop.commit({"src/db/schema.ts": UNINDEXED})
    return base


@pytest.mark.parametrize("event", ["pull_request", "merge_group", "push", "input"])
def test_only_what_has_changed_fails_and_the_report_is_whole(action: Path, shop: Repository, event: str) -> None:
    base = changed(shop)
    shop.git("branch", "old", base)
    options, inputs = {
        "pull_request": (pull_request("acme/shop", base), {}),
        "merge_group": ({"event_name": "merge_group", "event": {"merge_group": {"base_sha": base}}}, {}),
        "push": ({"event": {"before": base}}, {}),
        "input": ({"event": {"before": "0" * 40}}, {"diff_base": "old"}),
    }[event]
    outcome = run(job(action, cloned(shop, "clone", 1), **options), only_changed="true", **inputs)
    assert annotations(outcome) == ["unindexed-foreign-key src/db/schema.ts"], outcome.log
    assert outcome.failed and outcome.outputs["errors"] == "1"
    assert sorted(rules(outcome)) == ["unindexed-foreign-key", "unjustified-native-sql"]
    assert len(outcome.uploads) == 1


def test_nothing_new_is_clean(action: Path, shop: Repository) -> None:
    shop.commit({SQL_FILE: SQL_BREACH})
    base = shop.git("rev-parse", "HEAD").strip()
    shop.commit({"src/db/schema.ts": f"// reviewed\n{SCHEMA}"})
    outcome = run(job(action, cloned(shop, "clone", 1), **pull_request("acme/shop", base)), only_changed="true")
    assert not outcome.failed and rules(outcome) == ["unjustified-native-sql"]


def test_the_first_push_of_a_branch_has_no_base(action: Path, shop: Repository) -> None:
    shop.write({SQL_FILE: SQL_BREACH})
    outcome = run(job(action, shop, event={"before": "0" * 40}), only_changed="true")
    assert "::notice title=d1lint::There is no base" in outcome.log
    assert outcome.failed and outcome.outputs["errors"] == "1"


def test_a_clone_that_can_not_be_deepened_is_told_how(action: Path, shop: Repository) -> None:
    base = changed(shop)
    clone = cloned(shop, "clone", 1)
    clone.git("remote", "remove", "origin")
    outcome = run(job(action, clone, **pull_request("acme/shop", base)), only_changed="true")
    assert outcome.failed and outcome.outputs["exit-code"] == "2" and outcome.uploads == []
    assert re.search(r"^::error title=d1lint could not run::.*shallow.*fetch-depth: 0", outcome.log, re.MULTILINE)


def test_inputs_are_never_code(action: Path, shop: Repository) -> None:
    evil = '"; touch pwned; $(touch pwned) `touch pwned` #'
    for inputs in ({"paths": evil}, {"category": evil}, {"fail_on": evil}, {"version": evil}, {"args": evil}):
        run(job(action, shop), **inputs)
    for inputs in ({"diff_base": evil}, {"diff_base": "--upload-pack=touch pwned"}):
        run(job(action, shop), only_changed="true", **inputs)
    assert not (shop.root / "pwned").exists()


def test_what_is_installed_is_what_the_lock_says(
    action: Path, shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the index and, without any, from the cache, whose content is not trusted, either."""
    jobs = []
    for name in ("first", "second", "third"):
        (tmp_path / name).mkdir()
        jobs.append(Job(action / "d1lint", shop.root, tmp_path / name, cache=tmp_path / "cache"))
    assert not run(jobs[0]).failed
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    [kept] = (tmp_path / "cache").iterdir()
    wheels = sorted(kept.iterdir())
    assert {wheel.suffix for wheel in wheels} == {".whl"} and len(wheels) == len(LOCKED)
    assert not run(jobs[1]).failed
    wheels[0].write_bytes(b"of somebody else")
    refused = run(jobs[2])
    assert (
        refused.failed
        and "::error title=d1lint::The packages that d1lint needs could not be downloaded." in refused.log
    )


LOCKED = dict(re.findall(r"^([\w-]+)==(\S+) \\$", (ROOT / "action/requirements.txt").read_text(), re.MULTILINE))


def test_the_lock_holds_what_the_package_needs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for needed in (*project["project"]["dependencies"], *project["build-system"]["requires"]):
        name, _, least = needed.partition(">=")
        assert _version(LOCKED[name]) >= _version(least), needed


def _version(text: str) -> list[int]:
    return [int(part) for part in text.split(".")]


def test_a_version_that_there_is_not(action: Path, shop: Repository, tmp_path: Path) -> None:
    outcome = run(Job(action / "d1lint", shop.root, tmp_path, server=f"file://{tmp_path}"), version="v9.9.9")
    assert outcome.failed and "::error title=d1lint::The input version is no tag and no full commit of" in outcome.log


def test_another_version_is_installed_from_git(action: Path, shop: Repository, tmp_path: Path) -> None:
    source = Repository(tmp_path / "d1lint" / "d1lint")
    shutil.copytree(action / "d1lint", source.root)
    version = source.root / "d1lint" / "__init__.py"
    version.write_text(re.sub(r'"\d+\.\d+\.\d+"', '"0.0.99"', version.read_text(encoding="utf-8")), encoding="utf-8")
    source.git("init", "--quiet")
    source.git("add", "--all")
    source.git("commit", "--quiet", "--message", "Another")
    source.git("tag", "v0.0.99")
    temp = tmp_path / "temp"
    temp.mkdir()
    there = Job(action / "d1lint", shop.root, temp, server=f"file://{tmp_path}")
    outcome = run(there, version="v0.0.99")
    assert not outcome.failed, outcome.log
    assert sarif(outcome)["tool"]["driver"]["semanticVersion"] == "0.0.99"
    refused = run(there, version="v0.0.99 --pre")
    assert refused.failed and "The input version is no tag or commit." in refused.log and not refused.uploads
