"""A phone as the server meets it: every request in a context of its own, as in production."""

import contextvars
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Phone(FlaskClient):
    """A client whose requests never share `g` or a session with the test or each other."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(super().open, *args, **kwargs)


def a_phone(app: Flask) -> Phone:
    return Phone(app, app.response_class, use_cookies=True)
