#!/usr/bin/env bash
# Installs d1lint, apart from everything else, and tells where.
#
# In:  PYTHON, VERSION (may be empty), REPOSITORY
# Out: bin, the folder of the commands
set -euo pipefail

fail() {
  echo "::error title=d1lint::$1"
  exit 2
}

source="$GITHUB_ACTION_PATH"
if [[ -n $VERSION ]]; then
  [[ $VERSION =~ ^[A-Za-z0-9][A-Za-z0-9._/+-]*$ ]] || fail "The input version is no tag or commit."
  source="git+$REPOSITORY@$VERSION"
fi

# A job that lints several projects installs once.
home="$RUNNER_TEMP/d1lint"
if [[ "$(cat "$home/source" 2>/dev/null || true)" != "$source" ]]; then
  rm -rf "$home"
  "$PYTHON" -m venv "$home"
fi
bin="$home/bin"
[[ -d $bin ]] || bin="$home/Scripts" # on Windows
if [[ ! -f "$home/source" ]]; then
  "$bin/python" -m pip install --quiet --disable-pip-version-check "$source" || fail "d1lint could not be installed."
  printf '%s' "$source" >"$home/source"
fi
echo "bin=$bin" >>"$GITHUB_OUTPUT"
