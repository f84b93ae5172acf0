"""Files that officers send to the panel: how large, and never on the disk; `admin.access` asks."""

from contextlib import suppress
from io import BytesIO
from socket import SHUT_RD, socket
from threading import Timer
from typing import Any

from flask import request

from backend.boards.areas import MAX_TEXT
from backend.padron.services import MAX_FILE_BYTES, too_large_words

# The other fields of the form.
FORM_BYTES = 64 * 1024
# Endpoint -> the most that its whole form may weigh.
UPLOADS = {
    "panel.upload_padron": MAX_FILE_BYTES + FORM_BYTES,
    "panel.set_area": 2 * MAX_TEXT + FORM_BYTES,
}
# A refusal is read only by a browser that could send all it had.
MAX_DRAINED_BYTES = 64 * 1024 * 1024
DRAIN_SECONDS = 30
PIECE_BYTES = 64 * 1024


def admit_file(endpoint: str) -> tuple[int, str, str] | None:
    """Let this request bring a file, kept in memory; what to answer instead when it is too large.

    Call it before anything reads the form, and only for who may send the file.
    """
    limit = UPLOADS.get(endpoint)
    if limit is None:
        return None
    if (request.content_length or 0) > limit:
        _drain()
        if endpoint == "panel.upload_padron":
            return 413, "El archivo es demasiado grande", too_large_words()
        return 413, "El archivo es demasiado grande", "Envíe uno con menos esquinas."
    request.max_content_length = limit
    # The public edge seals files as photos of a report; this one is read and forgotten.
    real: Any = request._get_current_object()  # type: ignore[attr-defined]
    real._get_file_stream = lambda *_, **__: BytesIO()
    return None


def _drain() -> None:
    """Take in what is refused, so that the answer is read; no longer than a browser needs."""
    left = min(request.content_length or 0, MAX_DRAINED_BYTES)
    watchdog = Timer(DRAIN_SECONDS, _hear_no_more, [request.environ.get("gunicorn.socket")])
    watchdog.daemon = True
    watchdog.start()
    try:
        while left > 0:
            piece = request.environ["wsgi.input"].read(min(left, PIECE_BYTES))
            if not piece:
                return
            left -= len(piece)
    finally:
        watchdog.cancel()


def _hear_no_more(connection: socket | None) -> None:
    """Whoever sends drop by drop would hold one of a few threads; the answer still goes out."""
    if connection is not None:
        with suppress(OSError):
            connection.shutdown(SHUT_RD)
