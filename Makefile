# `make help` lists the targets. Everything that they make goes into .venv, var and build.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOME_DIR ?= var
YEAR ?= 2023
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install run test soak mutants coverage lint docs messages bench constraints clean

help: ## list these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/installed ## set up .venv with the pinned versions

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11 to 3.13 is needed, this is %d.%d; try make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) --editable '.[dev]'
	$(BIN)/python -m flows.orchestration.prepare_installation
	@touch $@

run: install ## make the sample year, run the pipeline, show the figures
	@set -e; made=$$($(BIN)/huizong --home $(HOME_DIR) demo --year $(YEAR)); trap 'echo "$$made"' EXIT; \
	$(BIN)/huizong --home $(HOME_DIR) nightly; \
	$(BIN)/huizong --home $(HOME_DIR) indicators --period $(YEAR) --against flows/sample_year/published_2023.csv
	@echo "Sign in to the portal with these accounts: $(BIN)/huizong --home $(HOME_DIR) portal"
	@echo "County files: $(HOME_DIR)/inbox   originals by hash: $(HOME_DIR)/archive   warehouse: $(HOME_DIR)/warehouse.sqlite   reports: $(HOME_DIR)/reports"

# Three workers, because tests wait for processes and disks; one of them has all that needs PostgreSQL. The
# slowest tests are printed: above two seconds each needs a reason. Bytecode is kept, because dozens of child
# processes would compile it again.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder \
	--durations=10 --durations-min=2

test: install ## run the tests on SQLite and PostgreSQL
	$(PYTEST)

MINUTES ?= 30
HISTORIES = tests/warehouse/test_history.py tests/warehouse/test_incremental_figures.py \
	tests/warehouse/test_replacement_histories.py tests/pipeline/test_changes.py tests/pipeline/test_going_back.py \
	tests/pipeline/test_second_city.py tests/read/test_containers.py tests/read/test_read_in_bulk.py \
	tests/read/test_damaged_files.py tests/read/test_read_header.py tests/receipt/test_receipt_workbooks.py \
	tests/validate/test_round_trip.py tests/normalise tests/sample_year/test_sample_year_reading.py

soak: install ## play random nights and histories for MINUTES each, power cuts and disk errors at each moment
	$(BIN)/python -m tests.support.simulation --every-call
	$(BIN)/python -m tests.support.simulation --minutes $(MINUTES)
	HUIZONG_POWER_CUT_EVERY=1 $(BIN)/python -m pytest -q -n 0 tests/pipeline/test_power_cut.py -k claimed
	HUIZONG_FAILING_EVERY=20 $(BIN)/python -m pytest -q -n 2 tests/pipeline/test_failing_disk.py
	HUIZONG_EXAMPLES_TIMES=40 $(BIN)/python -m pytest -q -n 2 $(HISTORIES)
	HUIZONG_SETTLE_SECONDS=0 $(BIN)/python -m tests.support.true_histories.soak $(MINUTES)

SAMPLE ?= 200
SEED ?= 1

mutants: $(VENV)/mutants-installed ## make SAMPLE small mistakes, drawn by SEED, and see whether a test fails for each
	$(BIN)/python -m tests.support.mutants --sample $(SAMPLE) --seed $(SEED)

$(VENV)/mutants-installed: $(VENV)/installed
	$(PIP_INSTALL) --editable '.[dev,mutants]'
	@touch $@

coverage: install ## run the tests and show which lines they miss; pages in build/coverage
	@mkdir -p build
	$(PYTEST) --cov --cov-report=term --cov-report=html

lint: install ## check form, types, spelling, words and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/python -m tests.support.check_words

docs: install ## write docs/configuration.md from the settings
	$(BIN)/python -m flows.configuration_page

messages: install ## enter what the source says into the Chinese catalogue, and compile it
	$(BIN)/python -m tests.support.messages

BENCH ?= full

bench: $(VENV)/bench-installed ## measure against other tools, write docs/performance.md (BENCH=quick: a tenth)
	BENCH=$(BENCH) $(BIN)/python -m benchmarks

$(VENV)/bench-installed: $(VENV)/installed
	$(PIP_INSTALL) --editable '.[dev,bench]'
	@touch $@

constraints: install ## pin the newest versions that fit pyproject.toml, for every supported Python
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-package huizong --extra dev --extra bench --extra mutants --upgrade pyproject.toml --output-file constraints.txt

clean: ## remove .venv, var and build
	rm -rf $(VENV) $(HOME_DIR) build *.egg-info
