#!/usr/bin/env bash
# The one gate, the same on a laptop and in CI: each step in turn, the first that fails ends it, the tests come last.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY=0
py=.venv/bin/python
region=${AWS_REGION:-eu-west-1} # for linters that ask for one; nothing is called

step() { # a name, then the command; its output only where it fails
  local name=$1 log began=$SECONDS
  shift
  log=$(mktemp .work/check.XXXXXX)
  if "$@" >"$log" 2>&1; then
    printf 'ok      %-28s %3d s\n' "$name" $((SECONDS - began))
    rm -f "$log"
  else
    printf 'FAILED  %s: %s\n' "$name" "$*" >&2
    cat "$log" >&2
    rm -f "$log"
    exit 1
  fi
}

mkdir -p .work
templates=(template.yaml spoke.yaml)
[[ -e cloudwatch-integration.yaml ]] && templates+=(cloudwatch-integration.yaml)
step "ruff check" "$py" -m ruff check .
step "ruff format" "$py" -m ruff format --check .
step "mypy" "$py" -m mypy
cfn_lint='import sys; from cfnlint import runner; sys.exit(runner.main())' # a package without __main__
step "cfn-lint" "$py" -c "$cfn_lint" --regions "$region" --non-zero-exit-code warning -- "${templates[@]}"
step "config check" "$py" -m cli config check
for template in "${templates[@]}"; do
  step "sam validate $template" env AWS_DEFAULT_REGION="$region" .venv-sam/bin/python -m samcli validate --lint --template "$template"
done
step "sam build" setup/build.sh
step "import cost" "$py" bench/imports.py --check
step "cost of an analysis" "$py" bench/analysis.py --check --rounds 30
step "cost of the model" "$py" bench/cost.py --check
step "incident cases" "$py" -m cli eval --at-least 0.9
"$py" -m pytest -q -n auto --maxprocesses 4 --durations 25
