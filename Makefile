# The whole system on this machine. Needs Python 3.11 or later, apt and git; the rest is provided.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv/bin
# Tests mostly wait for phones to ring: a few at once do not disturb each other, even on two cores.
WORKERS ?= 3

.PHONY: help setup run demo test check unit coverage live golden simulate fuzz chaos bench soak fuse zone mutants docs roster journal loaded audit install rollback uninstall lock format clean

help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

setup: ## provide Python packages, Asterisk and phones (asked for by all others)
	@$(PYTHON) -m sandbox.provision

run: setup ## start everything, place a sample call, stay up; Ctrl-C stops it
	@$(VENV)/python -m sandbox.run

demo: setup ## the same without a terminal: a call for each menu key, a verdict, exit status
	@$(VENV)/python -m sandbox.demo

test: check ## all checks and all tests
	@$(VENV)/python -m pytest -n $(WORKERS) --dist worksteal

check: setup ## format, lint, types, imports
	@$(VENV)/ruff format --check --quiet
	@$(VENV)/ruff check --quiet
	@$(VENV)/mypy
	@$(VENV)/lint-imports --no-logo

unit: setup ## only the tests that need no Asterisk
	@$(VENV)/python -m pytest -m "not live"

coverage: setup ## do the core's own tests come through each of its branches?
	@$(VENV)/python -m coverage run --branch --source=routing,ivr -m pytest -q tests/routing tests/ivr
	@$(VENV)/python -m coverage report --show-missing --skip-covered --fail-under=100

live: setup ## only the tests on a real Asterisk
	@$(VENV)/python -m pytest -m live -n $(WORKERS) --dist worksteal

golden: setup ## record the golden calls on a real Asterisk again; review the difference
	@$(VENV)/python -m tests.replay.golden

simulate: setup ## draw scenarios with faults, and hold the laws to them (SEEDS=200, FIRST=0, JOBS=2)
	@$(VENV)/python -m tests.simulation --seeds $(or $(SEEDS),200) --first $(or $(FIRST),0) --jobs $(or $(JOBS),2)

fuzz: setup ## look for what brings a parser down (EXAMPLES=2000 or MINUTES=10, SEED=drawn, TARGETS="...")
	@$(VENV)/python -m tests.fuzz $(if $(MINUTES),--minutes $(MINUTES),--examples $(or $(EXAMPLES),2000)) $(if $(SEED),--seed $(SEED)) $(TARGETS)

chaos: setup ## break things on purpose, with callers in all states: who is lost? (ROUNDS=1, SEED=112, JOBS=1, FAULTS="...", JSON=file)
	@$(VENV)/python -m tests.chaos --rounds $(or $(ROUNDS),1) --seed $(or $(SEED),112) --jobs $(or $(JOBS),1) $(if $(JSON),--json $(JSON)) $(FAULTS)

bench: setup ## measure against a bare Dial(), in one run
	@$(VENV)/python -m bench.first_call

soak: setup ## thousands of mixed calls, then nothing may be left (CALLS=2000, SEED=112; some minutes)
	@$(VENV)/python -m bench.soak --calls $(or $(CALLS),2000) --seed $(or $(SEED),112)

fuse: setup ## hundreds of waiting callers for a minute: is a fuse renewed late? (CALLERS=300)
	@$(VENV)/python -m bench.fuse --callers $(or $(CALLERS),300)

zone: setup ## what a verdict on the origin zone costs, with 100,000 ranges and cells
	@$(VENV)/python -m bench.zone

roster: setup ## measure the roster: an answer, a day, a year, with 10 to 10,000 people
	@$(VENV)/python -m bench.roster

journal: setup ## measure what the journal's store costs at a thousand records a second
	@$(VENV)/python -m bench.journal

loaded: setup ## are real calls late beside a thousand records a second? some 10 minutes (ROUNDS=8)
	@$(VENV)/python -m bench.loaded --rounds $(or $(ROUNDS),8)

audit: setup ## what the software is made of: locks, licences, bill of materials, wheel, known vulnerabilities
	@$(VENV)/python -m supply

mutants: setup ## break one rule after the other in a copy of the code: does the simulator notice? (SEEDS=120)
	@$(VENV)/python -m tests.mutants --seeds $(or $(SEEDS),120)

docs: setup ## draw STATES.md, records.md, asyncapi.yaml, tables of report.md and examples of explain.md from the code
	@$(VENV)/python -m tests.matrix.page
	@$(VENV)/python -m tests.docs.example
	@$(VENV)/python -m tests.journal.page
	@$(VENV)/python -m tests.journal.asyncapi
	@$(VENV)/python -m tests.siaga.report.reference
	@$(VENV)/python -m tests.chaos.page

install: ## put this release onto a server, or below DESTDIR=folder; the same again upgrades (as root; docs/admin.md)
	@$(PYTHON) -m systemd.install install --destdir "$(DESTDIR)"

rollback: ## go back to the release before
	@$(PYTHON) -m systemd.install rollback --destdir "$(DESTDIR)"

uninstall: ## take it off again; settings and records stay without PURGE=yes
	@$(PYTHON) -m systemd.install remove --destdir "$(DESTDIR)" $(if $(filter yes,$(PURGE)),--purge)

format: setup ## format the code
	@$(VENV)/ruff format --quiet
	@$(VENV)/ruff check --quiet --fix

lock: ## pin the newest allowed versions again, with hashes (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade pyproject.toml -o requirements/run.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade --extra dev pyproject.toml -o requirements/dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade -c requirements/dev.txt requirements/build.in -o requirements/build.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" --upgrade -c requirements/dev.txt requirements/audit.in -o requirements/audit.txt

clean: ## remove what set-up and tests made here (the extracted programs stay in the cache)
	rm -rf .venv .sounds .audit dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
