"""A log subscription: traces folded and told by their exception, JSON lines by their level, the rest by their group."""

import json
import time
from typing import Any

import pytest

from reception.traces import read_trace
from tests.unit.reception.world import packed, read, sample
from watchkeeper.models import Alert, AlertKind


def told(name: str) -> list[Alert]:
    return read(json.dumps(sample(name)))


def lines(*messages: Any, group: str = "/checkout/app") -> list[Alert]:
    """What these lines of one delivery are read as, a second apart."""
    events = [{"id": str(n), "timestamp": 1795143600000 + n * 1000, "message": message} for n, message in enumerate(messages)]
    return read(json.dumps(packed({"owner": "123456789012", "logGroup": group, "logStream": "a/1", "logEvents": events})))


JAVA = """2026-11-20 ERROR order {order} failed
java.lang.IllegalStateException: no basket {order}
\tat org.springframework.aop.Proxy.invoke(Proxy.java:7)
\tat com.acme.Basket$$Lambda$31/0x00007f{order}.get(Basket.java:{line})
\tat com.acme.Basket.load(Basket.java:{line}) ~[app.jar:?]"""
PYTHON = """Traceback (most recent call last):
  File "/var/task/shop/orders.py", line {line}, in load
    return json.loads(raw)
  File "/var/lang/lib/python3.13/json/decoder.py", line 345, in decode
    obj, end = self.raw_decode(s)
json.decoder.JSONDecodeError: Expecting value: basket {order}"""
NODE = """TypeError: Cannot read properties of undefined (reading '{order}')
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async charge (/app/dist/pay.js:{line}:11)
    at /app/node_modules/express/lib/router.js:1:2"""


@pytest.mark.parametrize(
    ("trace", "title"),
    [
        (JAVA, "IllegalStateException in Basket.get (Basket.java:40) of /checkout/app: no basket 1"),
        (PYTHON, "JSONDecodeError in load (orders.py:40) of /checkout/app: Expecting value: basket 1"),
        (NODE, "TypeError in charge (pay.js:40) of /checkout/app: Cannot read properties of undefined (reading '1')"),
    ],
    ids=["java", "python", "node"],
)
def test_a_trace_is_told_by_its_exception_and_its_place(trace: str, title: str) -> None:
    first, other = trace.format(order=1, line=40), trace.format(order=2, line=41)
    (alert,) = lines(first)
    assert (alert.kind, alert.title) == (AlertKind.FIRING, title)
    (again,) = lines(other)
    assert again.fingerprint == alert.fingerprint
    assert lines(first, other)[0].labels["times"] == "2"


@pytest.mark.parametrize("trace", [JAVA, PYTHON, NODE], ids=["java", "python", "node"])
def test_a_trace_that_came_line_by_line_is_folded(trace: str) -> None:
    whole = trace.format(order=1, line=40)
    (alert,) = lines(*whole.split("\n"))
    (in_one,) = lines(whole)
    assert (alert.title, alert.fingerprint, alert.log_excerpt) == (in_one.title, in_one.fingerprint, in_one.log_excerpt)


def test_the_root_cause_is_what_counts_and_the_first_own_frame_is_the_place() -> None:
    (alert,) = told("logs-java-trace.json")
    assert (
        alert.title
        == "PaymentTimeoutException in Gateway.charge (Gateway.java:57) of /checkout/app: no answer within 3000 ms for order 88121"
    )
    assert alert.labels["times"] == "2"
    assert "retrying" not in alert.log_excerpt
    assert alert.log_excerpt.count("Caused by") == 2
    assert [r.id for r in alert.resources] == ["/checkout/app"]


def test_the_last_of_a_python_chain_is_what_was_raised() -> None:
    (alert,) = told("logs-python-trace.json")
    assert alert.title == "BasketBroken in load (basket.py:33) of /aws/lambda/orders: basket 4711"
    assert [r.type for r in alert.resources] == ["lambda:function", "logs:log-group"]


def test_json_lines_are_judged_by_their_level() -> None:
    titles = [alert.title for alert in told("logs-json-lines.json")]
    assert titles == [
        "CardRefused in charge (cards.py:57) of /ecs/storefront: ends in 4242",
        "Error in Client.send (client.js:42) of /ecs/storefront: socket hang up",
        "An error in /ecs/storefront: order queue is full",
    ]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ({"level": "INFO", "message": "0 errors"}, False),
        ({"level": "warning", "message": "it failed once"}, False),
        ({"level": "fatal", "message": "bye"}, True),
        ({"level": 30, "msg": "an error is no news"}, False),
        ({"level": 60, "msg": "bye"}, True),
        ({"log": {"level": "error"}, "message": "bye"}, True),
        ({"message": "connection refused: error"}, True),
        ({"message": "all is well"}, False),
        ({"level": [1], "message": {"a": "error"}}, True),
    ],
)
def test_a_json_line_is_an_error_where_it_says_so(line: dict[str, Any], error: bool) -> None:
    assert (lines(json.dumps(line))[0].kind is AlertKind.FIRING) is error


def test_lambdas_own_json_names_the_exception() -> None:
    frame = '  File "/var/task/app.py", line 5, in handler\n    return event["basket"]\n'
    said = {"level": "ERROR", "errorType": "KeyError", "errorMessage": "'basket'", "stackTrace": [frame]}
    (alert,) = lines(json.dumps(said), group="/aws/lambda/orders")
    assert alert.title == "KeyError in handler (app.py:5) of /aws/lambda/orders: 'basket'"


def test_lambdas_own_text_says_first_what_was_raised() -> None:
    frame = '  File "/var/task/app.py", line 5, in handler\n    return event["basket"]'
    text = f"[ERROR] KeyError: 'basket'\nTraceback (most recent call last):\n{frame}"
    (alert,) = lines(text)
    assert alert.title == "KeyError in handler (app.py:5) of /checkout/app: 'basket'"


def test_what_has_no_own_frame_is_told_by_a_librarys() -> None:
    trace = read_trace("java.io.IOException: broken pipe\n\tat java.base/sun.nio.ch.Net.write(Net.java:1)\n\tat org.apache.X.y(X.java:2)")
    assert trace
    assert str(trace) == "IOException in Net.write (Net.java:1)"


def test_errors_beside_a_trace_stay_errors_of_the_group() -> None:
    exception, others = lines(PYTHON.format(order=1, line=2), "ERROR disk is full", "all is well")
    assert exception.title.startswith("JSONDecodeError")
    assert others.title == "An error in /checkout/app: disk is full"
    assert others.fingerprint == lines("FATAL out of disk")[0].fingerprint


def test_calm_lines_that_are_indented_belong_to_the_line_before() -> None:
    (alert,) = lines("request", "  with a body", "  of two lines")
    assert (alert.kind, alert.labels["lines"]) == (AlertKind.INFO, "3")


def test_no_delivery_makes_a_flood_of_alerts() -> None:
    many = [f"com.acme.E{chr(65 + n)}Error: x\n\tat com.acme.C{chr(65 + n)}.go(C.java:1)" for n in range(26)]
    assert len(lines(*many)) == 11


def test_a_hostile_trace_does_not_stop_the_clock() -> None:
    """A second here on a busy machine; what reads a line anew from each of its characters takes minutes."""
    began = time.process_time()
    for unit in ("A.", "a.B", "at a.b(", 'File "x", line 1', "Caused by: ", "E" * 50):
        read_trace("\n\tat " + "\n".join([unit * 200] * 2_000))
        lines("Traceback (most recent call last):\n" + unit * 20_000, unit * 20_000)
    assert time.process_time() - began < 20
