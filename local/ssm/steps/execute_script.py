"""aws:executeScript: the script of the runbook, run for real in a process of its own that sees nothing of this machine.

AWS runs it with boto3 at hand and as the runbook's role, for ten minutes at most. So does this, with the Python that we run
on instead of the one that `Runtime` names.
"""

import json
import subprocess
import sys
from typing import Any

from local.ssm.steps.action import Action, Done, Hands, Leave, StepFailed, StepTimedOut

LONGEST_SECONDS = 600
LONGEST_ANSWER = 100_000
PYTHON = "python3."
# The answer goes out on a descriptor of its own: what the script prints is no part of it.
_AROUND = """
import json, os, sys
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
given = json.load(sys.stdin)
names = {"__name__": "script"}
exec(compile(given["script"], "script", "exec"), names)
json.dump(names[given["handler"]](given["payload"], {}), answer)
answer.close()
"""


def _run(inputs: dict[str, Any], hands: Hands) -> Done:
    if not str(inputs.get("Runtime", "")).startswith(PYTHON):
        raise StepFailed(f"the simulator runs Python scripts only, not {inputs.get('Runtime')!r}")
    handler, payload = str(inputs["Handler"]), dict(inputs.get("InputPayload") or {})
    leave = hands.script(handler, payload)
    try:
        said = _answer(json.dumps({"script": inputs["Script"], "handler": handler, "payload": payload}), leave)
    except StepFailed as error:
        leave.ended(str(error))
        raise
    leave.ended()
    return Done(outputs={"Payload": said}, response={"Payload": said})


def _answer(given: str, leave: Leave) -> Any:
    command = [sys.executable, "-I", "-c", _AROUND]
    seconds = min(leave.seconds, LONGEST_SECONDS)
    try:
        done = subprocess.run(command, input=given, env=leave.environment, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as error:
        leave.ended(f"not over within {seconds:g} s")
        raise StepTimedOut(f"the script was not over within {seconds:g} s") from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise StepFailed(f"the script failed: {last[:500]}")
    if len(done.stdout) > LONGEST_ANSWER:
        raise StepFailed(f"the script returned {len(done.stdout)} characters; {LONGEST_ANSWER} are allowed")
    return json.loads(done.stdout)


ACTION = Action("aws:executeScript", _run)
