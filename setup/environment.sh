#!/usr/bin/env bash
# Makes the virtual environments that it is named, side by side, and only where something changed.
# Usage: environment.sh FOLDER=LIST …     e.g. environment.sh .venv=dev .venv-emulator=emulator
# LIST is requirements/LIST.txt. What was installed is remembered in FOLDER/.installed-LIST: the hash of the list and the Python.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
unset PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV __PYVENV_LAUNCHER__
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

declare -r HASH='import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), "%d.%d" % sys.version_info[:2])'

purpose() {
  case $1 in
    demo) echo "the laptop stack" ;; dev) echo "tests and linters" ;; emulator) echo "the emulator" ;; sam) echo "sam-cli" ;; *) echo "$1" ;;
  esac
}

current() { # what would be remembered if this list were installed with this environment's Python; empty if that Python does not run
  "$1/bin/python" -c "$HASH" "requirements/$2.txt" 2>/dev/null || true
}

remembered() { cat "$1/.installed-$2" 2>/dev/null || true; }

is_made() { local now; now=$(current "$1" "$2"); [[ -n $now && $now == "$(remembered "$1" "$2")" ]]; }

is_usable() { # can this list be added to what lies there? Not when an installation broke off or another list is out of date
  [[ -n $(current "$1" "$2") && ! -e $1/.installing ]] || return 1
  local stamp
  for stamp in "$1"/.installed-*; do
    [[ -e $stamp ]] || continue
    is_made "$1" "${stamp##*/.installed-}" || return 1
  done
}

pip_in() { # pip for this environment: its own, or that of the Python it was made with where Debian has no ensurepip
  local folder=$1
  shift
  if [[ -x $folder/bin/pip3 ]]; then "$folder/bin/python" -m pip "$@"; else "$python" -m pip --python "$folder/bin/python" "$@"; fi
}

create() {
  rm -rf "$1"
  "$python" -c 'import ensurepip' 2>/dev/null && "$python" -m venv "$1" && return
  rm -rf "$1"
  "$python" -m venv --without-pip "$1"
}

install() { # one list into one folder; quiet, unless it fails
  local folder=$1 list=$2 python log began=$SECONDS
  mkdir -p .work
  log=$(mktemp ".work/install-$list.XXXXXX")
  trap "rm -f '$log'" EXIT
  python=$(setup/find-python.sh) || return 1
  echo "installing $(purpose "$list") into $folder (once, a minute or less)"
  is_usable "$folder" "$list" || create "$folder" >"$log" 2>&1 || failed "$folder" "$list" "$log" || return 1
  touch "$folder/.installing"
  # --no-deps: the lists are whole, and pip in --require-hashes mode trips over a requirement with extras
  pip_in "$folder" install --quiet --require-hashes --no-deps -r "requirements/$list.txt" >"$log" 2>&1 || failed "$folder" "$list" "$log" || return 1
  [[ $folder != .venv ]] || see_our_packages
  current "$folder" "$list" >"$folder/.installed-$list"
  rm -f "$folder/.installing"
  echo "installed  $(purpose "$list") into $folder in $((SECONDS - began)) s"
}

see_our_packages() { # .venv finds what lies in this checkout, by paths relative to itself, so that the checkout may be moved
  local site
  for site in .venv/lib/python*/site-packages; do
    printf '../../../../%s\n' src layers/shared layers/claude layers/tools . >"$site/watchkeeper.pth"
  done
}

failed() {
  echo "installing $(purpose "$2") into $1 failed. pip said:" >&2
  grep -v 'WARNING: Location' "$3" | tail -n 15 | sed 's/^/  /' >&2
  echo "Is this machine online, and does pip reach its package index? Then run the same command again; what is installed stays." >&2
  return 1
}

locked() { # two makes at the same time install once; where there is no flock they take their chance
  mkdir -p .work
  (
    if command -v flock >/dev/null; then flock 9; fi
    is_made "$1" "$2" || install "$1" "$2"
  ) 9>".work/lock-${1#.}"
}

jobs=()
set -m # each installation is a process group of its own, so that Ctrl-C ends all of it
trap 'for job in ${jobs[@]+"${jobs[@]}"}; do kill -TERM -- "-$job" 2>/dev/null; done; wait; exit 130' INT TERM HUP
for pair in "$@"; do
  is_made "${pair%%=*}" "${pair#*=}" && continue
  locked "${pair%%=*}" "${pair#*=}" &
  jobs+=($!)
done
result=0
for job in ${jobs[@]+"${jobs[@]}"}; do wait "$job" || result=1; done
exit $result
