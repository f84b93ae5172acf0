"""Writes gunicorn's access lines without anything that points at a person, place or report."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from gunicorn.glogging import Logger

VERSION = re.compile(r"v\d+")
TELLING = re.compile(r"\d")
# No line tells whether a report came from a junta: of a sensible one, beside which the log has
# nothing else, it would be the only trace of that.
ALERTAS = "/api/v1/alertas"
REPORTS = frozenset({ALERTAS, "/api/v1/junta/informes"})


class PlainAccessLog(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """Method, kind of page, status, bytes and time; no address, no query, no identifier."""

    def atoms(
        self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta
    ) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        page = kind_of_page(str(environ.get("PATH_INFO", "")))
        if atoms["m"] == "POST" and page in REPORTS:
            # Their receipts differ in length.
            return atoms | {"U": ALERTAS, "B": "-"}
        return atoms | {"U": page}

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request from"):  # then come the address and what was sent
            msg, args = "An invalid request was refused", ()
        super().warning(msg, *args, **kwargs)

    def exception(self, msg: object, *args: Any, **kwargs: Any) -> None:
        if str(msg).startswith("Error handling request"):  # then comes the whole page's address
            msg, args = "Error handling a request", ()
        super().exception(msg, *args, **kwargs)


def kind_of_page(path: str) -> str:
    """Every part with a digit becomes `*`: tiles tell places, and mistyped addresses anything."""
    return "/".join(_part(part) for part in path.split("/"))


def _part(part: str) -> str:
    if VERSION.fullmatch(part) or (
        part.isascii() and part.isprintable() and not TELLING.search(part)
    ):
        return part
    return "*"
