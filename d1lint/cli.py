"""The command line: thin, and the only place that prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from d1lint import __version__

if TYPE_CHECKING:
    from d1lint.registry import Registry

CLEAN, FOUND, FAILED = 0, 1, 2
"""Exit codes: nothing at or above the level that fails; something; the job could not be done."""

_PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))


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
    type=click.Choice(["text", "concise", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How the findings are written.",
)
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="error",
    show_default=True,
    help="The lowest level that makes the exit code 1.",
)
@click.option("--color/--no-color", "colour", default=None, help="Colour, whatever the terminal. Honours NO_COLOR.")
def check(paths: tuple[Path, ...], format_name: str, fail_on: str, colour: bool | None) -> None:
    """Lint the project that PATHS belong to (default: the current folder) and report what is located in them.

    Exit code 0: nothing at or above --fail-on. 1: something. 2: the job could not be done.
    """
    from d1lint import engine
    from d1lint.config import ConfigError
    from d1lint.finding import Level
    from d1lint.registry import UnknownName
    from d1lint.report import render

    try:
        result = engine.check(paths)
    except engine.UsageError as error:
        _fail(str(error))
    except (ConfigError, UnknownName) as error:
        _fail(str(error))
    width, in_colour = _terminal(colour)
    click.echo(render(format_name, result, colour=in_colour, width=width), nl=False, color=True)
    if result.crashes:
        sys.exit(FAILED)
    sys.exit(FOUND if fail_on != "never" and result.has_at_least(Level(fail_on)) else CLEAN)


@main.command()
def rules() -> None:
    """List the rules: name, family, level and what each finds."""
    registry = _registry()
    width = max(len(name) for name in registry.names())
    for name in registry.names():
        rule = registry.get(name)
        click.echo(f"{name:<{width}}  {rule.level.value:<7}  {rule.summary}")


@main.command()
@click.argument("name")
def rule(name: str) -> None:
    """Print the page of the rule NAME."""
    from d1lint.registry import UnknownName

    try:
        click.echo(_registry().get(name).page(), nl=False)
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
def config(path: Path) -> None:
    """Print the configuration that holds for the project at PATH, and where each setting comes from."""
    from d1lint import engine
    from d1lint.config import ConfigError

    try:
        _, found = engine.open_project(engine.locate([path]), _registry())
    except (engine.UsageError, ConfigError) as error:
        _fail(str(error))
    click.echo(found.describe().rstrip("\n"))


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


def _fail(message: str) -> NoReturn:
    for line in message.splitlines():
        click.echo(f"d1lint: {line}", err=True)
    sys.exit(FAILED)
