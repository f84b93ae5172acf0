"""A test client whose requests share nothing, as in a server."""

from typing import Any

from flask import g
from flask.testing import FlaskClient


class SeparateRequests(FlaskClient):
    """Forget what an earlier request kept in `g`: the tests' open context would share it."""

    def open(self, *args: Any, **kwargs: Any):
        if g:
            vars(g._get_current_object()).clear()
        return super().open(*args, **kwargs)
