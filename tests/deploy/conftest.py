"""An installation of its own, on real servers, that a test may destroy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.installation import Installation
from deploy.leftovers import end_leftovers
from deploy.ownership import folders_of, remove_folder


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "checkout")
    made.make_folders()
    yield made
    end_leftovers(made)
    for server in ("pg", "redis"):
        for folder in folders_of(made.var / server):
            remove_folder(folder)
    shutil.rmtree(made.root)
