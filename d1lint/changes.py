"""What a change has caused: the findings that the model of its base does not have, wherever they lie."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from d1lint.finding import Finding
from d1lint.pairing import Trace, unpaired
from d1lint.source import Source
from d1lint.workspace.git import Entries, GitError, NoGit, Repository
from d1lint.workspace.git_tree import GitTree
from d1lint.workspace.root import git_top_level
from d1lint.workspace.tree import Tree


class Change:
    """From a base, which is a commit, to what is on the disk or staged.

    `only` tells that nothing but what it has caused is to be reported. `base` is None in a repository without commits.
    """

    def __init__(self, repository: Repository, root: Path, base: str | None, *, staged: bool, only: bool) -> None:
        self._repository = repository
        self._prefix = "".join(f"{part}/" for part in root.relative_to(repository.top).parts)
        self._base = base
        self.staged = staged
        self.only = only

    @cached_property
    def _index(self) -> Entries:
        return self._repository.index()

    def index_tree(self, disk: Tree, exclude: Sequence[str] = (), explicit: Sequence[str] = ()) -> Tree:
        """What is staged. The patterns and files are those of DiskTree. Raises GitError."""
        return self._tree(self._index, disk, exclude, explicit)

    def base_tree(self, beside: Tree, exclude: Sequence[str], explicit: Sequence[str]) -> Tree:
        """The base, likewise, beside the tree of the other end of the change. Raises GitError."""
        entries = self._repository.tree(self._base) if self._base is not None else {}
        return self._tree(entries, beside, exclude, explicit)

    def _tree(self, entries: Entries, beside: Tree, exclude: Sequence[str], explicit: Sequence[str]) -> Tree:
        repository = self._repository
        return GitTree(repository.top, self._prefix, entries, repository.objects(), beside, exclude, explicit)


def find_change(root: Path, revision: str | None, *, staged: bool, files: bool) -> Change | None:
    """The change to look at in the project at a root: since the merge base of a revision and HEAD, else since HEAD.

    `files` tells that files are given. Where that is all that is asked, None outside git and without commits.
    Raises GitError.
    """
    only = revision is not None or staged
    if not only and not files:
        return None
    top = git_top_level(root)
    if top is None:
        if only:
            raise GitError(f"{root} is in no git repository, so there is nothing to compare it with")
        return None
    repository = Repository(top)
    try:
        head = repository.commit("HEAD")
    except NoGit:
        if only:
            raise
        return None
    if revision is not None:
        base: str | None = _merge_base(repository, revision, head)
    elif head is None and not staged:
        return None
    else:
        base = head
    return Change(repository, root, base, staged=staged, only=only)


def _merge_base(repository: Repository, revision: str, head: str | None) -> str:
    commit = repository.commit(revision)
    base = repository.merge_base(commit, head) if commit is not None and head is not None else None
    if base is not None:
        return base
    if repository.is_shallow():
        hint = "`git fetch --unshallow` brings it; with actions/checkout, `fetch-depth: 0`"
        raise GitError(f'the clone is shallow, and its history does not reach back to "{revision}": {hint}')
    if commit is None:
        raise GitError(f'"{revision}" is no commit of the git repository at {repository.top}')
    raise GitError(f'"{revision}" and HEAD have no commit in common')


def is_same(one: Tree, other: Tree) -> bool:
    """Whether two trees list the same files with the same contents, so that nothing can have been caused."""
    paths = one.paths()
    try:
        return paths == other.paths() and all(one.read(path) == other.read(path) for path in paths)
    except OSError:
        return False


def caused(
    found: Sequence[Finding],
    source: Callable[[str], Source],
    base: Sequence[Finding],
    base_source: Callable[[str], Source],
) -> list[Finding]:
    """Those of the findings that the base does not have. Each `source` gives the texts of the one model's files.

    They are compared as multisets, by rule and symbol. Of several with one symbol, those that stand on the line that
    one of the base stood on, or else in its file, are the same.
    """
    new = unpaired([_trace(f, source) for f in found], [_trace(f, base_source) for f in base])
    return [found[index] for index in new]


def _trace(finding: Finding, source: Callable[[str], Source]) -> Trace:
    file = finding.span.file
    text = source(file)
    line = text.line_bytes(text.line_number(finding.span.start)).strip()
    return Trace((finding.rule, finding.symbol), ((file, line), line, file))
