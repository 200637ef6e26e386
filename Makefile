# Every command does its own set-up and works from any folder: make -C path/to/onward run
HERE := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)
PYTHON ?= python3
ARGS ?=
# Each command below is the launcher's of the same name.
ONWARD = cd "$(HERE)" && exec $(PYTHON) -m launcher $@ $(ARGS)
COMMANDS := run test cover lint fmt types check shell manage bench faults servers

.PHONY: help bench-load $(COMMANDS)

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' "$(HERE)/Makefile"

run: ## the demo clinic with web server, worker and beat; prints its address and the logins
	@$(ONWARD)

test: ## every test; some of them: make test ARGS="tests/cases -k admit"
	@$(ONWARD)

cover: ## the tests, and which lines they never ran
	@$(ONWARD)

lint: ## every check but types and tests; one of them: make lint ARGS=spelling; their names: make lint ARGS=list
	@$(ONWARD)

fmt: ## put Python and templates into the house's format
	@$(ONWARD)

types: ## mypy
	@$(ONWARD)

check: ## lint, types and test: what continuous integration runs
	@$(ONWARD)

shell: ## a Python shell on the demo clinic
	@$(ONWARD)

manage: ## manage.py on the demo clinic: make manage ARGS="makemigrations cases"
	@$(ONWARD)

servers: ## the tests' servers, held until Ctrl-C, so that single tests start at once (CONTRIBUTING.md)
	@$(ONWARD)

bench: ## what pages cost, and ratios between a small and a large clinic: make bench ARGS=lists
	@$(ONWARD)

faults: ## breaks servers and workers while messages are promised, and prints what became of them (docs/faults.md)
	@$(ONWARD)

bench-load: ## 20 counselors at work for 3 minutes: make bench-load ARGS="--seconds 30"
	@cd "$(HERE)" && exec $(PYTHON) -m launcher bench load $(ARGS)
