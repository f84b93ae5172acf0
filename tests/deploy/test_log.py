"""The one log: what a line of it may tell, and turning it over."""

import pytest

from deploy.access_log import kind_of_page
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
