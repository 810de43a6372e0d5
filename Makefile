# Two commands are all the set-up there is: `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ATTACKERS := .venv-attacks
LOCK := .ci/lock
INSTALL_HUB = $(BIN)/python -m pip install -q --no-deps --no-index --no-build-isolation -e .
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test test-clock fuzz side-by-side prober faults mutants audits attacks clients bench check lock schema clean

help: ## Show this help
	@echo "The assistance hub 救助数据共享平台"; echo
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18
	@echo; echo "  PORT=8000 HUB_DATA_DIR=.hub HOUSEHOLDS=2000 can be given to make demo."

demo: $(VENV)/runtime.stamp ## Serve a sample on 127.0.0.1:8000, with clients and commands to paste; Ctrl-C stops it
	@exec $(BIN)/hub demo $(if $(HOUSEHOLDS),--households $(HOUSEHOLDS))

test: check ## Everything that CI runs: ruff, mypy, the tests
	$(BIN)/python -m pytest -n auto --dist worksteal

test-clock: $(VENV)/develop.stamp ## The tests at five other clocks: night, month-end, new-year, leap-day, two-years-on (about an hour; CLOCKS="night leap-day" for some)
	CLOCKS="$(CLOCKS)" $(BIN)/python -m tests.at_every_clock $(TESTS)

fuzz: $(VENV)/develop.stamp ## Both executors on 20,000 drawn operations, 6,600 drawn writes, 400 lives of random commands, 21,000 files of offices (about an hour)
	HUB_FUZZ_EXAMPLES=20000 $(BIN)/python -m pytest tests/schema/fuzz tests/stateful tests/hub/imports/test_every_layout.py tests/hub/imports/test_office_files.py tests/schema/test_every_argument_is_refused_with_a_code.py -o timeout=0 -n auto

prober: $(VENV)/develop.stamp ## How long somebody who asks little waits beside each attack of another client (PROBER_SECONDS=10; about four minutes)
	@$(BIN)/python -m tests.prober

faults: $(VENV)/develop.stamp ## Break the database, the way to it and processes under load, and write what came of it into docs/operations.md (about half an hour; FAULTS="--drawn 10")
	@$(BIN)/python -m tests.faults --write $(FAULTS)

side-by-side: $(VENV)/develop.stamp ## The version before this one on the schema of this one, beside it and under load (SIDE_BY_SIDE_SECONDS=10)
	@$(BIN)/python -m tests.side_by_side

audits: $(VENV)/develop.stamp ## The audits of GraphQL over HTTP against the served hub (needs Node 18 or newer with npm)
	@command -v npm >/dev/null || { echo "The audits need Node 18 or newer with npm; install them first. 请先安装 Node 与 npm。" >&2; exit 1; }
	npm ci --prefix tests/schema/graphql_over_http
	env -u CI $(BIN)/python -m pytest tests/schema/test_graphql_over_http.py

attacks: $(VENV)/develop.stamp $(ATTACKERS)/stamp ## Published tools against GraphQL and what they and those against JWT try, strangers' connections, values in answers and logs
	HUB_ATTACK_TOOLS=$(abspath $(ATTACKERS)/bin) $(BIN)/python -m pytest -o timeout=0 tests/attacks tests/hub/service/test_connections.py tests/hub/service/test_http_refused.py \
		tests/schema/test_no_answer_repeats_a_value.py tests/hub/service/test_logs.py

clients: $(VENV)/clients.stamp ## The client libraries that departments use, each against a served demonstration (needs Node 20 or newer with npm)
	@command -v npm >/dev/null || { echo "The clients need Node 20 or newer with npm; install them first. 请先安装 Node 20 与 npm。" >&2; exit 1; }
	npm ci --prefix tests/clients
	@$(BIN)/python -m tests.clients

mutants: $(VENV)/develop.stamp ## Put small faults into the code and tell which ones no test finds (PARTS="rows aid" EACH=8 SEED=14 WORKERS=2)
	@$(BIN)/python -m tests.mutants $(PARTS) $(if $(EACH),--each $(EACH)) $(if $(SEED),--seed $(SEED)) $(if $(WORKERS),--workers $(WORKERS))

bench: $(VENV)/develop.stamp ## Measure the hub beside its peers (HOUSEHOLDS=100000 ROUNDS=3 SECONDS=6 SOAK=0 WORKLOADS="W1 W2")
	@$(BIN)/python -m bench $(WORKLOADS) $(if $(HOUSEHOLDS),--households $(HOUSEHOLDS)) $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(if $(SOAK),--soak $(SOAK)) $(if $(ROWS),--rows $(ROWS))

check: $(VENV)/develop.stamp ## ruff and mypy alone
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

schema: $(VENV)/develop.stamp ## Write schema/schema.graphql, docs/errors.md and docs/glossary.md anew
	$(BIN)/hub schema > schema/schema.graphql.new && mv schema/schema.graphql.new schema/schema.graphql
	$(BIN)/hub errors > docs/errors.md.new && mv docs/errors.md.new docs/errors.md
	$(BIN)/hub glossary > docs/glossary.md.new && mv docs/glossary.md.new docs/glossary.md

lock: ## Pin the dependencies anew, with hashes and without addresses (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		--extra build pyproject.toml -o $(LOCK)/runtime.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build --extra develop -c $(LOCK)/runtime.txt pyproject.toml -o $(LOCK)/develop.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra build --extra develop --extra clients -c $(LOCK)/develop.txt pyproject.toml -o $(LOCK)/clients.txt

	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
		$(LOCK)/attacks.in -o $(LOCK)/attacks.txt

clean: ## Remove the virtual environments and the caches; the data in .hub stays
	rm -rf $(VENV) $(ATTACKERS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@bash .ci/venv $(PYTHON) $(VENV)

# The command's entry point stands in pyproject.toml.
$(VENV)/runtime.stamp: $(LOCK)/runtime.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing, once 首次安装 …"
	@test -e $(VENV)/develop.stamp || $(BIN)/python -m pip install -q --require-hashes -r $<
	@$(INSTALL_HUB)
	@touch $@

$(VENV)/develop.stamp: $(LOCK)/develop.txt pyproject.toml | $(VENV)/bin/python
	@echo "installing, once 首次安装 …"
	@$(BIN)/python -m pip install -q --require-hashes -r $<
	@$(INSTALL_HUB)
	@touch $@

# The tools need other versions of what the hub needs, and are installed apart.
$(ATTACKERS)/stamp: $(LOCK)/attacks.txt
	@echo "installing, once 首次安装 …"
	@test -x $(ATTACKERS)/bin/python || bash .ci/venv $(PYTHON) $(ATTACKERS)
	@$(ATTACKERS)/bin/python -m pip install -q --require-hashes -r $<
	@touch $@

$(VENV)/clients.stamp: $(LOCK)/clients.txt $(VENV)/develop.stamp
	@$(BIN)/python -m pip install -q --require-hashes -r $<
	@touch $@
