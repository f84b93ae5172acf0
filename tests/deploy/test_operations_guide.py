"""The operator's guide names what there is: every variable, every command."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
GUIDE = (PROJECT / "docs" / "operacion.md").read_text()


def test_the_guide_lists_exactly_the_variables_that_settings_read():
    read = set(re.findall(r'"(YA_[A-Z_]+)"', (PROJECT / "backend" / "settings.py").read_text()))
    table = GUIDE.partition("## Variables")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(YA_[A-Z_]+)`", table)) == read


def test_the_commands_in_the_guide_exist(app):
    for group, name in re.findall(r"deploy/flask (\w+) ([a-z][a-z-]+)", GUIDE):
        commands = app.cli.commands[group].commands
        assert name in commands, f"flask {group} {name}"


def test_the_make_targets_in_the_guide_exist():
    targets = set(re.findall(r"^([a-z]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make (up|down|[a-z]+)(?= |`|\n|$)", GUIDE)) <= targets
