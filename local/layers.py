"""The layers for the laptop's interpreter: the pinned packages, installed once and kept under `.work/layers`, and our source.

AWS mounts a layer; the emulator unpacks a copy of it for every worker that it starts, and thousands of files take it seconds.
So the zip holds our source and, for the packages, a line that puts their folder in front of the import path.

Bytecode goes in as it does for AWS: unpacked copies have new dates, which would void bytecode that goes by dates.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from local.places import EMULATOR_PYTHON, ROOT, WORK, NotReady

CACHE = WORK / "layers"
_NOT_SHIPPED = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}


def layer(name: str, into: Path) -> Path:
    """The zip of `layers/<name>` in the folder: what sam build would make, for this interpreter."""
    source = ROOT / "layers" / name
    archive = into / f"{name}.zip"
    major, minor = interpreter()[:2]
    with zipfile.ZipFile(archive, "w") as zipped:
        mount = f"import sys; sys.path.insert(0, {str(packages(name))!r})\n"
        zipped.writestr(f"python/lib/python{major}.{minor}/site-packages/{name}.pth", mount)
        _add(zipped, compiled(source, into / f"layer-{name}"), "python/")
    return archive


def folder(source: Path, into: Path, *, compile_it: bool = False) -> Path:
    """The zip of a plain folder, as it is or with bytecode."""
    archive = into / f"{source.name}.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        _add(zipped, compiled(source, into / f"tree-{source.name}") if compile_it else source, "")
    return archive


def compiled(source: Path, copy: Path) -> Path:
    """A copy of the folder with bytecode beside its source."""
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(*_NOT_SHIPPED))
    _compile(copy)
    return copy


def packages(name: str) -> Path:
    """The folder with a layer's pinned packages, made when the list or the interpreter is new. Two runs that make it at once do no harm."""
    requirements = ROOT / "layers" / name / "requirements.txt"
    key = hashlib.sha256(requirements.read_bytes() + repr(interpreter()).encode()).hexdigest()[:16]
    kept = CACHE / f"{name}-{key}"
    if kept.exists():
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="making-") as made:
        target = Path(made, "python")
        _install(requirements, target)
        _compile(target)
        with contextlib.suppress(OSError):  # another run was first, and its folder is as good
            target.rename(kept)
    return kept


def _install(requirements: Path, target: Path) -> None:
    done = subprocess.run(
        [EMULATOR_PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--no-compile",
         "--target", target, "--requirement", requirements],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise NotReady(
            f"the packages of {requirements.relative_to(ROOT)} could not be installed: {last}. The first run needs a package index."
        )


def _compile(tree: Path) -> None:
    subprocess.run(
        [EMULATOR_PYTHON, "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash", tree],
        check=False, env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}, stdout=subprocess.DEVNULL,
    )  # fmt: skip


@cache
def interpreter() -> tuple[int, int, str]:
    """The emulator's Python, whose version and platform compiled packages must fit."""
    asked = "import sys, sysconfig, json; print(json.dumps([*sys.version_info[:2], sysconfig.get_platform()]))"
    major, minor, platform = json.loads(subprocess.run([EMULATOR_PYTHON, "-I", "-c", asked], capture_output=True, check=True).stdout)
    return major, minor, platform


def _add(zipped: zipfile.ZipFile, tree: Path, prefix: str) -> None:
    for path in _files(tree):
        zipped.write(path, f"{prefix}{path.relative_to(tree)}")


def _files(tree: Path) -> Iterator[Path]:
    """As sam packages a folder: what a link in it leads to belongs to it. config/guides is one."""
    return iter(sorted(Path(folder, name) for folder, _, names in os.walk(tree, followlinks=True) for name in names))
