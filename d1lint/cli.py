"""The command line: thin, and the only place that prints."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from d1lint import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from d1lint.registry import Registry
    from d1lint.result import Result

CLEAN, FOUND, FAILED = 0, 1, 2
"""Exit codes: nothing at or above the level that fails; something; the job could not be done."""

FORMATS = ("text", "concise", "agent", "json", "sarif", "github", "markdown", "gitlab", "rdjson", "junit")
"""The names of the formats that `d1lint.report` has; it is not imported before it is needed."""

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
_CONFIG = click.option(
    "--config",
    "chosen",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A configuration in the place of the one at the project's root; its patterns are relative to that root.",
)

FOR_PEOPLE = ("text", "concise", "agent")
"""The formats of standard output whose readers also see standard error."""


class _Output(click.ParamType[tuple[str, Path]]):
    """`FORMAT=FILE`."""

    name = "FORMAT=FILE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Path]:
        """The format and the file. Fails where either is missing or the format is none."""
        name, _, file = str(value).partition("=")
        if not file:
            self.fail(f"{value!r} is not of the form FORMAT=FILE.", param, ctx)
        if name not in FORMATS:
            self.fail(f"{name!r} is none of {', '.join(FORMATS)}.", param, ctx)
        return name, Path(file)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="d1lint", message="%(prog)s %(version)s")
def main() -> None:
    """Lint TypeScript repositories that use Drizzle ORM on Cloudflare D1."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can not show a character gets a replacement, not a traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


@main.command()
@_PATHS
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How the findings are written to standard output.",
)
@click.option(
    "--output",
    "outputs",
    type=_Output(),
    multiple=True,
    help="Write a report to a file, too; may be given several times.",
)
@click.option(
    "--sarif-include-suppressed",
    "include_suppressed",
    is_flag=True,
    help="Put what comments or the baseline silence into SARIF reports, too, marked as suppressed.",
)
@click.option("--statistics", is_flag=True, help="Add figures: by rule and level, what was not judged and why, time.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The lowest level that makes the exit code 1.",
)
@click.option("--color/--no-color", "colour", default=None, help="Colour, whatever the terminal. Honours NO_COLOR.")
@click.option("--baseline", type=click.Path(path_type=Path), metavar="FILE", help="The findings that are known.")
@click.option("--no-baseline", is_flag=True, help="Report what the project's baseline knows, too.")
@_CONFIG
@click.option(
    "--changed-since",
    metavar="REV",
    help="Report only what has been caused, anywhere, since the merge base of REV and HEAD.",
)
@click.option("--staged", is_flag=True, help="Report only what the staged changes cause; unstaged ones do not count.")
@click.option(
    "--force-exclude",
    is_flag=True,
    help="For PATHS that another tool passes: leave excluded ones out, and only warn of missing ones.",
)
@click.option(
    "--stdin-filename",
    "unsaved",
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Read the content of PATH from standard input, and report what is located in it.",
)
@click.option("--fix", is_flag=True, help="Apply the safe fixes, and report what remains.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply all fixes; look at what they did.")
@click.option("--diff", "as_diff", is_flag=True, help="Print what --fix would change, and write nothing.")
def check(
    paths: tuple[Path, ...],
    format_name: str,
    fail_on: str,
    colour: bool | None,
    baseline: Path | None,
    no_baseline: bool,
    chosen: Path | None,
    changed_since: str | None,
    staged: bool,
    outputs: tuple[tuple[str, Path], ...],
    include_suppressed: bool,
    statistics: bool,
    force_exclude: bool,
    unsaved: Path | None,
    fix: bool,
    unsafe_fixes: bool,
    as_diff: bool,
) -> None:
    """Lint the project that PATHS belong to (default: the current folder) and report what is located in them.

    Exit code 0: nothing at or above --fail-on. 1: something. 2: the job could not be done.
    """
    from d1lint import engine
    from d1lint.config import ConfigError
    from d1lint.finding import Level
    from d1lint.registry import UnknownName
    from d1lint.report import render

    for path in paths:
        if force_exclude and not path.exists():
            click.echo(f"d1lint: warning: {path} does not exist", err=True)
    if staged and (fix or unsafe_fixes or as_diff):
        _fail("--staged looks at the index, and fixes change the files on the disk; ask for one of the two")
    if unsaved is not None:
        if paths or staged or fix or unsafe_fixes or as_diff:
            _fail(
                "--stdin-filename is for one file that is not written: give no PATHS, no --staged and no fixes with it"
            )
        if unsaved.is_dir():
            _fail(f"{unsaved} is a folder; --stdin-filename is for one file")
        paths = (unsaved,)
    if changed_since is None and force_exclude:
        # What pre-commit tells of a push, and of `--from-ref`; without it, HEAD is the base.
        changed_since = os.environ.get("PRE_COMMIT_FROM_REF")
    lint = partial(
        engine.check,
        paths,
        baseline=baseline or not no_baseline,
        force_exclude=force_exclude,
        changed_since=changed_since,
        staged=staged,
        unsaved=sys.stdin.buffer.read() if unsaved is not None else None,
        config=chosen,
    )
    write = partial(_write, outputs, include_suppressed=include_suppressed)
    changes = None
    try:
        if fix or unsafe_fixes or as_diff:
            result, changes = _repaired(
                lint, engine.locate(paths, force_exclude=force_exclude).root, unsafe=unsafe_fixes, writes=not as_diff
            )
        else:
            result = lint()
    except Exception as error:
        is_ours = not isinstance(error, engine.UsageError | ConfigError | UnknownName)
        undone = engine.failed(paths, error, chosen)
        if format_name not in FOR_PEOPLE:
            click.echo(render(format_name, undone), nl=False)
        if is_ours:  # a defect of d1lint's; Python would end with the code 1, which is that of findings
            from traceback import format_exc

            from d1lint.report.links import ISSUES

            _say(f"{format_exc()}this is a defect of d1lint's, please report it: {ISSUES}")
        else:
            _say(str(error))
        write(undone)
        sys.exit(FAILED)
    if changes is not None:
        click.echo(changes, nl=False)
    else:
        width, in_colour = _terminal(colour)
        report = render(format_name, result, colour=in_colour, width=width, suppressed=include_suppressed)
        click.echo(report, nl=False, color=True)
    if statistics:
        from d1lint.report.statistics import render as render_statistics

        # What programs read stays whole.
        click.echo(f"\n{render_statistics(result)}", nl=False, err=format_name not in FOR_PEOPLE)
    write(result)
    if result.crashes:
        sys.exit(FAILED)
    sys.exit(FOUND if fail_on != "never" and result.has_at_least(Level(fail_on)) else CLEAN)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
