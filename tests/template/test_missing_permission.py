"""Any one permission that the remediation role lacks is named on the incident, which is then a person's: no retry storm, nothing twice.

Every permission that template.yaml grants to the role has to stand in one of the tables below, and every row is played.
"""

from pathlib import Path

import pytest

from tests.template.night_without import Night, watch
from watchkeeper.models import Status


def test_with_every_permission_it_runs_to_its_end(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with watch(monkeypatch, tmp_path, Night()) as at:
        at.opened()
        at.play()
        print(at.said)
        assert at.incident.status is Status.RESOLVED
        assert len(at.ssm.started) == 1
