# Which Debian packages are needed, and installing them without starting anything; sourced.
POLICY=${POLICY:-/usr/sbin/policy-rc.d}
CREATECLUSTER=${CREATECLUSTER:-/etc/postgresql-common/createcluster.d}

wanted_packages() {
  echo ca-certificates python3-venv util-linux
  # With servers of the operator's own only the programs for backups are needed here.
  if [ -n "${YA_DATABASE_URL:-}" ] && [ "$1" = up ]; then echo postgresql-client; else
    echo "postgresql-$(postgres_version) postgresql-$(postgres_version)-postgis-3"
  fi
  [ -n "${YA_REDIS_URL:-}" ] && [ "$1" = up ] || echo redis-server
  [ "$1" = up ] || echo chromium-headless-shell fonts-dejavu-core libimage-exiftool-perl poppler-utils zbar-tools
  [ "$1" != bench ] || echo libvips42 wrk
}

# 15 is what the project is tested with; a newer Debian has only its own.
postgres_version() {
  local programs
  for programs in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin; do
    if [ -x "$programs/initdb" ]; then basename "$(dirname "$programs")"; return; fi
  done
  if apt-cache show postgresql-15 >/dev/null 2>&1; then echo 15; return; fi
  apt-cache depends postgresql 2>/dev/null | sed -nE 's/.*Depends: postgresql-([0-9]+)$/\1/p' | grep . || echo 15
}

missing_packages() {
  local package
  for package in $(wanted_packages "$1"); do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}

system_packages() {
  local missing run=()
  command -v dpkg-query >/dev/null || {
    say "Este sistema no es Debian: instala PostgreSQL 15 con PostGIS, Redis y python3-venv por tu cuenta."
    return
  }
  missing=$(missing_packages "$1")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then run=(sudo); else
      fail "Faltan paquetes del sistema y aquí no hay permiso para instalarlos: $missing
Que un administrador ejecute esta línea, y repite:
  sudo bash $PWD/deploy/install.sh --packages${1:+ $([ "$1" = up ] || echo "--$1")}"
    fi
  fi
  quietly "Lista de paquetes del sistema" "${run[@]}" apt-get update
  # The list may have been missing until now, and with it the version to ask for.
  missing=$(missing_packages "$1")
  quietly "Paquetes del sistema: $missing" "${run[@]}" bash deploy/apt-install.sh $missing
}
