"""Frames of stack traces, as each language prints them, and the lines that a patch wrote."""

import time

import pytest

from analysis.signals.patches import shown, written_lines
from analysis.signals.stack_frames import Frame, frames

PYTHON = """Traceback (most recent call last):
  File "/app/src/checkout/pool.py", line 88, in take
    return self._free.pop()
  File "/usr/local/lib/python3.13/site-packages/urllib3/pool.py", line 12, in urlopen
IndexError: pop from empty list"""
JAVA = """java.lang.IllegalStateException: exhausted
\tat com.acme.checkout.Pool$Lease.take(Pool.java:42) ~[app.jar:1.43.0]
\tat app//com.acme.checkout.PoolKt.open(Pool.kt:7)
\tat com.acme.checkout.Pool.<init>(Pool.java:12)
\tat java.base/java.lang.Thread.run(Thread.java:1583)
Caused by: java.sql.SQLException: too many clients
\t... 12 more"""
NODE = """TypeError: Cannot read properties of undefined (reading 'id')
    at Pool.take (/usr/src/app/dist/pool.js:31:17)
    at async Object.handle [as get] (file:///app/routes/cart.mjs:9:3)
    at /app/server.js:3:1
    at new Lease (webpack:///./src/lease.ts:5:2)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)"""
GO = """panic: runtime error: index out of range [5] with length 5

goroutine 1 [running]:
github.com/acme/checkout/internal/pool.(*Pool).Take(0xc000010250, {0x4b1f4a, 0x3})
\t/src/internal/pool/pool.go:57 +0x1d
main.main()
\t/src/cmd/checkout/main.go:14 +0x2a
created by net/http.(*Server).Serve in goroutine 1
\t/usr/local/go/src/net/http/server.go:3285 +0x4b4"""
RUBY = """/app/lib/pool.rb:12:in `take': exhausted (RuntimeError)
\tfrom /app/lib/cart.rb:4:in 'Cart#open'
\tfrom /usr/local/bundle/gems/puma-6.4/lib/puma/server.rb:99:in `process'"""
DOTNET = """Unhandled exception. System.InvalidOperationException: exhausted
   at Acme.Checkout.Pool.Take(String name, Int32 n) in /src/Checkout/Pool.cs:line 42
   at Acme.Checkout.Cart.Open() in C:\\build\\Checkout\\Cart.cs:line 7"""


@pytest.mark.parametrize(
    ("text", "own"),
    [
        pytest.param(PYTHON, [("/app/src/checkout/pool.py", 88, "take")], id="python"),
        pytest.param(
            JAVA,
            [
                ("com/acme/checkout/Pool.java", 42, "Pool$Lease.take"),
                ("com/acme/checkout/Pool.kt", 7, "PoolKt.open"),
                ("com/acme/checkout/Pool.java", 12, "Pool.<init>"),
            ],
            id="jvm",
        ),
        pytest.param(
            NODE,
            [
                ("/usr/src/app/dist/pool.js", 31, "Pool.take"),
                ("/app/routes/cart.mjs", 9, "Object.handle"),
                ("/app/server.js", 3, "an unnamed function"),
                ("./src/lease.ts", 5, "Lease"),
            ],
            id="node",
        ),
        pytest.param(
            GO, [("/src/internal/pool/pool.go", 57, "pool.(*Pool).Take"), ("/src/cmd/checkout/main.go", 14, "main.main")], id="go"
        ),
        pytest.param(RUBY, [("/app/lib/pool.rb", 12, "take"), ("/app/lib/cart.rb", 4, "Cart#open")], id="ruby"),
        pytest.param(
            DOTNET,
            [("/src/Checkout/Pool.cs", 42, "Acme.Checkout.Pool.Take"), ("C:/build/Checkout/Cart.cs", 7, "Acme.Checkout.Cart.Open")],
            id=".net",
        ),
    ],
)
def test_the_frames_of_the_service_are_read_and_those_of_libraries_are_told_apart(text: str, own: list[tuple[str, int, str]]) -> None:
    found = list(frames(text))
    assert [(frame.path, frame.line, frame.function) for frame in found if not frame.foreign] == own
    assert len(found) - len(own) == (0 if text == DOTNET else 1), "the one frame of a library"


def test_a_trace_that_lies_escaped_in_a_line_of_json_is_read() -> None:
    line = '2026-11-20T02:58:00Z /app 1  {"level": "error", "stack": "Error: x\\n  at take (/app/pool.js:3:1)\\n  at /app/a.js:1:2"}'
    assert [frame.path for frame in frames(line)] == ["/app/pool.js", "/app/a.js"]
    python = '{"exc_info": "Traceback\\n  File \\"/app/pool.py\\", line 8, in take\\n"}'
    assert list(frames(python)) == [Frame("/app/pool.py", 8, "take")]


@pytest.mark.parametrize(
    "line",
    [
        "ERROR order 12:30:45 failed at checkout",
        "GET /cart:80 200",
        "we look at (it) in the morning: line 12",
        'File "", line x, in y',
        "2026-11-20T02:58:00Z connected to db:5432:1",
    ],
)
def test_prose_is_no_frame(line: str) -> None:
    assert list(frames(line)) == []


@pytest.mark.parametrize("piece", ["at a(", "at at ", "a.", "(((((", "from a.rb:1:in `", "x/", 'File "', "at a.b(c) in "])
def test_a_hostile_line_takes_no_time(piece: str) -> None:
    began = time.process_time()
    list(frames("\n".join([piece * 20_000] * 50)))
    assert time.process_time() - began < 1.0


def test_the_line_numbers_of_a_frame_may_be_absurd() -> None:
    (frame,) = frames(f'File "/app/a.py", line {"9" * 6000}, in f')
    assert frame.line == 999_999_999


PATCH = """@@ -78,7 +78,9 @@ class Pool:
     def __init__(self, size):
         self.size = size
-        self.spare = 5
+        self.spare = 0
+        self.wait = 30
+        # it may be full
     def take(self):
         return self._free.pop()
@@ -100,3 +102,3 @@ def close(self):
-    old
+    new
     kept
\\ No newline at end of file"""


@pytest.mark.parametrize(
    ("patch", "lines"),
    [
        pytest.param(PATCH, "80-82, 102", id="rewritten and added"),
        pytest.param("@@ -10,3 +9,2 @@\n kept\n-gone\n kept", "", id="only removed"),
        pytest.param("@@ -0,0 +1,2 @@\n+one\n+two", "1-2", id="a new file"),
        pytest.param("@@ -1 +1 @@\n-old\n+new\x0cpage\n", "1", id="one line, with a form feed in it"),
        pytest.param("@@ -1,2 +1,3 @@\n a\n++++ b\n c", "2", id="a line that begins with plus signs"),
        pytest.param("Binary files differ", "", id="no hunk"),
    ],
)
def test_the_lines_that_a_patch_wrote(patch: str, lines: str) -> None:
    assert shown(written_lines(patch)) == lines
