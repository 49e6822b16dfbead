# Everything a newcomer needs; CI calls the same targets.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
LINUX := $(filter Linux,$(shell uname -s))
# Some Pythons write their own folder into what they link.
UNMARKED := $(if $(LINUX),LDSHARED="$(CC) -shared")

.PHONY: install demo test torture audit check lint types imports format bench dist check-dist clean

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

# Kills, damage, full disks and 100,000 fuzzed inputs: hours. TORTURE=2: twice as much; TORTURE_SEED=1:
# others. "make test" has a small share of it.
TORTURE ?= 1
torture: $(VENV)/.torture
	TORTURE=$(TORTURE) $(BIN)/python -m pytest tests/torture

$(VENV)/.torture: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,torture]'
	touch $@

# What is known of holes in the versions that constraints.txt names. It asks PyPI, and fails where
# that cannot say.
audit: $(VENV)/audit/.installed
	$(VENV)/audit/bin/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

$(VENV)/audit/.installed:
	test -x $(VENV)/audit/bin/python || $(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check 'pip-audit>=2.9'
	touch $@

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

# The source archive and, built from it, the wheel of every Python from 3.11 on. On Linux the wheel
# has the tag of all glibcs since 2.17, or this fails; OpenMP's library is the one torch brings.
dist: $(VENV)/.dist
	rm -rf build dist
	$(UNMARKED) $(BIN)/python -m build --config-setting=--build-option=--py-limited-api=cp311
	$(if $(LINUX),PATH="$(abspath $(BIN)):$$PATH" auditwheel repair --exclude libgomp.so.1 \
		--plat "manylinux_2_17_$$(uname -m)" --wheel-dir dist dist/*-linux_*.whl)
	$(if $(LINUX),rm dist/*-linux_*.whl)

$(VENV)/.dist: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dist]'
	touch $@

# Both, installed where nothing else is.
check-dist: dist
	.ci/check-dist

clean:
	rm -rf $(VENV) demo build dist src/tenor/kernels/*.so
