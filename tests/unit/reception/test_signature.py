"""Who proves what they say, and who does not."""

from datetime import UTC, datetime

import pytest

from reception.signature import sign, verify_timestamped
from watchkeeper.errors import BadSignature

NOW = datetime(2026, 11, 20, 3, 0, 4, tzinfo=UTC)
T = int(NOW.timestamp())
RAW = b'{"title": "caf\xc3\xa9"}'
GOOD = f"v1={sign(RAW, str(T), 'new')}"
FLIPPED = GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1")


def headers(signature: str | None = GOOD, timestamp: str | None = str(T)) -> dict[str, str]:
    sent = {"x-watchkeeper-signature": signature, "x-watchkeeper-timestamp": timestamp}
    return {name: value for name, value in sent.items() if value is not None}


def at(seconds: int) -> dict[str, str]:
    return headers(f"v1={sign(RAW, str(T + seconds), 'new')}", str(T + seconds))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(headers(), id="signed"),
        pytest.param(at(-299), id="299 s ago"),
        pytest.param(at(-300), id="300 s ago"),
        pytest.param(at(299), id="299 s ahead"),
        pytest.param(headers(f"v1={'0' * 64}, {GOOD}"), id="the second of two is right"),
        pytest.param(headers(f"{GOOD},v2=whatever"), id="beside a scheme that we do not know"),
        pytest.param(headers(f"v1={sign(RAW, str(T), 'old')}"), id="with the secret before"),
    ],
)
def test_taken(sent: dict[str, str]) -> None:
    assert abs(verify_timestamped(RAW, sent, ("new", "old"), NOW).timestamp() - T) <= 300


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        pytest.param({}, "x-watchkeeper-timestamp", id="nothing"),
        pytest.param(headers(signature=None), "x-watchkeeper-signature", id="unsigned"),
        pytest.param(headers(signature=""), "x-watchkeeper-signature", id="empty signature"),
        pytest.param(headers(FLIPPED), "x-watchkeeper-signature", id="a bit flipped"),
        pytest.param(headers(GOOD[3:]), "x-watchkeeper-signature", id="without v1="),
        pytest.param(headers(GOOD.replace("v1", "v0")), "x-watchkeeper-signature", id="another scheme"),
        pytest.param(headers(f"v1={sign(RAW, str(T), 'wrong')}"), "x-watchkeeper-signature", id="wrong secret"),
        pytest.param(headers(f"v1={sign(RAW, str(T), '')}"), "x-watchkeeper-signature", id="empty secret"),
        pytest.param(headers("v1=é" + "0" * 62), "x-watchkeeper-signature", id="not ASCII"),
        pytest.param(headers("v1=\ud800"), "x-watchkeeper-signature", id="half a surrogate"),
        pytest.param(headers(f"v1={sign(RAW[:-1], str(T), 'new')}"), "x-watchkeeper-signature", id="another body"),
        pytest.param(headers(timestamp=str(T + 1)), "x-watchkeeper-signature", id="another time than signed"),
        pytest.param(at(-301), "x-watchkeeper-timestamp", id="301 s ago"),
        pytest.param(at(301), "x-watchkeeper-timestamp", id="301 s ahead"),
        *(
            pytest.param(headers(timestamp=junk), "x-watchkeeper-timestamp", id=f"time {junk[:12]!r}")
            for junk in ("", "soon", "-1", "1e9", "1795143604.5", "١٧٩٥١٤٣٦٠٤", "9" * 5000, "\x00", " ")
        ),
    ],
)
def test_refused(sent: dict[str, str], field: str) -> None:
    with pytest.raises(BadSignature) as refused:
        verify_timestamped(RAW, sent, ("new", "old", ""), NOW)
    assert refused.value.field == field
    assert refused.value.status == 401


def test_without_a_secret_nothing_is_taken() -> None:
    with pytest.raises(BadSignature):
        verify_timestamped(RAW, headers(f"v1={sign(RAW, str(T), '')}"), ("",), NOW)
