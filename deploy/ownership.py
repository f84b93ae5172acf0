"""Knows which system user runs a server and where that user may keep files; embedded.py asks."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

STATE_ROOT = Path("/var/lib/yo-alerto")
RUNTIME_ROOT = Path("/tmp")  # noqa: S108 - make_private checks whose it is
LONGEST_SOCKET_PATH = 107


def server_user(name: str) -> str | None:
    """PostgreSQL refuses to run as root, so root hands its servers to the packages' own users."""
    if os.geteuid() != 0:
        return None
    pwd.getpwnam(name)
    return name


def as_user(user: str | None, command: list[str], die_with_parent: bool = False) -> list[str]:
    options = ["--pdeathsig", "INT"] if die_with_parent else []
    if user is not None:
        options += [f"--reuid={user}", f"--regid={user}", "--init-groups"]
    return ["setpriv", *options, "--", *command] if options else command


def server_folder(wanted: Path, user: str | None) -> Path:
    """The wanted folder, or one under /var/lib where the server's user could not enter it."""
    if user is None or _can_enter(_nearest_existing(wanted), user):
        return wanted
    return _elsewhere(wanted)


def socket_folder(folder: Path, socket_name: str) -> Path:
    """Beside the data, or a short folder where the socket's path would be too long."""
    beside = folder / "run"
    if len(str(beside / socket_name)) <= LONGEST_SOCKET_PATH:
        return beside
    return _short_runtime_folder(folder)


def make_private(folder: Path, user: str | None) -> Path:
    """Makes a folder that only its server, and root, may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in _trusted_ids(user):
        raise PermissionError(f"{folder} belongs to somebody else")
    if user is not None:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    folder.chmod(0o700)
    return folder


def folders_of(wanted: Path) -> list[Path]:
    """Every folder that server_folder and socket_folder may have made for it."""
    elsewhere = _elsewhere(wanted)
    runtime = [_short_runtime_folder(wanted), _short_runtime_folder(elsewhere)]
    return [wanted, elsewhere, *runtime]


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _elsewhere(wanted: Path) -> Path:
    return STATE_ROOT / f"{_digest(wanted)}-{wanted.name}"


def _short_runtime_folder(folder: Path) -> Path:
    return RUNTIME_ROOT / f"ya-{os.geteuid()}-{_digest(folder)}"


def _digest(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]


def _trusted_ids(user: str | None) -> set[int]:
    return {os.geteuid()} if user is None else {os.geteuid(), pwd.getpwnam(user).pw_uid}


def _can_enter(folder: Path, user: str) -> bool:
    probe = as_user(user, ["test", "-x", str(folder)])
    return subprocess.run(probe, check=False, cwd="/").returncode == 0


def _nearest_existing(folder: Path) -> Path:
    return next(parent for parent in folder.resolve().parents if parent.is_dir())
