# The front of the house. Every target sets up what it needs; nothing has to be installed but Python 3.11+ with venv.
#
#   make demo     everything against invented carriers, with a console      make test   the tests
#   make help     the other targets
#
# VENV=path and PYTHON=python3.12 choose where and with what; ARGS="..." is handed on to demo, test and test-slow.

VENV ?= .venv
PYTHON ?= $(shell for python in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
ARGS ?=
# standard output is the program's alone: `make demo ARGS="--headless --json" | …` finds nothing else there
MAKEFLAGS += --no-print-directory

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo run test test-slow lint format types imports dockerfile bench wheel ci clean

help:
	@echo "make demo       run everything against invented carriers, with a console"
	@echo "make run        run the daemon here, data in ./data"
	@echo "make test       the tests a change must pass (first tier)"
	@echo "make test-slow  kills for minutes, fuzzing, browsers (second tier)"
	@echo "make lint       style, format and the Dockerfile"
	@echo "make types      mypy, strict"
	@echo "make imports    who may import whom"
	@echo "make format     put the code into its format"
	@echo "make bench      what it costs: time and memory"
	@echo "make wheel      dist/*.whl"
	@echo "make ci         all of it, as continuous integration does"
	@echo "make clean      remove what was made here, but no data"

demo: $(VENV)/.installed
	@$(BIN)/watcher demo $(ARGS)

run: $(VENV)/.installed
	@$(BIN)/watcher run $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/pytest -n auto -m "not slow" $(ARGS)

test-slow: $(VENV)/.installed-dev
	$(BIN)/pytest -m slow $(ARGS)

lint: $(VENV)/.installed-dev dockerfile
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

# the linter comes as a program for Linux on x86-64 only
dockerfile: $(VENV)/.installed-dev
	@if [ -x $(BIN)/hadolint ]; then $(BIN)/hadolint Dockerfile && echo "Dockerfile: nothing to say"; \
	else echo "Dockerfile: no hadolint for this machine, not looked at"; fi

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m bench $(ARGS)

wheel: $(VENV)/.installed-dev
	@rm -rf dist
	$(BIN)/python -m build --wheel --outdir dist .

ci:
	@VENV=$(VENV) PYTHON=$(PYTHON) .ci/run

clean:
	rm -rf $(VENV) dist build .coverage* .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "There is no Python 3.11 or newer here. Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) cannot make virtual environments: its venv module is missing." >&2; \
		echo "On Debian and Ubuntu: apt-get install $$(basename $(PYTHON))-venv" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing parcel-watcher into $(VENV), which takes a minute the first time" >&2
	@$(PIP) --editable . >&2
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "installing parcel-watcher and its tools into $(VENV), which takes a minute or two the first time" >&2
	@$(PIP) --editable '.[dev]' >&2
	@touch $(VENV)/.installed $@
