# Everything a newcomer needs; CI calls the same targets.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3

.PHONY: install demo test check lint types imports format bench clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt $(wildcard src/tenor/kernels/*.[ch])
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tenor needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	rm -f src/tenor/kernels/*.so  # an optional build that fails would leave the last one
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: install
	$(BIN)/python examples/demo.py

test: install
	$(BIN)/python -m pytest

check: lint types imports

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy

imports: install
	$(BIN)/lint-imports

format: install
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Every table of benchmarks/ into benchmarks/RESULTS.md: hours, most of them for topics and their peers.
bench: $(VENV)/.bench
	$(BIN)/python benchmarks/everything.py

$(VENV)/.bench: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,bench]'
	touch $@

clean:
	rm -rf $(VENV) demo build dist src/tenor/kernels/*.so
