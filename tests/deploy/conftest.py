"""An installation of its own, on real servers, that a test may destroy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded import start_postgres
from deploy.installation import Installation
from deploy.leftovers import end_leftovers
from deploy.ownership import folders_of, remove_folder


@pytest.fixture(scope="session")
def new_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The files of a cluster as its first start leaves them; making them takes seconds."""
    wanted = tmp_path_factory.mktemp("cluster") / "pg"
    cluster = start_postgres(wanted, durable=True)
    cluster.stop()
    yield cluster.data
    for folder in folders_of(wanted):
        remove_folder(folder)


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
