"""The layers hold everything that the functions import: here without the emulator's own packages, which would hide a gap."""

import subprocess

import pytest

from local import layers
from local.places import EMULATOR_PYTHON, ROOT
from local.template import read

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not EMULATOR_PYTHON.exists(), reason="the emulator is not installed: make test installs it"),
]
FUNCTIONS = {
    name: of["Properties"] for name, of in read(ROOT / "template.yaml")["Resources"].items() if of["Type"] == "AWS::Serverless::Function"
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_handler_imports_with_its_own_layers_and_nothing_else(name: str) -> None:
    mounted = [layer["Ref"].removesuffix("Layer").lower() for layer in FUNCTIONS[name]["Layers"]]
    folders = [str(folder) for layer in mounted if layer != "config" for folder in (layers.packages(layer), ROOT / "layers" / layer)]
    module = FUNCTIONS[name]["Handler"].rpartition(".")[0]
    everything = f"import sys; sys.path[:0] = {[*folders, str(ROOT / 'src')]!r}; import {module}"
    if "claude" in mounted:
        everything += "; import anthropic, claude.client"
    if "tools" in mounted:
        everything += "; import mcp.client, jsonschema, mcp_client.servers"
    done = subprocess.run([EMULATOR_PYTHON, "-I", "-S", "-B", "-c", everything], capture_output=True, text=True, check=False)  # noqa: S603 - our own handlers
    assert done.returncode == 0, done.stderr[-2000:]
