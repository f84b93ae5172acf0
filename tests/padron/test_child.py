"""The process that reads strangers' spreadsheets is kept short, whatever it has become."""

import subprocess
import sys
from time import monotonic

import pytest

from backend.padron import spreadsheet_client
from backend.padron.spreadsheet_client import PROJECT, Unreadable, read_sheet

GIVEN_UP = """
import os, sys
from backend.padron.spreadsheet_child import _give_up_rights
_give_up_rights(1 << 30)
try:
    os.fork()
except OSError:
    sys.exit(7)
"""


@pytest.fixture
def taken_over(tmp_path, monkeypatch):
    """A child that does whatever a test says."""

    def become(program: str) -> None:
        (tmp_path / "taken_over.py").write_text(program)
        monkeypatch.setattr(spreadsheet_client, "CHILD", "taken_over")
        monkeypatch.setattr(spreadsheet_client, "PROJECT", tmp_path)

    return become


def test_an_answer_without_end_is_not_kept_nor_waited_for(taken_over, monkeypatch):
    monkeypatch.setattr(spreadsheet_client, "MAX_ANSWER_BYTES", 1000)
    taken_over("import sys\nwhile True: sys.stdout.write('x' * 100)")
    begun = monotonic()
    with pytest.raises(Unreadable, match="demasiado"):
        read_sheet(b"anything")
    assert monotonic() - begun < spreadsheet_client.WAIT_SECONDS / 2


def test_one_that_says_nothing_is_ended(taken_over, monkeypatch):
    monkeypatch.setattr(spreadsheet_client, "WAIT_SECONDS", 1)
    taken_over("import time\ntime.sleep(60)")  # the child's, which is ended after one second
    with pytest.raises(Unreadable):
        read_sheet(b"x" * 1_000_000)


def test_one_that_breaks_off_has_said_nothing(taken_over):
    taken_over("print('{}', flush=True)\nraise SystemExit(1)")
    with pytest.raises(Unreadable):
        read_sheet(b"anything")


def test_it_starts_no_other_process():
    done = subprocess.run([sys.executable, "-c", GIVEN_UP], cwd=PROJECT, check=False)
    assert done.returncode == 7
