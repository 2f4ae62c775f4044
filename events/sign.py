"""Signs a webhook sample anew, as of now, and prints the event: `python events/sign.py events/webhook-generic.json [secret]`."""
# ruff: noqa: INP001 - a script beside the samples that it signs, not a package

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from pathlib import Path

SAMPLE_SECRET = "a-secret-for-samples-only"  # noqa: S105 - known to everybody; it signs the samples and opens nothing


def main() -> None:
    event = json.loads(Path(sys.argv[1]).read_text())
    secret = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("WEBHOOK_SECRET", SAMPLE_SECRET)
    raw = base64.b64decode(event["body"]) if event["isBase64Encoded"] else event["body"].encode()
    now = str(int(time.time()))
    mac = hmac.new(secret.encode(), f"{now}:".encode() + raw, hashlib.sha256).hexdigest()
    for name, value in {"X-Watchkeeper-Timestamp": now, "X-Watchkeeper-Signature": f"v1={mac}"}.items():
        event["headers"][name] = value
        event["multiValueHeaders"][name] = [value]
    sys.stdout.write(json.dumps(event))


if __name__ == "__main__":
    main()
