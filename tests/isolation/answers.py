"""What counts as an answer, a refusal, and a secret told."""

from io import BytesIO
from zipfile import ZipFile

from werkzeug.test import TestResponse

from tests.isolation.world import SECRETS


def was_answered(answer: TestResponse) -> bool:
    """2xx, or on to another page that is not the sign-in."""
    if answer.status_code == 303:
        return "/panel/entrar" not in answer.location
    return 200 <= answer.status_code < 300


def assert_refused(answer: TestResponse, who: str) -> None:
    if answer.status_code == 303:
        assert "/panel/entrar" in answer.location, f"{who}: {answer.location}"
    else:
        assert answer.status_code in (401, 403, 404), f"{who}: {answer.status_code}"
    assert_no_secret(answer, who)


def assert_no_secret(answer: TestResponse, who: str) -> None:
    for secret in SECRETS:
        assert secret.encode() not in answer.data, f"{who} read {secret}"


def words_of(answer: TestResponse) -> str:
    """What it tells: a page as it is, a spreadsheet without the moment at which it was made."""
    if not answer.data.startswith(b"PK"):
        return answer.data.decode(errors="replace")
    with ZipFile(BytesIO(answer.data)) as sheets:
        parts = [name for name in sheets.namelist() if name != "docProps/core.xml"]
        return "\n".join(sheets.read(name).decode() for name in parts)
