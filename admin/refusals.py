"""What somebody reads who is refused: a page, or words beside the form that htmx sent."""

import re
from collections.abc import Mapping

from flask import Response, render_template, request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
ELEMENT_ID = re.compile(r"[a-z][a-z0-9_-]*")


def error_page(
    status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
) -> Response:
    """A refusal as a page, or as a fragment when htmx asked."""
    template = "panel/error_fragment.html" if is_htmx() else "panel/error.html"
    page = render_template(template, title=title, detail=detail, status=status)
    return Response(page, status, {**(headers or {}), **_beside_its_form()}, mimetype="text/html")


def is_htmx() -> bool:
    """Whether a piece of a page was asked for."""
    return request.headers.get("HX-Request") == "true"


def _beside_its_form() -> dict[str, str]:
    """Where the words go: in the answer's usual place they would wipe out what was typed."""
    form = request.headers.get("HX-Trigger", "")
    if not is_htmx() or request.method in SAFE_METHODS or not ELEMENT_ID.fullmatch(form):
        return {}
    return {"HX-Retarget": f"#{form}", "HX-Reswap": "beforeend"}
