# What a person or CI does with AuthPage. `make help` lists it.
#
# Everything is set up on the way: each target asks for what it needs, and a stamp file in .venv
# remembers which lock file was installed, so that a second call costs nothing.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
RUN_STAMP := $(VENV)/installed-run
DEV_STAMP := $(VENV)/installed-dev

export PORT ?= 8000
export DEMO_PORT ?= 8001
export DATA_DIR ?= $(CURDIR)/var

.PHONY: help run test test-slow bench lint format lock clean system-packages

help: ## Show what can be made
	@echo "AuthPage. Say: make TARGET"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 20
	@echo
	@echo "Settings of make run: PORT (8000), DEMO_PORT (8001), DATA_DIR (./var)."

run: $(RUN_STAMP) ## Start AuthPage, its worker and the demo app; Ctrl-C stops them
	@$(BIN)/authpage run

test: lint system-packages ## Run all that CI runs: lint, types, every test but the slow ones
	$(BIN)/pytest -n 2 --dist worksteal -m "not slow"

test-slow: $(DEV_STAMP) system-packages ## Run the tests that take long
	$(BIN)/pytest -n 2 -m slow

bench: $(RUN_STAMP) ## Measure what each operation costs, beside one password hash
	$(BIN)/python -m bench

lint: $(DEV_STAMP) ## Check style, types and templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet

format: $(DEV_STAMP) ## Bring the Python files into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Without the machine's own pip settings: a local folder of wheels or a second index would put
# hashes into the lock that nobody else can meet.
PIP_COMPILE := PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= PIP_EXTRA_INDEX_URL= \
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes \
	--strip-extras --allow-unsafe --all-build-deps --no-annotate \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
lock: $(DEV_STAMP) ## Write the lock files anew from pyproject.toml (UPGRADE=1: newest versions)
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) -o requirements.lock pyproject.toml
	$(PIP_COMPILE) $(if $(UPGRADE),--upgrade) --extra dev -c requirements.lock \
		-o requirements-dev.lock pyproject.toml

picture: $(DEV_STAMP) system-packages ## Take the pictures of README and docs anew, from the running product
	$(BIN)/python -m docs.take_picture

clean: ## Remove the environment and what the tools left behind; DATA_DIR stays
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

system-packages:
	@.ci/system-packages test

$(BIN)/python:
	@.ci/system-packages run
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements.lock pyproject.toml sdk/pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) --quiet install --no-deps --no-build-isolation -e . -e ./sdk
	@touch $@

$(DEV_STAMP): requirements-dev.lock pyproject.toml sdk/pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) --quiet install --no-deps --no-build-isolation -e . -e ./sdk
	@touch $@ $(RUN_STAMP)
