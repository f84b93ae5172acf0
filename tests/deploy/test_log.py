"""The one log: what a line of it may tell, and turning it over."""

import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.errors import InvalidRequestLine
from gunicorn.workers.base import Worker

from deploy.access_log import PlainAccessLog, kind_of_page
from deploy.installation import Installation
from deploy.keeper import abandoned, turn_over_if_large


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/", "/"),
        ("/api/v1/alertas", "/api/v1/alertas"),
        ("/api/v1/riesgo/delito/14/4712/8790.mvt", "/api/v1/riesgo/delito/*/*/*"),
        ("/api/v1/riesgo/zonas/878e62c6bffffff", "/api/v1/riesgo/zonas/*"),
        ("/panel/casos/815", "/panel/casos/*"),
        ("/seguimiento/YA-7K3M-9QXW-2", "/seguimiento/*"),
        ("/x\ny", "/*"),
    ],
)
def test_a_line_names_the_kind_of_page_only(path: str, logged: str):
    assert kind_of_page(path) == logged


def line_of(method: str, path: str, sent: int, capfd: pytest.CaptureFixture[str]) -> str:
    settings = Config()
    settings.set("accesslog", "-")
    settings.set("access_log_format", "%(m)s %(U)s %(s)s %(B)s")
    answer = SimpleNamespace(status="201 CREATED", sent=sent, headers=[])
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
    environ |= {"RAW_URI": path, "SERVER_PROTOCOL": "HTTP/1.1"}
    asked = SimpleNamespace(headers=[])
    PlainAccessLog(settings).access(answer, asked, environ, timedelta(milliseconds=7))
    return "".join(capfd.readouterr())


def test_no_line_tells_a_juntas_report_from_anybodys(capfd: pytest.CaptureFixture[str]):
    """Not by its address, and not by the length of the receipt."""
    informe = line_of("POST", "/api/v1/junta/informes", 310, capfd)
    assert informe == line_of("POST", "/api/v1/alertas", 280, capfd)
    assert "POST /api/v1/alertas 201 -" in informe
    assert "GET /api/v1/junta/informes" in line_of("GET", "/api/v1/junta/informes", 9, capfd)


@pytest.mark.parametrize(
    ("request_read", "error", "logged"),
    [
        (None, InvalidRequestLine("GET /seguimiento/YA-7K3M"), "An invalid request was refused"),
        (
            SimpleNamespace(method="GET", uri="/seguimiento/YA-7K3M?clave=abeja"),
            RuntimeError(),
            "Error handling a request",
        ),
    ],
)
def test_a_request_that_fails_leaves_no_address(
    request_read: SimpleNamespace | None,
    error: Exception,
    logged: str,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
):
    log = PlainAccessLog(Config())
    monkeypatch.setattr(log, "access", lambda *_: None)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        worker = SimpleNamespace(log=log, cfg=Config())
        try:
            raise error
        except Exception as failure:
            # The environment of a request is built of more than these tests make.
            monkeypatch.setattr("gunicorn.workers.base.default_environ", lambda *_: {})
            monkeypatch.setattr("gunicorn.workers.base.Response", lambda *_: SimpleNamespace())
            Worker.handle_error(worker, request_read, theirs, ("203.0.113.9", 4711), failure)
    written = capfd.readouterr().err
    assert logged in written
    for secret in ("203.0.113.9", "YA-7K3M", "abeja"):
        assert secret not in written


def test_a_large_log_is_turned_over_and_only_so_many_are_kept(installation: Installation):
    for number in range(8):
        installation.log.write_text(f"{number}" * 100)
        assert turn_over_if_large(installation, limit=100)
    assert not turn_over_if_large(installation, limit=100)

    kept = sorted(file.name for file in installation.log.parent.iterdir())
    assert kept == [f"yo-alerto.log.{number}" for number in range(1, 6)]
    assert installation.log.with_suffix(".log.1").read_text().startswith("7")


def test_only_what_was_given_up_is_revived():
    assert abandoned({"web": "RUNNING", "worker-1": "FATAL", "redis": "BACKOFF"}) == ["worker-1"]
