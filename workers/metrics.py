"""`/metricas` for Prometheus, on a port of its own; the scheduler's process serves it.

Every figure is read from the database when asked, so restarts and replicas change nothing.
Quejas count in none: a figure that rises tells whoever watches it that there is another one. The
desk that owns a queja sees what failed of it, and its silence is told to the next desk.
"""

from collections.abc import Iterator

from flask import Flask
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text

from backend.app import parts_of
from backend.db import db
from backend.reports.queries import desks_without_staff

_OF_A_REPORT = "{} JOIN report ON report.id = report_id AND report.kind <> 'queja'"
OUTBOXES = {
    "envio": _OF_A_REPORT.format("envio"),
    "report_task": _OF_A_REPORT.format("report_task"),
    "padron_import": "padron_import",
}

_WORK = """
SELECT work_state, count(*) AS rows,
       coalesce(max(extract(epoch FROM now() - next_attempt_at)), 0) AS oldest_seconds
FROM {rows}
WHERE work_state <> 'done' GROUP BY work_state
"""
_REPORTS = """
SELECT state, priority, count(*) AS rows FROM report
WHERE state IN ('received', 'forwarded', 'acknowledged', 'in_progress') AND kind <> 'queja'
GROUP BY 1, 2
"""


class FromDatabase(Collector):
    """Work that waits or has failed, and open reports by state and priority."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: registering must not ask the database, which may not be up yet."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._app.app_context():
            yield from self._work()
            yield self._reports()
            yield self._desks()
            yield self._queues()

    def _work(self) -> Iterator[GaugeMetricFamily]:
        rows = GaugeMetricFamily(
            "ya_work_rows", "Rows of work by outbox and state", labels=["outbox", "state"]
        )
        oldest = GaugeMetricFamily(
            "ya_work_oldest_seconds", "How long the oldest is overdue", labels=["outbox", "state"]
        )
        for outbox, waiting in OUTBOXES.items():
            for found in db.session.execute(text(_WORK.format(rows=waiting))):
                rows.add_metric([outbox, found.work_state], found.rows)
                oldest.add_metric([outbox, found.work_state], float(found.oldest_seconds))
        yield rows
        yield oldest

    def _reports(self) -> GaugeMetricFamily:
        reports = GaugeMetricFamily(
            "ya_open_reports", "Open reports by state and priority", labels=["state", "priority"]
        )
        for found in db.session.execute(text(_REPORTS)):
            reports.add_metric([found.state, str(found.priority)], found.rows)
        return reports

    def _desks(self) -> GaugeMetricFamily:
        desks = GaugeMetricFamily(
            "ya_desks_without_staff", "Units with open reports that no account may attend to"
        )
        desks.add_metric([], len(desks_without_staff()))
        return desks

    def _queues(self) -> GaugeMetricFamily:
        up = GaugeMetricFamily("ya_redis_up", "Whether Redis answers")
        up.add_metric([], float(parts_of().doorbell.is_reachable()))
        return up


def serve(app: Flask) -> None:
    """Answer scrapes from a thread of this process."""
    registry = CollectorRegistry()
    registry.register(FromDatabase(app))
    settings = parts_of(app).settings
    start_http_server(settings.metrics_port, settings.metrics_bind, registry)
