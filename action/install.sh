#!/usr/bin/env bash
# Installs d1lint, apart from everything else, and tells where. What it depends on is wheels whose hashes are those of
# requirements.txt, whether they come from the index or from a cache.
#
# In:  PYTHON, SOURCE and IDENTITY (see source.sh), WHEELS
# Out: bin, the folder of the commands
set -euo pipefail

fail() {
  echo "::error title=d1lint::$1"
  exit 2
}

# A job that lints several projects installs once.
home="$RUNNER_TEMP/d1lint"
if [[ "$(cat "$home/identity" 2>/dev/null || true)" != "$IDENTITY" ]]; then
  rm -rf "$home"
  "$PYTHON" -m venv "$home"
fi
bin="$home/bin"
[[ -d $bin ]] || bin="$home/Scripts" # on Windows

pip() {
  "$bin/python" -m pip --quiet --disable-pip-version-check "$@"
}
locked=(--require-hashes --only-binary=:all: --requirement "$SOURCE/action/requirements.txt")
kept=(--no-index --find-links "$WHEELS")

if [[ ! -f "$home/identity" ]]; then
  mkdir -p "$WHEELS"
  if ! pip install "${kept[@]}" "${locked[@]}" 2>/dev/null; then
    rm -rf "$WHEELS"
    pip download --dest "$WHEELS" "${locked[@]}" || fail "The packages that d1lint needs could not be downloaded."
    pip install "${kept[@]}" "${locked[@]}" || fail "The packages that d1lint needs could not be installed."
  fi
  pip install --no-index --no-deps --no-build-isolation "$SOURCE" || fail "d1lint could not be installed."
  printf '%s' "$IDENTITY" >"$home/identity"
fi
echo "bin=$bin" >>"$GITHUB_OUTPUT"
