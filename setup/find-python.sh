#!/usr/bin/env bash
# Prints the path of a Python that can make virtual environments, or one line that says what to install.
# Usage: find-python.sh            any of 3.11, 3.12, 3.13: python3 itself if it will do, then the newest other
#        find-python.sh 3.13       exactly this version, under the name python3.13 and with pip, as `sam build` wants it
set -uo pipefail
want=${1:-}

places() { # where a python3.N may lie: PATH first, then the folders of version managers and installers
  local name=$1 home=${HOME:-/nonexistent}
  type -aP "$name" 2>/dev/null
  ls -d "${PYENV_ROOT:-$home/.pyenv}"/versions/*/bin/"$name" \
    "${ASDF_DATA_DIR:-$home/.asdf}"/installs/python/*/bin/"$name" \
    "${MISE_DATA_DIR:-$home/.local/share/mise}"/installs/python/*/bin/"$name" \
    "${UV_PYTHON_INSTALL_DIR:-$home/.local/share/uv/python}"/*/bin/"$name" \
    "$home"/.local/bin/"$name" "$home"/.rye/py/*/bin/"$name" "$home"/*conda*/envs/*/bin/"$name" \
    /opt/homebrew/opt/python@*/bin/"$name" /usr/local/opt/python@*/bin/"$name" \
    /usr/local/bin/"$name" /opt/python*/bin/"$name" \
    /Library/Frameworks/Python.framework/Versions/*/bin/"$name" 2>/dev/null
}

fits() { # does this one run, is it one of the versions in $2, can it make an environment? (a pyenv shim may exist and not run)
  "$1" - "$2" >/dev/null 2>&1 <<'PY'
import importlib.util, sys
assert "%d.%d" % sys.version_info[:2] in sys.argv[1].split()
assert all(importlib.util.find_spec(name) for name in ("venv", "ssl", "ctypes", "sqlite3"))
assert importlib.util.find_spec("ensurepip") or importlib.util.find_spec("pip")
PY
}

first_fit() { # the first of these names, wherever it lies, that is one of these versions
  local versions=$1 name path
  shift
  for name in "$@"; do
    while IFS= read -r path; do
      fits "$path" "$versions" && printf '%s\n' "$path" && return 0
    done < <(places "$name")
  done
  return 1
}

if [[ -n $want ]]; then
  while IFS= read -r path; do
    fits "$path" "$want" && "$path" -m pip --version >/dev/null 2>&1 && printf '%s\n' "$path" && exit 0
  done < <(places "python$want")
  echo "python$want with pip was not found: install Python $want (a package, or: uv python install $want, or: pyenv install $want) and try again" >&2
  exit 1
fi
first_fit "3.11 3.12 3.13" python3 python3.13 python3.12 python3.11 || {
  echo "Python 3.11, 3.12 or 3.13 with venv was not found: install one (Debian, Ubuntu: python3 python3-venv; macOS: brew install python@3.13) and try again" >&2
  exit 1
}
