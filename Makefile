# Two commands matter: `make run` and `make test`. Each does all its own set-up.
PYTHON ?= python3
BIN := .venv/bin
DEMO ?= 1

.PHONY: help install run test check pages soak breaks fuzz bench clean

help: ## show this
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/made: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

.venv/made-test: .venv/made
	$(BIN)/python -m pip install --quiet --group test --group check
	@touch $@

# Client packages for the browser tests, as the lock file names them, with the npm that came with the test group.
tests/sdks/node_modules/made: tests/sdks/package.json tests/sdks/package-lock.json .venv/made-test
	$(BIN)/npm --prefix tests/sdks ci --silent
	@touch $@

install: .venv/made ## install remit into .venv, nothing else

run: .venv/made ## start remit with the example policy and a fleet of simulated devices (DEMO=0: without)
	DEMO=$(DEMO) $(BIN)/python demo/run.py

test: .venv/made-test tests/sdks/node_modules/made ## pass all tests
	CHROMIUM="$$(sh scripts/chromium.sh)" && export CHROMIUM && $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -m 'not soak'

check: .venv/made-test ## style and types
	$(BIN)/ruff check src tests demo benchmarks
	$(BIN)/ruff format --check src tests demo benchmarks
	$(BIN)/mypy

pages: .venv/made-test ## write what comes from the code: pages of docs/, and what commands say there and in tests/commands
	$(BIN)/python -c 'from remit.policy.render.catalogue import markdown; print(end=markdown())' > docs/catalogue.md
	$(BIN)/python -c 'from pathlib import Path; from remit.policy.render.page import written; page = Path("docs/policy.md"); page.write_text(written(page.read_text("utf-8")), "utf-8")'
	$(BIN)/python -c 'from pathlib import Path; from remit.policy.render.page import written; from remit.wire.routes import MADE; page = Path("docs/routes.md"); page.write_text(written(page.read_text("utf-8"), MADE), "utf-8")'
	$(BIN)/python tests/commands/said.py
	$(BIN)/python tests/mission/mission.py
	$(BIN)/python tests/ask/asking.py
	$(BIN)/python tests/fuzz/runs.py

soak: .venv/made-test ## the longer tests
	$(BIN)/python -m pytest -m soak

breaks: .venv/made-test tests/sdks/node_modules/made ## break the house in every way that is written down, and see each noticed
	CHROMIUM="$$(sh scripts/chromium.sh)" && export CHROMIUM && $(BIN)/python tests/breaks/breaks.py

fuzz: .venv/made-test ## attack each protocol for ten minutes, guided by the code that is reached
	$(BIN)/python -m pip install --quiet --group fuzz
	$(BIN)/python tests/fuzz/fuzz.py

bench: .venv/made-test ## measure, beside nginx and others, and draw; needs nginx and wrk, and nothing else running
	$(BIN)/python -m pip install --quiet --group bench
	$(BIN)/python benchmarks/intake.py benchmarks/results/intake.jsonl
	$(BIN)/python benchmarks/worker.py benchmarks/results/worker.jsonl
	$(BIN)/python benchmarks/sustained.py benchmarks/results/sustained.jsonl
	$(BIN)/python benchmarks/plot_intake.py benchmarks/results/intake.jsonl docs/intake.svg
	$(BIN)/python benchmarks/policy_check.py benchmarks/results/policy.jsonl
	$(BIN)/python benchmarks/plot.py benchmarks/results/policy.jsonl docs/policy-check.svg

clean: ## remove what the above made
	rm -rf .venv build tests/sdks/node_modules demo/data demo/keys .pytest_cache .mypy_cache .ruff_cache .hypothesis
