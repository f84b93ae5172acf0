#!/bin/bash
# Everything that is checked without running the tests; `make lint` and .ci/run call it.
set -euo pipefail
cd "$(dirname "$0")/.."
bash deploy/install.sh --dev
PATH=$PWD/.venv/bin:$PATH

heading() { printf '\n== %s\n' "$*"; }

heading Estilo
ruff check .
ruff format --check .
heading Tipos
mypy
heading Capas
lint-imports
heading Migraciones
python -m deploy.check_migrations
heading Páginas
npm --prefix pwa run --silent check
