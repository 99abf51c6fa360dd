"""What git is asked: which commits there are, what their trees and the index hold. It never writes."""

from __future__ import annotations

import os
import subprocess
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from d1lint.workspace.ignore import git_folder

LINK, SUBMODULE = "120000", "160000"
"""The modes of entries that are no files."""

_REPOSITORY_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)


class GitError(Exception):
    """Git can not answer; the message is one sentence."""


class Entry(NamedTuple):
    """A file as git has it. `mode` is git's, in octal digits; `id` names the blob."""

    mode: str
    id: str


Entries = Mapping[str, Entry]
"""Files by their paths relative to the top level."""


class Repository:
    """A git repository, by the top level of a working tree of it."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self._environment = _environment(top)

    def commit(self, revision: str) -> str | None:
        """The id of the commit that a revision names; None where it names none. Raises GitError."""
        if revision.startswith("-") or "\0" in revision or not revision:
            return None
        found = self._run("rev-parse", "--quiet", "--verify", f"{revision}^{{commit}}", may_fail=True)
        ids = found.decode().split()
        return ids[0] if len(ids) == 1 else None  # a range has two

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor of two commits; None where there is none. Raises GitError."""
        return self._run("merge-base", one, other, may_fail=True).decode().strip() or None

    def is_shallow(self) -> bool:
        """Whether the history is cut off. Raises GitError."""
        return self._run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def tree(self, commit: str) -> Entries:
        """The files of a commit. Raises GitError."""
        entries = {}
        for line in self._run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
            described, _, path = line.partition(b"\t")
            mode, _, blob = described.decode().split()
            entries[os.fsdecode(path)] = Entry(mode, blob)
        return entries

    def index(self) -> Entries:
        """The files that are staged; of one in conflict, our side. Raises GitError."""
        entries = {}
        for line in self._run("ls-files", "--stage", "-z", "--full-name").split(b"\0")[:-1]:
            described, _, path = line.partition(b"\t")
            mode, blob, stage = described.decode().split()
            if stage in ("0", "2"):
                entries[os.fsdecode(path)] = Entry(mode, blob)
        return entries

    def _run(self, *arguments: str, may_fail: bool = False) -> bytes:
        """What a command prints. With `may_fail`, an exit code of 1 is an answer."""
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.top,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise NoGit(f"git can not be run: {error.strerror or error}") from error
        if done.returncode == 0 or (may_fail and done.returncode == 1):
            return done.stdout
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0].removeprefix("fatal: ") if said else f"it ended with the code {done.returncode}"
        kind = NoGit if "not a git repository" in reason else GitError
        raise kind(f"git {arguments[0]} failed in {self.top}: {reason}")

    def objects(self) -> Objects:
        """A reader of blobs."""
        return Objects(self.top, self._environment)


class NoGit(GitError):
    """There is no git, or no repository after all."""


class Objects:
    """The contents of blobs, read by one process that starts with the first of them."""

    def __init__(self, top: Path, environment: Mapping[str, str]) -> None:
        self._top = top
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def read(self, blob: str) -> bytes:
        """The content of a blob. Raises OSError."""
        process = self._running()
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(f"{blob}\n".encode())
        process.stdin.flush()
        header = process.stdout.readline().split()
        if len(header) != 3:
            raise FileNotFoundError(2, "git does not have the object", blob)
        size = int(header[2])
        data = process.stdout.read(size + 1)
        if len(data) != size + 1:
            raise OSError(5, "git ended too early", blob)
        return data[:-1]

    def _running(self) -> subprocess.Popen[bytes]:
        # A forked process must not read what its parent asked for.
        if self._process is None or self._owner != os.getpid():
            self._process = subprocess.Popen(
                ["git", "cat-file", "--batch"],
                cwd=self._top,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._owner = os.getpid()
            weakref.finalize(self, _end, self._process, self._owner)
        return self._process


def _end(process: subprocess.Popen[bytes], owner: int) -> None:
    if owner == os.getpid():
        process.communicate()


def _environment(top: Path) -> dict[str, str]:
    """The environment without what a hook of another repository says about that one.

    What a hook of this repository says holds: `git commit --only` and `--all` have an index of their own.
    """
    environment = {**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    folder = git_folder(top).resolve()
    stated, index = environment.get("GIT_DIR"), environment.get("GIT_INDEX_FILE")
    is_ours = not stated or (top / stated).resolve() == folder
    if index and not (top / index).resolve().is_relative_to(folder):
        is_ours = False
    if not is_ours:
        for name in _REPOSITORY_VARIABLES:
            environment.pop(name, None)
    return environment
