"""Proves a webhook sample anew, as of now, and prints the event: `python events/sign.py events/webhook-generic.json [secret]`."""
# ruff: noqa: INP001 - a script beside the samples that it signs, not a package

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
SAMPLE_SECRET = "a-secret-for-samples-only"  # noqa: S105 - known to everybody; it signs the samples and opens nothing


def main() -> None:
    sys.path[:0] = [str(ROOT), str(ROOT / "src"), str(ROOT / "layers" / "shared")]
    from cli.knocking import proven_anew, source_of

    event = json.loads(Path(sys.argv[1]).read_text())
    secret = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("WEBHOOK_SECRET", SAMPLE_SECRET)
    source = source_of(event)
    json.dump(proven_anew(event, source, secret, datetime.now(UTC)) if source else event, sys.stdout)


if __name__ == "__main__":
    main()
