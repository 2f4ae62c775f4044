"""A sentence that only one person reads: to the address that came with their press, if it is Slack's, and within two seconds."""

from typing import Any
from urllib.parse import urlsplit

from watchkeeper.telemetry import count, logger

SECONDS = 2.0


class SlackWhispers:
    """Called with the address, the sentence, and how long it may take. It never fails: what was pressed is done, and its presser
    hears of it or does not."""

    def __init__(self, hooks_url: str) -> None:
        self._home = urlsplit(hooks_url)
        self._pool: Any = None

    def __call__(self, response_url: str, says: str, seconds: float = SECONDS) -> None:
        if not self.is_slacks(response_url):
            if response_url:
                count("WhispersRefused")
                logger.warning("a response_url that is not Slack's was not called")
            return
        from urllib3 import PoolManager, Timeout  # botocore brings it; the first whisper pays for the pool
        from urllib3.exceptions import HTTPError

        self._pool = self._pool or PoolManager(retries=False)
        said = {"response_type": "ephemeral", "replace_original": False, "text": escaped(says)}
        try:
            answer = self._pool.request(
                "POST", response_url, json=said, timeout=Timeout(total=seconds), redirect=False, preload_content=False
            )
            answer.close()  # its status is all there is to know, and a body could take its time
        except HTTPError as error:
            count("WhispersFailed")
            logger.warning("Slack did not take the answer for its presser", extra={"why": type(error).__name__})
            return
        if answer.status >= 300:
            count("WhispersFailed")
            logger.warning("Slack did not take the answer for its presser", extra={"why": f"HTTP {answer.status}"})

    def is_slacks(self, url: str) -> bool:
        """The same scheme, host and port as Slack's own, nobody's name in it, and a path below Slack's."""
        try:
            parts = urlsplit(url)
            same = (parts.scheme, parts.hostname, parts.port) == (self._home.scheme, self._home.hostname, self._home.port)
        except ValueError:
            return False
        path = parts.path.startswith(f"{self._home.path.rstrip('/')}/") and ".." not in parts.path
        return same and "@" not in parts.netloc and path and url.isascii() and url.isprintable() and "\\" not in url


def escaped(text: str) -> str:
    """Slack's three control characters: a text can neither mention anybody nor make a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
