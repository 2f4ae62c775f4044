"""The orders that the stack runs by: those in the layer that its functions have."""

import io
import urllib.request
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from cli.stack import Stack
from cli.trouble import Trouble
from watchkeeper.team import StandingOrders, read_orders

FILE = "standing-orders.yaml"
MOST = 50_000_000
SECONDS = 30


def deployed(stack: Stack) -> StandingOrders:
    """Trouble where no layer of the function holds any, or where they are older or newer than this program can read."""
    arn = stack.output("ReceptionFunctionArn")
    client = stack.client("lambda")
    function = client.get_function_configuration(FunctionName=arn)
    for layer in reversed(function.get("Layers", [])):
        content = client.get_layer_version_by_arn(Arn=layer["Arn"])["Content"]
        if content.get("CodeSize", 0) <= MOST and (raw := _orders_in(_fetched(content["Location"]))) is not None:
            return _read(raw)
    raise Trouble("no layer of this stack holds standing orders", "it is another stack, or an older one", "name both files instead")


def _fetched(location: str) -> bytes:
    """The layer's zip, from the address that Lambda signed just now."""
    if not location.startswith(("https://", "http://")):
        raise Trouble(f"the layer is said to lie at {location[:80]}", todo="name both files instead")
    try:
        with urllib.request.urlopen(location, timeout=SECONDS) as answer:  # noqa: S310 - the scheme was looked at
            body: bytes = answer.read(MOST + 1)
    except OSError as error:
        raise Trouble(f"the layer cannot be fetched: {error}", todo="name both files instead") from error
    return body


def _orders_in(body: bytes) -> bytes | None:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as layer:
            return layer.read(FILE) if FILE in layer.namelist() else None
    except zipfile.BadZipFile as error:
        raise Trouble("what lies where the layer should be is no zip file", todo="name both files instead") from error


def _read(raw: bytes) -> StandingOrders:
    with TemporaryDirectory() as folder:
        Path(folder, FILE).write_bytes(raw)
        return read_orders(Path(folder))
