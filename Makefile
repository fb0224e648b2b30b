# Needs Python 3.11 or newer and make; everything else is installed into .venv from the locks.
# A second run of any target installs nothing: the stamps in .venv say which lock is in place.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := .venv/bin
RUN_STAMP := .venv/.run-installed
DEV_STAMP := .venv/.dev-installed
REVIEW_STAMP := .venv/.review-installed
CLIENTS := .venv/clients
CLIENTS_STAMP := .venv/.clients-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install

# Branches of engine/ that tests must reach, in percent.
COVERAGE_FLOOR := 97
# Worker processes of the test run: one more than processors, since many tests wait for others.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
DEMO := runs/demo

# A name may exist and still not start (version switchers), or lack `venv` (split packages).
define find_python
for candidate in python3.11 python3.12 python3.13 python3.14 python3; do \
  if "$$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
    >/dev/null 2>&1; then echo "$$candidate"; exit 0; fi; \
done; \
echo 'make: needs Python 3.11 or newer with its venv module (on Debian: python3-venv)' >&2; exit 1
endef

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@python="$$($(find_python))"; echo "venv: $$("$$python" --version) in .venv"; \
	  "$$python" -m venv .venv

$(RUN_STAMP): requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) --require-hashes -r requirements/run.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q engine cli
	@touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP) | $(BIN)/python
	$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# What a review of a change of policy needs: solver, simulation, signatures.
$(REVIEW_STAMP): requirements/review.txt $(RUN_STAMP)
	$(PIP) --require-hashes -r requirements/review.txt
	@touch $@

$(CLIENTS_STAMP): requirements/clients.txt $(DEV_STAMP)
	$(BIN)/python -m venv $(CLIENTS)
	$(CLIENTS)/bin/python -m pip --disable-pip-version-check --quiet install \
	  --require-hashes -r requirements/clients.txt
	@touch $@

.PHONY: install
install: $(DEV_STAMP) $(CLIENTS_STAMP) ## Everything a developer needs, in .venv

.PHONY: run
run: $(RUN_STAMP) ## Trade the synthetic demo market on paper, with a fresh ledger
	@rm -rf $(DEMO) && mkdir -p $(DEMO)
	$(BIN)/trader run --policies policies/paper --quotes demo/synthetic_quotes.csv \
	  --quotes demo/synthetic_bars.csv --quotes demo/synthetic_history.csv \
	  --mode paper --ledger $(DEMO) --brief

# CI sets NO_SKIPS=1 where it has installed all that tests need: then a skip is a failure.
NO_SKIPS ?=
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(if $(NO_SKIPS),--no-skips)

.PHONY: test
# pytest ends with every failure and every skip and its reason (`-ra`); `bench` runs the rest.
test: $(DEV_STAMP) $(CLIENTS_STAMP) ## Every test that needs no root and no patience; says what it skipped, and why
	$(PYTEST) --ignore=tests/benchmarks -m 'not long'

.PHONY: test-long
test-long: $(DEV_STAMP) $(CLIENTS_STAMP) ## The tests that play whole runs: recorded days, crashes, histories, sweeps
	$(PYTEST) --ignore=tests/benchmarks -m long

.PHONY: check
check: $(DEV_STAMP) ## Format, style, types, layers, and the freshness of what is generated
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/policy schema --check
	$(BIN)/policy fmt --check

# Measuring makes a run more than half as slow again, so it is for the night. What compares, plays
# and accepts is long and reaches nothing that the other tests do not.
UNMEASURED := acceptance mistakes agreement histories crashes

.PHONY: docs
docs: $(DEV_STAMP) ## The documentation site, into build/docs; a warning is an error
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going docs build/docs
	@echo 'build/docs/index.html'

