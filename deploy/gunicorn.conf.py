"""How gunicorn serves the web; the supervisor starts it with -c and this file."""

import os
import sys
from pathlib import Path

from backend.settings import load_settings
from deploy.access_log import PlainAccessLog

_settings = load_settings(os.environ)
_host = f"[{_settings.bind}]" if ":" in _settings.bind else _settings.bind

bind = f"{_host}:{_settings.port}"
worker_class = "gthread"
workers = _settings.web_workers
threads = _settings.web_threads
# A thread that comes back from the database waits this long for one that computes; Python's
# own 5 ms cost a fifth of the submissions per second (docs/rendimiento.md).
sys.setswitchinterval(0.0005)
preload_app = False  # each worker opens its own connections

# A phone on a bad line needs minutes for a picture; only a stuck worker is ended.
timeout = 120
graceful_timeout = 10
keepalive = 20
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - heartbeats only

# The application alone believes proxies, and only as many hops as YA_TRUSTED_HOPS says.
forwarded_allow_ips = ""
control_socket_disable = True

accesslog = "-"
errorlog = "-"
logger_class = PlainAccessLog
access_log_format = "%(t)s web %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
