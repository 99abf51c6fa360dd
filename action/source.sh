#!/usr/bin/env bash
# Finds the d1lint to install: the action's own, or another version of it.
#
# In:  VERSION (may be empty), REPOSITORY
# Out: source, its folder; identity, which tells it from others; lock, which tells its dependencies from others';
#      wheels, the folder to keep those in
set -euo pipefail

fail() {
  echo "::error title=d1lint::$1"
  exit 2
}

source="$GITHUB_ACTION_PATH"
identity="$source"
if [[ -n $VERSION ]]; then
  [[ $VERSION =~ ^[A-Za-z0-9][A-Za-z0-9._/+-]*$ ]] || fail "The input version is no tag or commit."
  source="$RUNNER_TEMP/d1lint-source"
  rm -rf "$source"
  git init --quiet "$source"
  git -C "$source" fetch --quiet --no-tags --depth=1 -- "$REPOSITORY" "$VERSION" \
    || fail "The input version is no tag and no full commit of $REPOSITORY."
  git -C "$source" checkout --quiet --detach FETCH_HEAD
  identity="$REPOSITORY@$(git -C "$source" rev-parse HEAD)"
fi
[[ -f "$source/action/requirements.txt" ]] || fail "That version of d1lint is too old for this action."

{
  echo "source=$source"
  echo "identity=$identity"
  echo "lock=$(git hash-object --no-filters "$source/action/requirements.txt")"
  echo "wheels=$RUNNER_TEMP/d1lint-wheels"
} >>"$GITHUB_OUTPUT"