def init(path: Path | None) -> None:
    """Write a d1lint.toml that suits what is found, in the folder PATH or at the top of this repository."""
    from d1lint.config import ConfigError
    from d1lint.engine import UsageError
    from d1lint.init import begin
    from d1lint.report.summary import count

    try:
        begun = begin(path)
    except (UsageError, ConfigError) as error:
        _fail(str(error))
    found = begun.found
    click.echo(f"Wrote {begun.path}")
    for preset, reason in found.presets.items() or [("recommended", "the default")]:
        click.echo(f"  preset {preset}: {reason}")
    for pattern, reason in found.exclude.items():
        click.echo(f"  without {pattern}: {reason}")
    for line in found.databases or ["no database on Cloudflare D1"]:
        click.echo(f"  {line}")
    where = "" if path is None else f" {path}"
    click.echo(f"{count(begun.findings, 'finding')}, {count(found.tables, 'table')} of D1. Next:")
    click.echo(f"  d1lint check{where}")
    if begun.findings:
        click.echo(f"  d1lint baseline{where}    # to accept what there is, so that only new findings count")
    else:
        click.echo(f"  d1lint policy {next(iter(found.presets), 'recommended')}    # what is asked")


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--file", type=click.Path(path_type=Path), help="Another file than the project's .d1lint-baseline.json.")
@click.option("--prune", is_flag=True, help="Only remove what is gone; add nothing.")
@_CONFIG
def baseline(path: Path, file: Path | None, prune: bool, chosen: Path | None) -> None:
    """Write down every finding of the project at PATH as known: from then on, `check` reports what is new."""
    from d1lint import engine, ratchet
    from d1lint.config import ConfigError
    from d1lint.report.summary import count

    try:
        written = ratchet.write_baseline(path, file, prune=prune, config=chosen)
    except (engine.UsageError, ConfigError) as error:
        _fail(str(error))
    removed = f", {count(written.gone, 'finding')} removed" if prune else ""
    click.echo(f"{written.path}: {count(written.held, 'known finding')}{removed}")
    if not written.is_used:
        click.echo(f"`d1lint check --baseline {written.path}` uses it, or `baseline` in the configuration names it.")


@main.command()
def rules() -> None:
    """List the rules: name, level, whether it has a fix, and what each finds."""
    registry = _registry()
    width = max(len(name) for name in registry.names())
    for name in registry.names():
        rule = registry.get(name)
        click.echo(f"{name:<{width}}  {rule.level.value:<7}  {'fix' if rule.fixable else '   '}  {rule.summary}")


