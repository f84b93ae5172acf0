#!/bin/bash
# Installs what is missing: packages of the system, Python environment, front end.
#   install.sh                  for make up
#   install.sh --dev            and what the tests need
#   install.sh --bench          and what the benches need
#   install.sh --packages ...   packages only; the line that an administrator runs
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/say.sh
. deploy/packages.sh

UV_VERSION=0.13.8
want=up
only_packages=
for option in "$@"; do
  case $option in
    --dev) want=dev ;;
    --bench) want=bench ;;
    --packages) only_packages=1 ;;
    *) fail "No conozco la opción $option" ;;
  esac
done

python_environment() {
  local lock=requirements.lock python stamp
  # make up takes nothing away from a developer: the bigger lock holds the smaller one.
  if [ "$want" != up ] || [ -x .venv/bin/pytest ]; then lock=requirements-dev.lock; fi
  stamp=$(sha256sum <"$lock")
  if [ -x .venv/bin/python ] && grep -qxF "$stamp" .venv/.installed 2>/dev/null; then return; fi
  python=$(suitable_python) || fail "Hace falta Python 3.11 o 3.12 con venv (en Debian 12: python3 python3-venv)."
  if [ "$(var/uv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" != "$UV_VERSION" ]; then
    quietly "uv $UV_VERSION" bootstrap_uv "$python"
  fi
  [ -x .venv/bin/python ] || quietly "Entorno de Python" var/uv/bin/uv venv -q --clear --no-python-downloads --python "$python" .venv
  quietly "Bibliotecas de Python ($lock)" var/uv/bin/uv pip sync -q --compile-bytecode --python .venv/bin/python --require-hashes "$lock"
  printf '%s\n' "$stamp" >.venv/.installed
}

bootstrap_uv() {
  rm -rf var/uv
  "$1" -m venv var/uv && var/uv/bin/pip install -q "uv==$UV_VERSION"
}

suitable_python() {
  local candidate
  for candidate in python3.11 python3.12 python3 /usr/bin/python3; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

front_end() {
  local lock sources
  lock=$(cat pwa/package.json pwa/package-lock.json | sha256sum)
  sources=$(front_end_sources)
  if [ "$(cat pwa/dist/.built 2>/dev/null)" = "$sources" ] &&
    { [ "$want" = up ] || [ "$(cat pwa/node_modules/.installed 2>/dev/null)" = "$lock" ]; }; then return; fi
  command -v npm >/dev/null || fail "Falta Node.js 20 con npm; instálalo y repite."
  node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' || fail "Node.js $(node --version) es muy antiguo: hace falta el 20."
  if [ "$(cat pwa/node_modules/.installed 2>/dev/null)" != "$lock" ]; then
    quietly "Bibliotecas de las páginas (npm ci)" npm --prefix pwa ci --include=dev --no-audit --no-fund
    printf '%s\n' "$lock" >pwa/node_modules/.installed
  fi
  if [ "$(cat pwa/dist/.built 2>/dev/null)" != "$sources" ]; then
    quietly "Páginas" npm --prefix pwa run build
    printf '%s\n' "$sources" >pwa/dist/.built
  fi
}

front_end_sources() {
  find pwa \( -name node_modules -o -name dist -o -name '.vite*' \) -prune -o -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
}

system_packages "$want"
[ -z "$only_packages" ] || exit 0
mkdir -p var/run
# Two installations at once would tear each other's folders down.
exec 9>var/run/install.lock
flock 9
python_environment
front_end
