# make demo: see it work. make test: prove it. make check: lint, types, floors. The rest: see `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: help demo test test-fast check durability bench pictures clean

help:
	@echo "make demo        a pull-request workflow with a crash in the middle, step by step"
	@echo "make test        all tests"
	@echo "make test-fast   tests without durability, wheels, Bun and kill tests: about a minute"
	@echo "make check       ruff, format, mypy, import contracts"
	@echo "make durability  crash points, power cuts, faults, mutants (FULL=1: all of them)"
	@echo "make bench       the cost of each command against an empty Python process"
	@echo "make pictures    draw docs/pictures anew"
	@echo "make clean       remove what these made"

# The stamps say which of the three sets of packages is in .venv. An installation copies the launchers, so they count.
$(VENV)/ready: pyproject.toml $(wildcard scripts/session*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "this Python has no venv: on Debian, apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	@touch $@

$(VENV)/ready-test: $(VENV)/ready
	$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)/ready-check: $(VENV)/ready-test
	$(PIP) install --editable '.[test,check]'
	@touch $@

demo: $(VENV)/ready
	@$(BIN)/python docs/demo.py $(BIN)

test: $(VENV)/ready-test
	$(BIN)/python -m pytest -n 2 $(ARGS)

test-fast: $(VENV)/ready-test
	FAST=1 $(BIN)/python -m pytest -n 2 -q -m 'not slow' $(ARGS)

check: $(VENV)/ready-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

durability: $(VENV)/ready-test
	$(BIN)/python -m tests.durability

bench: $(VENV)/ready-test
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/listing.py

pictures: $(VENV)/ready
	$(BIN)/python docs/pictures.py $(BIN)

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
