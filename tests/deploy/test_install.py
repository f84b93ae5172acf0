"""Installing packages: asking for rights, and leaving the machine's own services alone."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

APT_GET = """\
case $1 in update) exit 0 ;; esac
echo "$@" >>"$SEEN"
cat "$POLICY" "$CREATECLUSTER/yo-alerto.conf" >>"$SEEN"
exit "${APT_ENDS:-0}"
"""


class Machine:
    """A made-up Debian: programs that only write down what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.seen = folder / "seen"
        self.policy = folder / "policy-rc.d"
        self.createcluster = folder / "pgc" / "createcluster.d"
        self.environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "SEEN": str(self.seen),
            "POLICY": str(self.policy),
            "CREATECLUSTER": str(self.createcluster),
        }
        self.program("dpkg-query", "exit 1")
        self.program("apt-get", APT_GET)
        self.program("apt-cache", "exit 0")
        self.program("systemctl", 'echo "systemctl $@" >>"$SEEN"')

    def program(self, name: str, text: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/bash\n{text}\n")
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def run(self, script: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", script],
            cwd=PROJECT,
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_without_rights_one_line_to_run_is_printed_and_nothing_is_done(machine: Machine):
    machine.program("id", "echo 1000")
    machine.program("sudo", "exit 1")

    done = machine.run("set -eu; . deploy/say.sh; . deploy/packages.sh; system_packages up")

    assert done.returncode == 1
    lines = [line.strip() for line in done.stderr.splitlines() if "sudo " in line]
    assert lines == [f"sudo bash {PROJECT}/deploy/install.sh --packages"]
    assert "redis-server" in done.stderr
    assert not machine.seen.exists()


def test_nothing_is_asked_when_nothing_is_missing(machine: Machine):
    machine.program("id", "echo 1000")
    machine.program("sudo", "exit 1")
    machine.program("dpkg-query", "echo install ok installed")

    done = machine.run("set -eu; . deploy/say.sh; . deploy/packages.sh; system_packages up")

    assert done.returncode == 0, done.stderr


def test_servers_of_the_operator_are_not_installed_again(machine: Machine):
    script = ". deploy/packages.sh; wanted_packages up"
    own = machine.run(script, YA_DATABASE_URL="postgresql://db/x", YA_REDIS_URL="redis://r").stdout

    assert "postgis" in machine.run(script).stdout
    assert "postgis" not in own
    assert "redis-server" not in own
    assert "postgresql-client" in own


def test_only_the_tests_bring_a_browser(machine: Machine):
    assert "chromium" not in machine.run(". deploy/packages.sh; wanted_packages up").stdout
    assert "chromium" in machine.run(". deploy/packages.sh; wanted_packages dev").stdout


@pytest.mark.parametrize("ends", ["0", "100"])
def test_no_cluster_and_no_service_is_started_and_no_trace_of_that_stays(
    machine: Machine, ends: str
):
    done = machine.run("bash deploy/apt-install.sh redis-server", APT_ENDS=ends)

    assert done.returncode == int(ends)
    seen = machine.seen.read_text()
    assert "install -y --no-install-recommends redis-server" in seen
    assert "exit 101" in seen
    assert "create_main_cluster = false" in seen
    assert not machine.policy.exists()
    assert not machine.createcluster.exists()
    assert ("systemctl disable redis-server.service" in seen) == (ends == "0")


def test_a_policy_and_a_redis_that_were_there_stay_as_they_are(machine: Machine):
    machine.policy.write_text("#!/bin/sh\nexit 0\n")
    machine.program("dpkg-query", "echo install ok installed")

    machine.run("bash deploy/apt-install.sh redis-server")

    assert machine.policy.read_text() == "#!/bin/sh\nexit 0\n"
    assert "systemctl disable" not in machine.seen.read_text()
