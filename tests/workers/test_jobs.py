"""A job that fails tells what kind of failure and where, and nothing of what anybody wrote."""

from uuid import uuid4

import pytest
from sqlalchemy.exc import DataError

from workers import jobs


class Lines:
    """What would have been logged."""

    def __init__(self) -> None:
        self.all: list[str] = []

    def error(self, event: str, **details: object) -> None:
        self.all.append(f"{event} {details}")


@pytest.mark.parametrize("name", ["moderate", "forward", "feed_risk_map"])
def test_a_failed_job_quotes_no_values(app, monkeypatch, name):
    def fail(*_: object) -> None:
        values = {"photo_point": "POINT(-77.03 -12.04)"}
        raise DataError("UPDATE attachment SET ...", values, Exception("Failing row contains"))

    lines, identity = Lines(), str(uuid4())
    monkeypatch.setattr(jobs.journey, name, fail)
    monkeypatch.setattr(jobs, "log", lines, raising=False)
    getattr(jobs, name)(identity)
    (line,) = lines.all
    assert "DataError" in line
    assert identity in line
    assert "77.03" not in line
    assert "Failing row" not in line
