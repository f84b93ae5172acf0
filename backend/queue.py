"""The doorbell: tells workers that a row is due. The only module that knows rq and redis.

Nothing is kept here: when Redis is away or has forgotten, the sweep rings again.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

log = structlog.get_logger()

URGENT = "urgente"
NORMAL = "normal"
MEDIA = "media"
PADRON = "padron"
QUEUES = (URGENT, NORMAL, MEDIA, PADRON)

# A submission may wait for Redis this long at most; then it stops trying for a while.
TIMEOUT_SECONDS = 0.3
REST_AFTER_FAILURE_SECONDS = 5.0
# A job longer than this is stuck: outside calls have shorter timeouts of their own.
JOB_TIMEOUT_SECONDS = 120


@dataclass(frozen=True)
class Ring:
    """One ring of the bell: the job's name in `workers.jobs`, the rows' ids, the queue."""

    job: str
    identities: tuple[str, ...]
    queue: str


class Doorbell:
    """Rings workers through Redis, and keeps quiet for a while when Redis does not answer."""

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._queues = {
            name: Queue(name, connection=self._redis, serializer=JSONSerializer) for name in QUEUES
        }
        self._resting_until = 0.0

    def ring(self, rings: Iterable[Ring]) -> bool:
        """Ring for each; False when Redis could not be reached (the sweep will ring later)."""
        if time.monotonic() < self._resting_until:
            return False
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for ring in rings:
                    self._queues[ring.queue].enqueue_call(
                        f"workers.jobs.{ring.job}",
                        args=ring.identities,
                        timeout=JOB_TIMEOUT_SECONDS,
                        result_ttl=0,
                        failure_ttl=3600,
                        pipeline=pipe,
                    )
                pipe.execute()
        except RedisError as error:
            self._rest(error)
            return False
        return True

    def ring_again(self, rings: Iterable[Ring]) -> bool:
        """Ring for rows still due, but not into queues whose earlier rings still wait.

        While workers are away the sweep would otherwise pile up thousands of rings for the
        same rows, and the next urgent report would wait behind them.
        """
        by_queue: dict[str, list[Ring]] = {}
        for ring in rings:
            by_queue.setdefault(ring.queue, []).append(ring)
        try:
            fresh = [
                ring
                for name, waiting in by_queue.items()
                if self._queues[name].count < len(waiting)
                for ring in waiting
            ]
        except RedisError as error:
            self._rest(error)
            return False
        return self.ring(fresh)

    def count_recent(self, name: str, one: str, window_seconds: int) -> int:
        """Add `one` to `name` and say how many different came in the window; 0 without Redis."""
        if time.monotonic() < self._resting_until:
            return 0
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                pipe.sadd(name, one)
                pipe.expire(name, window_seconds, nx=True)
                pipe.scard(name)
                return int(pipe.execute()[2])
        except RedisError as error:
            self._rest(error)
            return 0

    def is_reachable(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def _rest(self, error: RedisError) -> None:
        self._resting_until = time.monotonic() + REST_AFTER_FAILURE_SECONDS
        log.warning("doorbell.unreachable", error=type(error).__name__)


def queue_lengths(redis_url: str) -> dict[str, int]:
    """Rings waiting per queue, for the metrics."""
    connection = Redis.from_url(redis_url, socket_timeout=2)
    return {name: Queue(name, connection=connection).count for name in QUEUES}


def work(redis_url: str, queues: list[str]) -> None:
    """Work off the queues, most urgent first, until told to stop.

    `SimpleWorker` runs jobs in its own process: forking for each costs 8.5 ms, four times the
    job itself (docs/decisions/0004). What could take the process down, decoding pictures,
    happens in a child of its own that can be killed.
    """
    while True:
        try:
            _worker(redis_url, queues).work(logging_level="WARNING")
            return
        except (RedisError, OSError) as error:
            # Redis is away or still loading its file: the rows wait, and so do we.
            log.warning("worker.waits_for_redis", error=type(error).__name__)
            time.sleep(1)


def _worker(redis_url: str, queues: list[str]) -> SimpleWorker:
    # Blocking reads must outlast RQ's own wait, so this connection has no short timeout.
    connection = Redis.from_url(redis_url, socket_connect_timeout=5)
    return SimpleWorker(
        [Queue(name, connection=connection, serializer=JSONSerializer) for name in queues],
        connection=connection,
        serializer=JSONSerializer,
    )
