#!/usr/bin/env bash
# `sam build`, then bytecode for what was built: a Lambda's file system is read-only, so what ships without it is compiled anew at
# every cold start. Both need the runtime's own minor version, found by find-python.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export SAM_CLI_TELEMETRY=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_USER=0
runtime=3.13
python=$(setup/find-python.sh "$runtime")
setup/environment.sh .venv-sam=sam
mkdir -p .work
log=$(mktemp .work/build.XXXXXX)
trap "rm -f '$log'" EXIT

echo "building template.yaml into .aws-sam/build"
if ! PATH="$(dirname "$python"):$PATH" .venv-sam/bin/python -m samcli build --cached --parallel "$@" >"$log" 2>&1; then
  echo "sam build failed. It said:" >&2
  grep -v 'WARNING: Location' "$log" | tail -n 25 | sed 's/^/  /' >&2
  exit 1
fi
compiled() { # every module in $1 as it will be found in $2; the hash in the bytecode is never checked, the source beside it never written
  "$python" -m compileall -q -j 0 --invalidation-mode unchecked-hash -s "${1%/}" -p "$2" "${1%/}"
}
for folder in .aws-sam/build/*/; do
  case $folder in
    *Layer/) compiled "$folder" /opt ;;
    *) compiled "$folder" /var/task ;;
  esac
done
echo "built, with bytecode for Python $runtime: $(find .aws-sam/build -name '*.pyc' | wc -l | tr -d ' ') modules"
