"""A world with the limits off, and a moment that stands still."""

import pytest
from flask import Flask

from backend import clock
from mobile_api.limits import limiter
from tests.isolation.world import World


@pytest.fixture
def world(app: Flask, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(limiter, "enabled", False)
    return World(app)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages made at the same time, so that two of them differ only by what they tell."""
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
