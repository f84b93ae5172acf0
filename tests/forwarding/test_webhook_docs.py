"""What docs/webhook.md promises to receivers is what the code does."""

import re
from datetime import UTC, datetime
from pathlib import Path

from backend.forwarding.models import Outcome
from backend.forwarding.services import OLD_SECRET_HOURS
from backend.forwarding.webhook_client import (
    MAX_RETRY_AFTER_SECONDS,
    PATIENCE,
    _judge,
    sign,
)
from backend.outbox import BACKOFF_SECONDS, MAX_ATTEMPTS

TEXT = (Path(__file__).parents[2] / "docs" / "webhook.md").read_text()
UNITS = {"s": 1, "min": 60, "h": 3600}


def block(name: str) -> str:
    found = re.search(rf"```{name}\n(.*?)\n```", TEXT, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_example_is_authentic() -> None:
    headers = dict(line.split(": ", 1) for line in block("cabeceras").splitlines())
    signature = sign(
        block("secreto"),
        headers["webhook-id"],
        int(headers["webhook-timestamp"]),
        block("cuerpo").encode(),
    )
    assert signature == headers["webhook-signature"]


def test_attempts_and_times_are_the_real_ones() -> None:
    found = re.search(r"Hay hasta (\d+) intentos; entre ellos pasan (.*?)\. Un", TEXT, re.DOTALL)
    assert found is not None
    assert int(found.group(1)) == MAX_ATTEMPTS
    pauses = re.findall(r"(\d+)\s+(s|min|h)\b", found.group(2))
    assert tuple(int(number) * UNITS[unit] for number, unit in pauses) == BACKOFF_SECONDS
    assert f"Esperamos {PATIENCE.total_seconds:.0f} segundos en total" in TEXT
    assert f"hasta {MAX_RETRY_AFTER_SECONDS // 3600} horas" in TEXT
    assert f"durante {OLD_SECRET_HOURS} horas" in TEXT


def test_what_each_status_comes_to_is_told() -> None:
    told = {}
    for line in TEXT.splitlines():
        outcome = Outcome.RETRY if "| reintentamos" in line else Outcome.REFUSED
        if line.startswith("|"):
            told |= dict.fromkeys(re.findall(r"`(\d(?:\d\d|xx))`", line.split("|")[1]), outcome)
    now = datetime.now(UTC)
    for status in (*range(300, 600),):
        named = told.get(str(status), told[f"{status // 100}xx"])
        assert _judge(status, (), now).outcome is named, status
