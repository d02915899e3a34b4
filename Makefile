# `make run` and `make test` set themselves up; everything goes into .venv and var.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
HOME_DIR ?= var
YEAR ?= 2023

.PHONY: install run test lint bench constraints clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v < (3, 14) else "Python 3.11 to 3.13 is needed, this is %d.%d; try make PYTHON=python3.12" % v[:2])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	$(BIN)/python -m flows.orchestration.prepare_installation
	@touch $@

run: install
	$(BIN)/huizong --home $(HOME_DIR) demo --year $(YEAR)
	$(BIN)/huizong --home $(HOME_DIR) nightly
	$(BIN)/huizong --home $(HOME_DIR) indicators --period $(YEAR) --against flows/sample_year/published_2023.csv
	@echo "County files: $(HOME_DIR)/inbox   originals by hash: $(HOME_DIR)/archive   warehouse: $(HOME_DIR)/warehouse.sqlite   reports: $(HOME_DIR)/reports"

# three workers, for tests wait for processes and disks; bytecode is kept, for dozens of processes would compile it anew
test: install
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# BENCH=quick takes a tenth of the rows; the table goes to docs/performance.md
BENCH ?= full

bench: $(VENV)/bench-installed
	BENCH=$(BENCH) $(BIN)/python -m benchmarks

$(VENV)/bench-installed: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	@touch $@

# newest versions that fit pyproject.toml, for every supported Python
constraints: install
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --no-emit-package huizong --extra dev --extra bench --upgrade pyproject.toml --output-file constraints.txt

clean:
	rm -rf $(VENV) $(HOME_DIR) build *.egg-info
