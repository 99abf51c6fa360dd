#!/usr/bin/env bash
# Finds the commit to compare with, and brings as much history as it takes to find what it has in common with HEAD.
#
# In:  WORKING_DIRECTORY, BASE (a branch or a commit; may be empty)
# Out: base, a commit; nothing where there is none to compare with, as for the first push of a branch
set -euo pipefail
cd "$WORKING_DIRECTORY" || {
  echo "::error title=d1lint::The input working-directory is no folder."
  exit 2
}

if [[ $BASE =~ ^0*$ ]]; then
  echo "::notice title=d1lint::There is no base to compare with, so everything is reported."
  exit 0
fi

found="refs/d1lint/base"
head="$(git rev-parse --verify --quiet HEAD)" || {
  echo "base=$BASE" >>"$GITHUB_OUTPUT" # d1lint says what is missing
  exit 0
}
git update-ref -d "$found" # that of an earlier step

known() {
  local name
  for name in "$BASE" "refs/remotes/origin/$BASE" "$found"; do
    base="$(git rev-parse --verify --quiet --end-of-options "$name^{commit}")" && return
  done
  return 1
}

connected() {
  known && git merge-base "$base" "$head" >/dev/null
}

if ! connected; then
  if [[ "$(git rev-parse --is-shallow-repository)" == true ]]; then
    for depth in 50 500 5000 50000; do
      git fetch --quiet --no-tags --depth="$depth" origin "+$BASE:$found" "$head" || break
      ! connected || break
    done
  else
    git fetch --quiet --no-tags origin "+$BASE:$found" || true
  fi
fi

# Where it is still not found, d1lint says what is missing.
known || base="$BASE"
echo "base=$base" >>"$GITHUB_OUTPUT"
