"""A request handed on to the emulator as it came, by whoever stands in front of it."""

import http.client
from urllib.parse import urlsplit

from local.standins.http import Reply, Request

SECONDS = 30
AMZ_JSON = "application/x-amz-json-1.1"


def pass_on(request: Request, url: str) -> Reply:
    """The same request there, the same answer back. Host stays as it was signed."""
    beyond = urlsplit(url)
    connection = http.client.HTTPConnection(beyond.hostname or "", beyond.port, timeout=SECONDS)
    headers = {name: value for name, value in request.headers.items() if name != "connection"}
    try:
        connection.request(request.method, request.path, request.body, headers)
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(), {"content-type": answer.getheader("content-type") or AMZ_JSON})
    except OSError as error:
        message = f"the emulator does not answer: {error}"
        return Reply(500, {"__type": "InternalServerError", "message": message}, {"content-type": AMZ_JSON})
    finally:
        connection.close()
