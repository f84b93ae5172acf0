"""What statements a piece of work sends to the database, and how the database answers them.

`bench.padron` and the tests of plans call it.
"""

import json
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event, text

LONGEST_SHOWN = 400
PLANNED = ("SELECT", "WITH")


@dataclass
class Statement:
    """One statement as it went to the driver, with how long each run took."""

    engine: Engine
    words: str
    parameters: Any = field(repr=False)
    seconds: list[float] = field(default_factory=list)

    @property
    def is_planned(self) -> bool:
        """Whether EXPLAIN can run it without changing anything; locks end with its transaction."""
        return self.words.lstrip().startswith(PLANNED)

    @property
    def shown(self) -> str:
        """Its words on one line; a list of columns is not what matters."""
        line = " ".join(self.words.split())
        line = re.sub(r"%\((\w+)\)s(::\w+(\[\])?)?", r":\1", line)
        start = _outer_from(line)
        line = f"SELECT …{line[start:]}" if line.startswith("SELECT ") and start > 80 else line
        return line if len(line) <= LONGEST_SHOWN else line[:LONGEST_SHOWN] + " …"


def _outer_from(line: str) -> int:
    """Where the FROM of the whole statement stands, not that of one inside parentheses."""
    depth = 0
    for place, letter in enumerate(line):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0 and line.startswith(" FROM ", place):
            return place
    return 0


@contextmanager
def statements_of(*engines: Engine) -> Iterator[dict[str, Statement]]:
    """Every statement that these engines send while the block lasts, by its words."""
    sent: dict[str, Statement] = {}

    def before(connection: Any, cursor: Any, words: str, parameters: Any, *_: Any) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Any, cursor: Any, words: str, parameters: Any, *_: Any) -> None:
        one = sent.setdefault(words, Statement(connection.engine, words, parameters))
        one.seconds.append(time.perf_counter() - connection.info["began"])

    listeners = (("before_cursor_execute", before), ("after_cursor_execute", after))
    for engine in engines:
        for name, listener in listeners:
            event.listen(engine, name, listener)
    try:
        yield sent
    finally:
        for engine in engines:
            for name, listener in listeners:
                event.remove(engine, name, listener)


def plan_of(statement: Statement, *, is_run: bool = False) -> dict[str, Any]:
    """The root node of its plan; what it does is rolled back."""
    how = "(ANALYZE, BUFFERS, FORMAT JSON)" if is_run else "(FORMAT JSON)"
    with statement.engine.connect() as connection:
        explain = f"EXPLAIN {how} {statement.words}"
        answer = connection.exec_driver_sql(explain, statement.parameters).scalar_one()
        connection.rollback()
    [plan] = json.loads(answer) if isinstance(answer, str) else answer
    return dict(plan["Plan"]) | {"Execution Time": plan.get("Execution Time")}


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node and all below it."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from nodes_of(below)


def read_whole(plan: dict[str, Any], tables: Collection[str]) -> set[str]:
    """Which of these tables the plan reads from end to end."""
    nodes = [node for node in nodes_of(plan) if node["Node Type"].endswith("Seq Scan")]
    return {node["Relation Name"] for node in nodes} & set(tables)


def short_plan(plan: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """One line per node: how, by which index, on what, how many rows."""
    what = plan["Node Type"]
    if plan.get("Parent Relationship") in ("SubPlan", "InitPlan"):
        what = f"{plan.get('Subplan Name', '')}: {what}"
    by, on = plan.get("Index Name"), plan.get("Relation Name")
    what += f" {by}" if by else ""
    what += f" on {on}" if on else ""
    if "Actual Rows" in plan:
        what += f" ({plan['Actual Rows']} × {plan['Actual Loops']})"
    yield "  " * depth + what
    for below in plan.get("Plans", ()):
        yield from short_plan(below, depth + 1)


def pages_of(plan: dict[str, Any]) -> int:
    """How many pages of the database the plan looked at."""
    return int(plan.get("Shared Hit Blocks", 0)) + int(plan.get("Shared Read Blocks", 0))


WHOLE_READINGS = text("""
    SELECT CASE schemaname WHEN 'public' THEN relname ELSE schemaname || '.' || relname END,
        coalesce(seq_scan, 0)
    FROM pg_stat_user_tables
""")


def whole_readings(owner: Engine) -> dict[str, int]:
    """How often each table was read from end to end by sessions that have ended."""
    with owner.connect() as connection:
        return dict(connection.execute(WHOLE_READINGS).tuples().all())
