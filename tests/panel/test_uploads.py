"""What is refused for its size is taken in, and not for ever."""

import socket
from time import monotonic

from admin import uploads


def test_who_sends_drop_by_drop_is_not_listened_to(app, monkeypatch):
    monkeypatch.setattr(uploads, "DRAIN_SECONDS", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as stream:
        theirs.send(b"a drop")
        environ = {
            "gunicorn.socket": ours,
            "wsgi.input": stream,
            "CONTENT_LENGTH": str(10**9),
        }
        begun = monotonic()
        with app.test_request_context(environ_overrides=environ):
            uploads._drain()
        assert monotonic() - begun < 10
        ours.send(b"the answer")
        assert theirs.recv(10) == b"the answer"
