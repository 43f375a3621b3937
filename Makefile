# Everything a person does with a checkout. Needs Python 3.11 or newer, its venv module, and make.
#   make run    the demonstration dealership, in var/
#   make test   the whole test suite, on SQLite and PostgreSQL, with a browser
# Another Python: make PYTHON=python3.13 …   More for pytest: make test ARGS="-k phones"

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# A test at a time on each processor; --numprocesses=0 in ARGS for one after another.
PYTEST := $(BIN)/python -m pytest --numprocesses=logical --dist=worksteal
PACKAGING := setup.py pyproject.toml constraints.txt _build.py assets/package.json assets/package-lock.json \
	$(wildcard addons/*/addon.toml)

PARTS := core/web/static/vendor/.stamp

.PHONY: help run test quick test-sets bench check format assets test-assets build clean
.DEFAULT_GOAL := help

help:
	@echo "make run         the demonstration dealership, in var/"
	@echo "make test        all tests, on SQLite and PostgreSQL, with a browser; then on SQLite without the other addons"
	@echo "make quick       the tests that need neither a browser nor seconds, on SQLite"
	@echo "make test-sets   that every other valid set of addons works, also with the data of the rest"
	@echo "make bench       the benchmarks"
	@echo "make check       format, lint and types"
	@echo "make format      put the sources in shape"
	@echo "make build       sdist and wheel into dist/"
	@echo "make clean       remove what was built; var/ stays"

run: $(VENV)/.run
	$(BIN)/forecourt run --demo --instance var

test: $(VENV)/.test test-assets
	$(PYTEST) $(ARGS)
	$(BIN)/python -m tests.support.sets --minimal -- $(ARGS)

quick: $(VENV)/.test
	$(PYTEST) -m "not browser and not slow" --database sqlite $(ARGS)

test-sets: $(VENV)/.test
	$(BIN)/python -m tests.support.sets -- $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python -m bench $(ARGS)

check: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

assets: $(VENV)/.test
	$(BIN)/python setup.py -q build_assets

test-assets: $(VENV)/.test
	@$(BIN)/python -m _build

build: $(VENV)/.test
	rm -rf build dist
	$(BIN)/python -m build --no-isolation --outdir dist

clean:
	rm -rf $(VENV) build dist forecourt.egg-info assets/test/vendor core/web/static/vendor
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Forecourt needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

# Installing fetches the front-end parts; where they are gone, install again.
$(PARTS): ;

$(VENV)/.run: $(BIN)/python $(PACKAGING) $(PARTS)
	$(PIP) --editable .
	@touch $@

$(VENV)/.test: $(BIN)/python $(PACKAGING) $(PARTS)
	$(PIP) --editable '.[test]'
	@touch $@ $(VENV)/.run