.PHONY: coverage
coverage: $(DEV_STAMP) $(CLIENTS_STAMP) ## How many branches of the engine the tests reach, and whether they are enough
	$(PYTEST) -q --cov --cov-report= $(foreach part,benchmarks $(UNMEASURED),--ignore=tests/$(part))
	$(BIN)/coverage report --skip-covered --skip-empty --fail-under=$(COVERAGE_FLOOR)

.PHONY: format
format: $(DEV_STAMP) ## Write the format and the fixes that are safe
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

.PHONY: bench
bench: $(DEV_STAMP) ## The numbers that we claim, both sides measured in one run
	@for script in tests/benchmarks/bench_*.py; do \
	  echo "== $$script"; $(BIN)/python "$$script"; done
	$(BIN)/python -m pytest -q -s tests/benchmarks

PEERS_STAMP := .venv/.peers-installed
DAYS ?= 365

$(PEERS_STAMP): requirements/peers.txt $(DEV_STAMP)
	$(BIN)/python -m venv .venv/peers
	.venv/peers/bin/python -m pip --disable-pip-version-check --quiet install \
	  --require-hashes -r requirements/peers.txt
	@touch $@

.PHONY: bench-simulate
bench-simulate: $(PEERS_STAMP) ## A year of generated quotes (DAYS=365) through the shipped set, beside peers
	$(BIN)/python tests/benchmarks/bench_simulate.py $(DAYS)

# What a night adds: many times the examples, whole days instead of hours, and what is for no day.
# Every other test says by night what it said by day.
.PHONY: night
night: $(DEV_STAMP) $(CLIENTS_STAMP) ## Every property with ten times the examples, and what is too long for a day
	$(PYTEST) --hypothesis-profile=nightly -m 'hypothesis or nightly or long'

.PHONY: nightly
nightly: coverage night histories mutants ## Coverage, the night's tests, 20,000 histories, every mutant; some hours

SEEDS ?= 20000

.PHONY: histories
histories: $(DEV_STAMP) ## Play so many whole histories (SEEDS=20000), or tell one: replay with its seed
	PYTHONPATH=tests $(BIN)/python -m histories run --seeds $(SEEDS) --jobs $(WORKERS)

.PHONY: mutants
mutants: $(DEV_STAMP) ## Plant every mutant of the order path, and kill it by histories
	PYTHONPATH=tests $(BIN)/python -m histories.mutants --jobs $(WORKERS)

# Registry hashes only: local mirrors and wheel folders of this machine must not reach a lock.
LOCK := env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_INDEX -u UV_INDEX_URL -u UV_DEFAULT_INDEX \
  -u UV_EXTRA_INDEX_URL $(BIN)/uv pip compile --quiet --no-config --generate-hashes --universal \
  --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links

.PHONY: lock
lock: $(DEV_STAMP) ## Resolve the locks again; `make lock UPGRADE=--upgrade` takes newer releases
	$(LOCK) $(UPGRADE) pyproject.toml requirements/build.in --extra compare --extra live --extra postgres --extra report --extra sign --extra venue \
	  --extra simulate --extra cluster --extra telemetry --extra alerts --extra docs --extra dev \
	  --output-file requirements/dev.txt
	$(LOCK) pyproject.toml requirements/build.in --constraints requirements/dev.txt \
	  --output-file requirements/run.txt
	$(LOCK) pyproject.toml requirements/build.in --extra compare --extra sign --extra simulate \
	  --constraints requirements/dev.txt --output-file requirements/review.txt
	$(LOCK) pyproject.toml requirements/build.in --extra live --extra compare --extra postgres --extra sign \
	  --extra telemetry --extra alerts --constraints requirements/dev.txt --output-file requirements/live.txt
	$(LOCK) $(UPGRADE) requirements/clients.in --output-file requirements/clients.txt
	$(LOCK) $(UPGRADE) requirements/peers.in --output-file requirements/peers.txt

.PHONY: clean
clean: ## Remove what was built and measured; .venv and ledgers stay
	rm -rf build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache \
	  .import_linter_cache
