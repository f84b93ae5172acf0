"""What every refusal of the API looks like."""

from werkzeug.test import TestResponse

# Words that would give away a library's own English message.
ENGLISH = ("not a valid", "missing", "must be", "field", "required", "allowed", "unknown", "error")


def assert_problem(answer: TestResponse, status: int, field: str | None = None) -> None:
    """RFC 9457 in Spanish, with the field named where one is to blame."""
    assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
    assert answer.mimetype == "application/problem+json"
    body = answer.json
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    texts = [body["detail"], *(one["mensaje"] for one in body.get("errores", []))]
    for text in texts:
        assert text.strip()
        assert not [word for word in ENGLISH if word in text.lower()], text
    if field is not None:
        assert field in [one["campo"] for one in body["errores"]], body["errores"]
