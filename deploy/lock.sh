#!/bin/bash
# Writes requirements.lock and requirements-dev.lock: names, versions, hashes, and no hosts.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-var/uv/bin/uv}
[ -x "$uv" ] || bash deploy/install.sh --dev
options=(--universal --python-version 3.11 --generate-hashes --no-annotate --no-header
  --no-emit-index-url --no-emit-find-links --quiet)
"$uv" pip compile "${options[@]}" "$@" pyproject.toml --output-file requirements.lock
"$uv" pip compile "${options[@]}" "$@" pyproject.toml --group dev \
  --constraint requirements.lock --output-file requirements-dev.lock
