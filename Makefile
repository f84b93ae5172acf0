# Thin on purpose: what the commands do is in deploy/.
SHELL := /bin/bash
PYTHON := .venv/bin/python
.DEFAULT_GOAL := help
.PHONY: help up down test backup restore lock lint bench

help: ## Muestra esta ayuda
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

up: ## Instala lo que falta y arranca todo; Ctrl-C detiene (DETACH=1: vuelve cuando responde)
	@bash deploy/install.sh && exec $(PYTHON) -m deploy.up $(if $(filter 1,$(DETACH)),--detach)

down: ## Detiene todo
	@if [ -x $(PYTHON) ]; then exec $(PYTHON) -m deploy.down; else echo 'No estaba en marcha.'; fi

test: ## Instala lo que falta y corre todas las pruebas (ARGS="tests/api -k foto")
	@bash deploy/install.sh --dev && exec $(PYTHON) -m pytest -n auto --dist worksteal $(ARGS)

backup: ## Guarda base de datos y medios, y aparte las llaves (TO=carpeta)
	@exec $(PYTHON) -m deploy.backup $(if $(TO),"$(TO)")

restore: ## Recupera un respaldo: FROM=carpeta [KEYS=archivo] [YES=1]
	@bash deploy/install.sh && exec $(PYTHON) -m deploy.restore "$(FROM)" $(if $(KEYS),--keys "$(KEYS)") $(if $(filter 1,$(YES)),--yes)

lock: ## Vuelve a fijar las versiones de Python (requirements*.lock)
	@exec bash deploy/lock.sh

lint: ## Estilo, tipos, capas y migraciones, como en .ci/run
	@exec bash deploy/lint.sh

bench: ## Mide contra los pisos (nunca dentro de make test)
	@bash deploy/install.sh --bench && $(PYTHON) -m bench.submission && exec $(PYTHON) -m bench.derivation
