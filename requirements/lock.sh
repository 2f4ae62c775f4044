#!/usr/bin/env bash
# Makes every pinned list anew from its .in file. Needs uv (pip install uv). Names no download host in what it writes.
set -euo pipefail
cd "$(dirname "$0")"
lock() { uv pip compile --quiet --universal --python-version "$3" --no-emit-index-url --no-emit-find-links --generate-hashes \
  --custom-compile-command "make lock" "$1" -o "$2" "${@:4}"; }
lock shared.in ../layers/shared/requirements.txt 3.11
lock claude.in ../layers/claude/requirements.txt 3.11
lock tools.in ../layers/tools/requirements.txt 3.11
lock demo.in demo.txt 3.11
lock dev.in dev.txt 3.11 -c demo.txt -c ../layers/tools/requirements.txt
lock emulator.in emulator.txt 3.11
lock sam.in sam.txt 3.11
