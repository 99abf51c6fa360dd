#!/usr/bin/env bash
# Lints, and writes the reports, the summary and the outputs. It ends well whatever is found.
#
# In:  BIN, WORKING_DIRECTORY, PATHS and ARGS (one a line), FORMAT, FAIL_ON, BASE, CONFIG, BASELINE, SARIF_FILE,
#      CATEGORY, SUMMARY and UPLOAD (true or not), HEAD_REPOSITORY
# Out: exit-code, errors, warnings, report-json, sarif-file, upload (true where the report may be uploaded)
set -euo pipefail
export PYTHONUTF8=1 # the log is UTF-8, also on Windows

# Each use of the action in a job has reports of its own.
reports="$(mktemp -d "$RUNNER_TEMP/d1lint-reports-XXXXXX")"
sarif="${SARIF_FILE:-$reports/d1lint.sarif}"
[[ $sarif =~ ^(/|[A-Za-z]:) ]] || sarif="$GITHUB_WORKSPACE/$sarif"
json="$reports/d1lint.json"
markdown="$reports/d1lint.md"
annotations="$reports/annotations"
errors="$reports/stderr"
[[ ${RUNNER_OS:-} != Windows ]] || sarif="${sarif//\\//}"
mkdir -p "$(dirname "$sarif")"
rm -f "$sarif"
cd "$WORKING_DIRECTORY" || {
  echo "::error title=d1lint::The input working-directory is no folder."
  exit 2
}

# What is linted, and what is asked of it in addition; bash 3 knows no empty array.
scope=(--)
while IFS= read -r line; do [[ -z $line ]] || scope+=("$line"); done <<<"$PATHS"
more=(--fail-on "$FAIL_ON")
[[ -z $CONFIG ]] || more+=(--config "$CONFIG")
[[ -z $BASELINE ]] || more+=(--baseline "$BASELINE")
while IFS= read -r line; do [[ -z $line ]] || more+=("$line"); done <<<"$ARGS"

# Code scanning compares whole reports itself: one of the changes alone would close all other alerts.
whole=(--output "sarif=$sarif")
changes=("${whole[@]}")
[[ -z $BASE ]] || changes=(--changed-since "$BASE")

code=0
"$BIN/d1lint" check --format "$FORMAT" "${more[@]}" "${changes[@]}" --output "json=$json" \
  --output "markdown=$markdown" --output "github=$annotations" "${scope[@]}" 2>"$errors" || code=$?
cat "$errors" >&2
if [[ -n $BASE && -f $json ]]; then
  "$BIN/d1lint" check --format concise "${more[@]}" "${whole[@]}" "${scope[@]}" >/dev/null 2>&1 || true
fi

if [[ ! -f $json ]]; then
  # Not even a report of what is wrong, as for an option that there is not.
  said="$(sed 's/^d1lint: //' "$errors")"
  escaped="${said//'%'/%25}"
  escaped="${escaped//$'\r'/%0D}"
  echo "::error title=d1lint could not run::${escaped//$'\n'/%0A}"
  code=2
  printf '### d1lint could not run\n\n%s\n' "$(sed 's/^/    /' <<<"$said")" >"$markdown"
elif [[ $code -eq 2 && $FORMAT != github ]]; then
  grep '^::error title=d1lint' "$annotations" || true
fi
[[ $SUMMARY != true ]] || cat "$markdown" >>"$GITHUB_STEP_SUMMARY"

if [[ -n $CATEGORY && -f $sarif ]]; then
  "$BIN/python" - "$sarif" <<'PYTHON'
import json, os, pathlib, sys

path = pathlib.Path(sys.argv[1])
report = json.loads(path.read_text(encoding="utf-8"))
for run in report["runs"]:
    run["automationDetails"] = {"id": f"{os.environ['CATEGORY'].rstrip('/')}/"}
path.write_text(json.dumps(report), encoding="utf-8")
PYTHON
fi

# The token of a pull request from a fork may not upload, and what failed half-way is no report of all alerts.
upload=false
if [[ $UPLOAD == true && -f $sarif && $code -ne 2 ]]; then
  case "$GITHUB_EVENT_NAME" in
  pull_request*) [[ $HEAD_REPOSITORY != "$GITHUB_REPOSITORY" ]] || upload=true ;;
  *) upload=true ;;
  esac
fi

{
  echo "exit-code=$code"
  echo "upload=$upload"
  [[ ! -f $sarif ]] || echo "sarif-file=$sarif"
  if [[ -f $json ]]; then
    echo "report-json=$json"
    "$BIN/python" - "$json" <<'PYTHON'
import json, sys

with open(sys.argv[1], encoding="utf-8") as file:
    summary = json.load(file)["summary"]
sys.stdout.reconfigure(newline="\n")
if not summary["problems"]:
    print("errors={errors}\nwarnings={warnings}".format(**summary))
PYTHON
  fi
} >>"$GITHUB_OUTPUT"
