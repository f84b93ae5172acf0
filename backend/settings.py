"""Every setting of the product, read once from the environment and checked whole."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from backend.crypto import KeyRing
from backend.errors import ConfigurationError
from backend.live_keys import LiveKeyRing

DEFAULT_MEDIA_QUOTA_MB = 50_000
DEFAULT_MEDIA_FLOOR_MB = 500


@dataclass(frozen=True)
class Settings:
    """The frozen answer to "how is this installation set up?"; see docs/operacion.md.

    Addresses may hold a password, so they are left out when the settings are printed.
    """

    demo: bool
    database_url: str = field(repr=False)
    database_owner_url: str = field(repr=False)
    vault_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    media_url: str = field(repr=False)
    smtp_url: str = field(repr=False)
    mail_from: str
    public_url: str
    keys: KeyRing
    bind: str
    port: int
    metrics_bind: str
    metrics_port: int
    trusted_hops: int
    media_quota_mb: int
    media_floor_mb: int
    webhook_private: bool
    web_workers: int
    web_threads: int
    static_folder: Path

    @property
    def is_https(self) -> bool:
        """Whether the public address is served over TLS."""
        return self.public_url.startswith("https://")


class _Reader:
    """Reads values and remembers every problem instead of stopping at the first."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(name, "").strip()
        if not value and default is None:
            self.problems.append(f"{name} is missing")
        return value or default or ""

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
            self.problems.append(f"{name} must be a whole number from {low} to {high}")
            return default
        return int(value)

    def flag(self, name: str) -> bool:
        value = self.text(name, "0")
        if value not in ("0", "1"):
            self.problems.append(f"{name} must be 0 or 1")
        return value == "1"

    def url(self, name: str, schemes: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(name, default)
        if value and urlsplit(value).scheme not in schemes:
            self.problems.append(f"{name} must begin with one of {', '.join(schemes)}")
        return value

    def keys(self, name: str) -> KeyRing:
        path = self.text(name)
        if path:
            try:
                return LiveKeyRing(Path(path))
            except (OSError, ValueError) as error:
                self.problems.append(f"{name} cannot be used: {error}")
        return KeyRing({}, {})


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check all settings; raises `ConfigurationError` naming every problem at once."""
    read = _Reader(environ)
    database_url = read.url("YA_DATABASE_URL", ("postgresql", "postgresql+psycopg"))
    bind = read.text("YA_BIND", "127.0.0.1")
    port = read.integer("YA_PORT", 8000, 1, 65535)
    settings = Settings(
        demo=read.flag("YA_DEMO"),
        database_url=_with_driver(database_url),
        database_owner_url=_with_driver(read.text("YA_DATABASE_OWNER_URL", database_url or "")),
        vault_url=_with_driver(read.url("YA_VAULT_URL", ("postgresql", "postgresql+psycopg"))),
        redis_url=read.url("YA_REDIS_URL", ("redis", "rediss", "unix")),
        media_url=read.url("YA_MEDIA_URL", ("file", "s3")),
        smtp_url=read.url("YA_SMTP_URL", ("smtp", "smtps", ""), ""),
        mail_from=read.text("YA_MAIL_FROM", "yo-alerto@localhost"),
        public_url=read.url("YA_PUBLIC_URL", ("http", "https"), f"http://127.0.0.1:{port}").rstrip(
            "/"
        ),
        keys=read.keys("YA_KEYS_FILE"),
        bind=bind,
        port=port,
        metrics_bind=read.text("YA_METRICS_BIND", "127.0.0.1"),
        metrics_port=read.integer("YA_METRICS_PORT", 9100, 1, 65535),
        trusted_hops=read.integer("YA_TRUSTED_HOPS", 0, 0, 5),
        media_quota_mb=read.integer("YA_MEDIA_QUOTA_MB", DEFAULT_MEDIA_QUOTA_MB, 1, 10**9),
        media_floor_mb=read.integer("YA_MEDIA_FLOOR_MB", DEFAULT_MEDIA_FLOOR_MB, 0, 10**9),
        webhook_private=read.flag("YA_WEBHOOK_PRIVATE"),
        web_workers=read.integer("YA_WEB_WORKERS", 2, 1, 64),
        web_threads=read.integer("YA_WEB_THREADS", 16, 1, 256),
        static_folder=Path(__file__).parent.parent / "pwa" / "dist",
    )
    problems = read.problems + _contradictions(settings)
    if problems:
        raise ConfigurationError(problems)
    return settings


def _contradictions(settings: Settings) -> list[str]:
    """What cannot be true together, and what a demonstration may do but production may not."""
    problems = []
    if settings.metrics_port == settings.port and settings.metrics_bind == settings.bind:
        problems.append("YA_METRICS_PORT and YA_PORT must differ")
    if settings.trusted_hops == 0 and not _is_loopback(settings.bind):
        problems.append(
            "YA_BIND opens the web to the network without a TLS proxy: set YA_TRUSTED_HOPS "
            "to the number of proxies in front, or bind to 127.0.0.1"
        )
    app, vault, owner = map(_user, _database_urls(settings))
    if vault and vault in (app, owner):
        problems.append(
            "YA_VAULT_URL must name a role of its own, that owns and reads nothing else"
        )
    if settings.demo:
        return problems
    if app and app == owner:
        problems.append(
            "YA_DATABASE_OWNER_URL must name another role than YA_DATABASE_URL: the owner of the "
            "schema could read every identity in the vault"
        )
    if not settings.is_https:
        problems.append("YA_PUBLIC_URL must be the public https:// address in production")
    if settings.webhook_private:
        problems.append("YA_WEBHOOK_PRIVATE=1 is for demonstrations: unset it in production")
    if settings.smtp_url and settings.mail_from.endswith("@localhost"):
        problems.append("YA_MAIL_FROM must be a real address when YA_SMTP_URL is set")
    return problems


def _database_urls(settings: Settings) -> tuple[str, str, str]:
    return settings.database_url, settings.vault_url, settings.database_owner_url


def _user(url: str) -> str | None:
    return urlsplit(url).username


def _is_loopback(bind: str) -> bool:
    try:
        return ipaddress.ip_address(bind).is_loopback
    except ValueError:
        return bind == "localhost"


def _with_driver(url: str) -> str:
    """Accept the plain `postgresql://` spelling that every tool prints."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
