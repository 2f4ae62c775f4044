"""What is kept of an alert that is quiet for now, so that it can fire later: the essential, in little room."""

from watchkeeper.models import Alert

ROOM = 1_500
_SHORTER: tuple[dict[str, object], ...] = (
    {"log_excerpt": ""},
    {"description": ""},
    {"links": {}},
    {"labels": {}},
    {"raw": None},
    {"metric": None},
)


def remembered(alert: Alert) -> Alert:
    """The same alert, with the same key, without what does not fit into 1.5 KB: first the log, last the resources and the title.

    Its source, fingerprint, kind and time are never cut: they are its key.
    """
    for shorter in _SHORTER:
        if _size(alert) <= ROOM:
            return alert
        alert = alert.model_copy(update=shorter)
    while alert.resources and _size(alert) > ROOM:
        alert = alert.model_copy(update={"resources": alert.resources[:-1]})
    return alert if _size(alert) <= ROOM else alert.model_copy(update={"title": alert.title[:120], "alarm_name": alert.alarm_name[:255]})


def _size(alert: Alert) -> int:
    return len(alert.model_dump_json().encode())
