"""`flask riskmap …` as an operator types it."""

from flask import Flask

from backend.riskmap.queries import publication

from .builders import DAYS, NOW, a_report, block


def test_rebuild_says_how_many_facts_it_counted(app: Flask):
    a_report(block(0, 0))
    a_report(block(0, 1))

    result = app.test_cli_runner().invoke(args=["riskmap", "rebuild"])

    assert result.output == "2 facts counted.\n"


def test_publish_renews_the_public_map_once_an_hour(app: Flask):
    for n in range(3):
        a_report(block(0, 0), occurred_at=NOW - n * DAYS)
    runner = app.test_cli_runner()
    runner.invoke(args=["riskmap", "rebuild"])

    first = runner.invoke(args=["riskmap", "publish"])
    second = runner.invoke(args=["riskmap", "publish"])

    assert first.output == "Published.\n"
    assert second.output.startswith("The published map is less than an hour old")
    assert publication().published_at
