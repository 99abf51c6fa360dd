"""The steps of a composite action, executed as GitHub's runner does: its expressions, environment and files."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_TOKEN = re.compile(r"\s*('(?:[^']|'')*'|\|\||&&|==|!=|!|\(|\)|[\w.-]+)")
_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


@dataclass
class Job:
    """Where and why a job runs.

    `event` is the payload; `can_upload` is False on a server without code scanning; `cache` is the folder of the
    caches, None on a server that has none.
    """

    action: Path
    workspace: Path
    temp: Path
    event_name: str = "push"
    event: dict[str, Any] = field(default_factory=dict)
    repository: str = "acme/shop"
    server: str = "https://github.com"
    can_upload: bool = True
    cache: Path | None = None


@dataclass
class Outcome:
    """What became of a job: whether it failed, its log and summary, the action's outputs, what was uploaded."""

    failed: bool
    log: str
    summary: str
    outputs: dict[str, str]
    uploads: list[dict[str, str]]


def run(job: Job, **inputs: str) -> Outcome:
    """Run the action with inputs, given with underscores for hyphens."""
    action = yaml.safe_load((job.action / "action.yml").read_text(encoding="utf-8"))
    given = {name.replace("_", "-"): value for name, value in inputs.items()}
    assert not given.keys() - action["inputs"].keys()
    steps: dict[str, dict[str, Any]] = {}
    context: dict[str, Any] = {
        "inputs": {name: given.get(name, declared.get("default", "")) for name, declared in action["inputs"].items()},
        "github": {
            "event": job.event,
            "server_url": job.server,
            "action_repository": "d1lint/d1lint",
            "repository": job.repository,
        },
        "runner": {"os": platform.system(), "arch": platform.machine()},
        "steps": steps,
    }
    files = {name: job.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_ENV")}
    files["GITHUB_STEP_SUMMARY"].write_text("")
    failed, log, uploads = False, "", []
    for step in action["runs"]["steps"]:
        wanted = step.get("if", "success()")
        if not _value(wanted, {**context, "success": not failed}) or (failed and "always()" not in wanted):
            continue
        files["GITHUB_OUTPUT"].write_text("")
        if "uses" in step:
            asked = {name: _filled(str(value), context) for name, value in step["with"].items()}
            if "upload-sarif@" in step["uses"]:
                uploads.append(asked)
            outputs, code = _action(job, step["uses"].partition("@")[0], asked)
        else:
            environment = {name: _filled(str(value), context) for name, value in step["env"].items()}
            code, said = _script(job, step, environment, files)
            log += said
            outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        if "id" in step:
            steps[step["id"]] = {"outputs": outputs}
        failed = failed or (code != 0 and not step.get("continue-on-error"))
    outputs = {name: _filled(declared["value"], context) for name, declared in action["outputs"].items()}
    return Outcome(failed, log, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"), outputs, uploads)


def _action(job: Job, name: str, asked: dict[str, str]) -> tuple[dict[str, str], int]:
    """The outputs and the exit code of an action, as far as this one asks for what it does."""
    if name == "actions/setup-python":
        return {"python-path": sys.executable, "python-version": platform.python_version()}, 0
    if name == "github/codeql-action/upload-sarif":
        return {}, 0 if job.can_upload else 1
    if job.cache is None:
        return {}, 1
    kept = job.cache / asked["key"]
    if name == "actions/cache/save":
        shutil.copytree(asked["path"], kept)
        return {}, 0
    assert name == "actions/cache/restore"
    if kept.exists():
        shutil.copytree(kept, asked["path"], dirs_exist_ok=True)
    return {"cache-hit": "true" if kept.exists() else "false", "cache-primary-key": asked["key"]}, 0


def _script(job: Job, step: dict[str, Any], environment: dict[str, str], files: dict[str, Path]) -> tuple[int, str]:
    assert step["shell"] == "bash"
    script = job.temp / "step.sh"
    script.write_text(step["run"], encoding="utf-8")
    kept = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
        cwd=job.workspace,
        env={
            **{name: value for name, value in os.environ.items() if name in kept or name.startswith("PIP_")},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(job.action),
            "GITHUB_EVENT_NAME": job.event_name,
            "GITHUB_REPOSITORY": job.repository,
            "GITHUB_WORKSPACE": str(job.workspace),
            "RUNNER_TEMP": str(job.temp),
            **{name: str(path) for name, path in files.items()},
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def _filled(text: str, context: dict[str, Any]) -> str:
    return _EXPRESSION.sub(lambda match: _shown(_value(match[1], context)), text)


def _shown(value: Any) -> str:
    return "" if value is None or value is False else "true" if value is True else str(value)


def _value(expression: str, context: dict[str, Any]) -> Any:
    """The value of an expression: `||`, `&&`, `==`, `!=`, `!`, strings, contexts, and the functions about status."""
    tokens = _TOKEN.findall(expression)
    assert "".join(tokens) == re.sub(r"\s+", "", expression), expression

    def either() -> Any:
        left = both()
        while tokens and tokens[0] == "||":
            tokens.pop(0)
            right = both()
            left = left or right
        return left

    def both() -> Any:
        left = equal()
        while tokens and tokens[0] == "&&":
            tokens.pop(0)
            right = equal()
            left = left and right
        return left

    def equal() -> Any:
        left = atom()
        if tokens and tokens[0] in ("==", "!="):
            same = tokens.pop(0) == "=="
            left = (_shown(left) == _shown(atom())) is same
        return left

    def atom() -> Any:
        token = tokens.pop(0)
        if token == "!":
            return not atom()
        if token == "(":
            value = either()
            tokens.pop(0)
            return value
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if tokens[:2] == ["(", ")"]:
            del tokens[:2]
            return {"always": True, "success": context.get("success", True)}[token]
        value: Any = context
        for name in token.split("."):
            value = value.get(name) if isinstance(value, dict) else None
        return value

    value = either()
    assert not tokens, expression
    return value
