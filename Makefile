# `make run` and `make test` need nothing but Python 3.11 or later with its venv module.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FILE ?= examples/msilo.cfg
PYTEST_ARGS ?= -n auto
TYPED := build/typed

.PHONY: run test fuzz lint format docs bench clean

run: $(VENV)/.installed
	$(BIN)/serpy $(FILE) $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# a minute of odd inputs for `serpy check`; the one that breaks it is kept in build/fuzz
fuzz: $(VENV)/.test
	$(BIN)/python -m tests.fuzz.run $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@rm -rf $(TYPED) && mkdir -p $(TYPED) && cp -r serpy tests $(TYPED)/ && cp -r modules grammar $(TYPED)/serpy/
	cd $(TYPED) && ../../$(BIN)/mypy --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache serpy tests

format: $(VENV)/.test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# the pages that are made from the code; tests say when one is out of date
docs: $(VENV)/.test
	$(BIN)/serpy explain --markdown > docs/diagnostics.md
	$(BIN)/serpy doc params --markdown > docs/parameters.md
	@mkdir -p docs/modules
	for name in core $(notdir $(patsubst %/__init__.py,%,$(wildcard modules/*/__init__.py))); do \
		$(BIN)/serpy doc $$name --markdown > docs/modules/$$name.md || exit 1; \
	done
	SERPY_UPDATE=1 $(BIN)/python -m pytest -q tests/docs
	SERPY_UPDATE=1 $(BIN)/python -m pytest -q tests/unit/cli/test_guide.py tests/diagnostics/test_page.py

bench: $(VENV)/.test
	$(BIN)/python tests/bench/startup.py
	$(BIN)/python tests/bench/flows.py
	$(BIN)/python tests/bench/checking.py

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@# pip compiles what it installs, but not what it only links to: without this the first start pays for it
	@$(BIN)/python -m compileall -q serpy modules grammar
	@touch $@

# pip of 3.11's venv does not know dependency groups yet, so this one is brought up to date first
$(VENV)/.test: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group test --group lint
	@touch $@
