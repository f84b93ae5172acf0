#!/bin/bash
# Installs packages as root without a system cluster and without starting their services.
set -euo pipefail
POLICY=${POLICY:-/usr/sbin/policy-rc.d}
CREATECLUSTER=${CREATECLUSTER:-/etc/postgresql-common/createcluster.d}

made_policy=
clean_up() {
  [ -z "$made_policy" ] || rm -f "$POLICY"
  rm -f "$CREATECLUSTER/yo-alerto.conf"
  rmdir --ignore-fail-on-non-empty "$CREATECLUSTER" "$(dirname "$CREATECLUSTER")" 2>/dev/null || true
}
trap clean_up EXIT

# Read by postgresql-common only while this runs; other clusters on the machine are not ours.
mkdir -p "$CREATECLUSTER"
echo 'create_main_cluster = false' >"$CREATECLUSTER/yo-alerto.conf"
# A policy that is already there stays in force: somebody chose it.
if [ ! -e "$POLICY" ]; then
  made_policy=1
  printf '#!/bin/sh\nexit 101\n' >"$POLICY"
  chmod 755 "$POLICY"
fi

had_redis=$(dpkg-query -W -f='${Status}' redis-server 2>/dev/null || true)
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"

# A Redis that came for us alone does not start with the machine; we run our own.
if [[ $had_redis != *'ok installed'* && " $* " == *' redis-server '* ]]; then
  if command -v systemctl >/dev/null; then
    systemctl disable redis-server.service
    if [ -d /run/systemd/system ]; then systemctl stop redis-server.service; fi
  elif command -v update-rc.d >/dev/null; then
    update-rc.d redis-server disable
  fi
fi
