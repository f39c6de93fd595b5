# `make demo` tries netlet, `make test` checks it. Each does its own set-up, once, in the folder .venv.
# Another Python: make PYTHON=python3.13 demo

PYTHON ?= python3
VENV := .venv
VENV_BENCH := .venv-bench
BIN := $(VENV)/bin
# -qq: errors only. Set-up says what it does in one line of its own.
PIP_INSTALL := -m pip install -qq --disable-pip-version-check --no-input

# Set-up is done again when pyproject.toml changes.
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSTALLED_ORACLES := $(VENV)/.installed-oracles
INSTALLED_DOCS := $(VENV)/.installed-docs
INSTALLED_BENCH := $(VENV_BENCH)/.installed

# Bounds checks are compiled in, so that run keeps its machine code apart.
BOUNDSCHECK := NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR="$(CURDIR)/.cache/boundscheck"
ENGINE := src/netlet/kernels/*,src/netlet/graph/*,src/netlet/training/*,src/netlet/network/*
ENGINE_COVERAGE := 92
BOUNDS_TESTS := tests/kernels tests/graph tests/training tests/network
ENGINE_TESTS := $(BOUNDS_TESTS) tests/insight tests/craft tests/estimators

# Warnings are errors, and a name that leads nowhere is a warning.
SPHINX := $(BIN)/sphinx-build --builder html --fail-on-warning --keep-going --nitpicky --quiet

# A file's tests stay in one process; each process has its own share of them.
PYTEST := $(BIN)/pytest -q --numprocesses=$(shell nproc 2>/dev/null || echo 2) --dist=loadfile

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format test-fast test-plain test-bounds test-slow docs docs-fast bench warmup clean check-python
.NOTPARALLEL:

help: ## show the targets
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

check-python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { \
	    echo "netlet needs Python 3.11 or newer, and there is no command '$(PYTHON)'. Install Python, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "netlet needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name a newer one: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "'$(PYTHON)' cannot make virtual environments (module venv or ensurepip is missing). On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(BIN)/python:
	@$(MAKE) --no-print-directory check-python
	@$(PYTHON) -m venv --clear $(VENV)

$(INSTALLED): pyproject.toml | $(BIN)/python
	@echo "Installing netlet in $(VENV) (once; a minute or two) ..."
	@$(BIN)/python $(PIP_INSTALL) --editable .
	@touch $@

$(INSTALLED_DEV): pyproject.toml | $(BIN)/python
	@echo "Installing netlet and its development tools in $(VENV) (once; a minute or two) ..."
	@$(BIN)/python $(PIP_INSTALL) --editable '.[dev]'
	@touch $@ $(INSTALLED)

$(INSTALLED_ORACLES): pyproject.toml | $(INSTALLED_DEV)
	@echo "Installing PyTorch and optax, which the slow tests compare with, and Optuna, Dask and Ray in $(VENV) (once; a minute or two) ..."
	@$(BIN)/python $(PIP_INSTALL) --editable '.[dev,oracles,optuna,dask,ray]'
	@touch $@

$(INSTALLED_DOCS): pyproject.toml | $(INSTALLED_DEV)
	@echo "Installing Sphinx and what the pages need in $(VENV) (once; a minute) ..."
	@$(BIN)/python $(PIP_INSTALL) --editable '.[dev,docs]'
	@touch $@

$(VENV_BENCH)/bin/python:
	@$(MAKE) --no-print-directory check-python
	@$(PYTHON) -m venv --clear $(VENV_BENCH)

$(INSTALLED_BENCH): pyproject.toml | $(VENV_BENCH)/bin/python
	@echo "Installing netlet, PyTorch, JAX, ONNX Runtime and LightGBM in $(VENV_BENCH) (once; some minutes) ..."
	@$(VENV_BENCH)/bin/python $(PIP_INSTALL) --editable '.[bench]'
	@touch $@

setup: $(INSTALLED_DEV) ## install netlet and its development tools in .venv

demo: $(INSTALLED) ## train networks for a table of penguins and predict with them, in the folder demo
	@mkdir -p demo
	$(BIN)/netlet train examples/penguins.csv --target species --output demo/penguins.netlet
	$(BIN)/netlet predict demo/penguins.netlet examples/penguins.csv --output demo/predictions.csv --force
	@echo && head -n 4 demo/predictions.csv

test: lint test-plain test-bounds test-fast ## run every check but the slow tests

lint: $(INSTALLED_DEV) ## check style, types and the floors of the house
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(INSTALLED_DEV) ## put the code in form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test-fast: $(INSTALLED_DEV) ## run the tests, compiled, but the slow ones
	$(PYTEST) -m "not slow"

test-plain: $(INSTALLED_DEV) ## run the small tests of the engine without the compiler, and count the lines that they reach
	NUMBA_DISABLE_JIT=1 $(PYTEST) --cov --cov-report= -m "plain and not slow" $(ENGINE_TESTS)
	$(BIN)/coverage report --include='$(ENGINE)' --fail-under=$(ENGINE_COVERAGE)

test-bounds: $(INSTALLED_DEV) ## run the small tests of the engine compiled with bounds checks
	$(BOUNDSCHECK) $(PYTEST) -m "plain and not slow" $(BOUNDS_TESTS)

test-slow: $(INSTALLED_DEV) $(INSTALLED_ORACLES) ## run the slow tests
	$(BIN)/pytest -m slow

docs: $(INSTALLED_DEV) $(INSTALLED_DOCS) ## build the pages in docs/_build/html and run the gallery (some minutes)
	$(SPHINX) docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

docs-fast: $(INSTALLED_DEV) $(INSTALLED_DOCS) ## build the pages without running the gallery
	$(SPHINX) --define plot_gallery=0 docs docs/_build/html
	@echo "Open docs/_build/html/index.html"

bench: $(INSTALLED_BENCH) ## measure against the other libraries and write benchmarks/RESULTS.md (half an hour; a look: BENCH=--quick; real tables too: BENCH=--tables; whole trainings: BENCH=--trainings)
	$(VENV_BENCH)/bin/python benchmarks/results.py $(BENCH)

warmup: $(INSTALLED) ## compile every kernel now
	$(BIN)/netlet warmup

clean: ## remove everything that make made
	rm -rf $(VENV) $(VENV_BENCH) demo build dist docs/_build docs/generated docs/lessons .cache .coverage .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache src/*.egg-info
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
