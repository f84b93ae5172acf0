"""The lock files hold names, versions and hashes of all that pyproject asks for, and no hosts."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2]
ASKED = tomllib.loads((PROJECT / "pyproject.toml").read_text())
PRODUCT = ASKED["project"]["dependencies"]
TOOLS = ASKED["dependency-groups"]["dev"]


def locked(file: str) -> dict[str, str]:
    lines = (PROJECT / file).read_text().splitlines()
    pins = [re.match(r"([\w.-]+)(?:\[.*\])?==([^ ;]+)", line) for line in lines]
    return {canonicalize_name(pin[1]): pin[2] for pin in pins if pin}


@pytest.mark.parametrize(
    ("file", "asked"),
    [("requirements.lock", PRODUCT), ("requirements-dev.lock", PRODUCT + TOOLS)],
)
def test_what_pyproject_asks_for_is_locked(file: str, asked: list[str]):
    pins = locked(file)
    for requirement in map(Requirement, asked):
        name = canonicalize_name(requirement.name)
        assert name in pins, f"run make lock: {name} is not in {file}"
        assert requirement.specifier.contains(pins[name], prereleases=True), (
            f"run make lock: {name}"
        )


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_lines_are_pins_and_hashes_only(file: str):
    allowed = re.compile(
        r"[\w.-]+(\[[\w,-]+\])?==\S+( ; [^/]+)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?"
    )
    for line in (PROJECT / file).read_text().splitlines():
        assert allowed.fullmatch(line), line


def test_both_locks_agree():
    tools = locked("requirements-dev.lock")
    assert {name: tools.get(name) for name in locked("requirements.lock")} == locked(
        "requirements.lock"
    )


def test_the_lock_of_the_pages_names_no_host():
    lock = json.loads((PROJECT / "pwa" / "package-lock.json").read_text())
    assert lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
