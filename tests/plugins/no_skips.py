"""A skipped test is a failure, except for an absent ../shared; pyproject loads it with -p."""

from typing import Any

import pytest

ABSENT_SHARED = "../shared is absent"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _fail_unless_shared_is_absent(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector):
    """`pytest.importorskip` and `allow_module_level` skip a whole file at once."""
    report = yield
    if report.skipped:
        _fail_unless_shared_is_absent(report)
    return report


def _fail_unless_shared_is_absent(report: Any) -> None:
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    if ABSENT_SHARED in reason:
        return
    report.outcome = "failed"
    report.longrepr = f"A skipped test is a failure here: {reason}"