@main.command()
@click.argument("name")
def rule(name: str) -> None:
    """Print the page of the rule NAME."""
    from d1lint.registry import UnknownName

    registry = _registry()
    if registry.knows(name) and not registry.is_built(name):
        _fail(f"The rule {name} is planned and not built yet.")
    try:
        click.echo(registry.get(name).page(), nl=False)
    except UnknownName as error:
        _fail(str(error))


@main.command()
@click.argument("name", required=False)
def policy(name: str | None) -> None:
    """Print the clauses of the policy NAME with their rules and standing; without NAME, list the policies."""
    from d1lint.policy_text import describe, overview
    from d1lint.registry import UnknownName

    registry = _registry()
    try:
        text = overview(registry) if name is None else describe(registry.policy(name), registry)
    except UnknownName as error:
        _fail(str(error))
    click.echo(text.rstrip("\n"))


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["json", "mermaid"]),
    default="json",
    show_default=True,
    help="The model as JSON, or an ER diagram.",
)
def schema(path: Path, format_name: str) -> None:
    """Print every SQLite table of the project at PATH as d1lint understands it."""
    from d1lint import engine
    from d1lint.config import ConfigError
    from d1lint.report import render_schema

    try:
        project, _ = engine.open_project(engine.locate([path]), _registry())
    except (engine.UsageError, ConfigError) as error:
        _fail(str(error))
    click.echo(render_schema(format_name, project), nl=False)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table to read, or JSON.",
)
def queries(path: Path, format_name: str) -> None:
    """Print every query of the project at PATH: its tables, filter, order, SQLite's plan and its parameters."""
    from d1lint import engine
    from d1lint.config import ConfigError
    from d1lint.report import render_queries

    try:
        project, _ = engine.open_project(engine.locate([path]), _registry())
    except (engine.UsageError, ConfigError) as error:
        _fail(str(error))
    click.echo(render_queries(format_name, project), nl=False)


@main.command()
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@_CONFIG
def config(path: Path, chosen: Path | None) -> None:
    """Print the configuration that holds for the project at PATH, and where each setting comes from."""
    from d1lint import engine
    from d1lint.config import ConfigError

    try:
        _, found = engine.open_project(engine.locate([path], config=chosen), _registry())
    except (engine.UsageError, ConfigError) as error:
        _fail(str(error))
    click.echo(found.describe().rstrip("\n"))


def _write(outputs: tuple[tuple[str, Path], ...], result: Result, *, include_suppressed: bool) -> None:
    """Write the reports that go to files."""
    from d1lint.report import render

    for name, file in outputs:
        report = render(name, result, suppressed=include_suppressed)
        try:
            file.write_text(report, encoding="utf-8", errors="replace", newline="\n")
        except OSError as error:
            _fail(f"{file} can not be written: {error.strerror}")


def _repaired(lint: Callable[..., Result], root: Path, *, unsafe: bool, writes: bool) -> tuple[Result, bytes | None]:
    """What remains after the fixes; or, where nothing may be written, what there is now, with the fixes as a diff."""
    from d1lint.fix import ChangedMeanwhile, diff, repair, write

    done = repair(lambda contents: lint(contents=contents), unsafe=unsafe)
    if not writes:
        return done.first, diff(done)
    try:
        write(done, root)
    except (ChangedMeanwhile, OSError) as error:
        _fail(str(error))
    return done.last, None


@main.command()
@click.option("--stdio", is_flag=True, help="Talk through standard input and output; the only way there is.")
def server(stdio: bool) -> None:
    """Serve an editor: the language server protocol on standard input and output."""
    try:
        from d1lint.lsp.server import start
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol", "cattrs", "attrs"):
            raise
        _fail("the server needs pygls: pip install 'd1lint[server]'")
    # The protocol keeps the real standard output for itself; whatever else is printed goes to standard error.
    protocol = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.exit(start(sys.stdin.buffer, protocol))


def _registry() -> Registry:
    from d1lint.registry import Registry

    return Registry.load()


def _terminal(colour: bool | None) -> tuple[int, bool]:
    """The width to write for, and whether in colour."""
    import shutil

    is_terminal = sys.stdout.isatty()
    if colour is None:
        colour = (is_terminal or bool(os.environ.get("FORCE_COLOR"))) and not os.environ.get("NO_COLOR")
    columns = shutil.get_terminal_size((80, 24)).columns if is_terminal else 80
    return max(40, min(columns, 120)), colour


def _say(message: str) -> None:
    for line in message.splitlines():
        click.echo(f"d1lint: {line}", err=True)


def _fail(message: str) -> NoReturn:
    _say(message)
    sys.exit(FAILED)
