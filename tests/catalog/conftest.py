"""A copy of the catalogue's data that a test may spoil."""

import re
import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path

import pytest

Break = Callable[[str, str, str], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the product's data that a test may spoil."""
    with as_file(files("backend.catalog") / "data") as data:
        return Path(shutil.copytree(data, tmp_path / "data"))


@pytest.fixture
def spoil(folder: Path) -> Break:
    """Replace the first `old` in or after the row of `codigo`, in the first file that has it."""

    def replace(codigo: str, old: str, new: str) -> None:
        for path in sorted(folder.glob("*.toml")):
            text = path.read_text(encoding="utf-8")
            row = re.search(rf'^(codigo|numero|nombre) = "{re.escape(codigo)}"', text, re.M)
            start = text.rfind("[[", 0, row.start()) if row else -1
            at = text.find(old, start) if start >= 0 else -1
            if at >= 0:
                path.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
                return
        raise AssertionError(f"{old!r} is not in the row of {codigo}")

    return replace
