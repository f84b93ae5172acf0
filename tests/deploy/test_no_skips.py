"""What the plugin tests.plugins.no_skips makes of skipped tests."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

FAILING = {
    "called": "import pytest\ndef test(): pytest.skip('no chromium')",
    "marked": "import pytest\n@pytest.mark.skip(reason='later')\ndef test(): pass",
    "whole_file": "import pytest\npytest.importorskip('no_such_library')\ndef test(): pass",
    "fixture": "import pytest\n@pytest.fixture\ndef f(): pytest.skip('x')\ndef test(f): pass",
}
HARMLESS = {
    "shared": "import pytest\ndef test(): pytest.skip('../shared is absent')",
    "expected": "import pytest\n@pytest.mark.xfail\ndef test(): assert False",
    "passing": "def test(): pass",
}


@pytest.mark.parametrize("workers", ["0", "1"], ids=["in this process", "in a worker"])
def test_a_skip_is_a_failure_unless_shared_is_absent(tmp_path: Path, workers: str):
    for name, text in (FAILING | HARMLESS).items():
        (tmp_path / f"test_{name}.py").write_text(text)
    words = ["-m", "pytest", "-rA", "-p", "tests.plugins.no_skips", "-c", "/dev/null"]
    words += ["-n", workers]

    done = subprocess.run(
        [sys.executable, *words, "--continue-on-collection-errors", str(tmp_path)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    failed = re.findall(r"^(?:FAILED|ERROR) \S*test_(\w+)\.py", done.stdout, re.MULTILINE)
    assert sorted(failed) == sorted(FAILING), done.stdout
    assert done.returncode != 0
