# Every command does its own set-up and works from any folder: make -C path/to/onward run
HERE := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)
PYTHON ?= python3
ARGS ?=
COMMANDS := run test cover lint fmt types check shell manage bench servers

.PHONY: help $(COMMANDS)

help: ## this list
	@awk -F ':.*## ' '/^#?[a-z]+:.*## / { sub(/^#/, "", $$1); printf "  make %-7s %s\n", $$1, $$2 }' "$(HERE)/Makefile"

$(COMMANDS):
	@cd "$(HERE)" && exec $(PYTHON) -m launcher $@ $(ARGS)

#run: ## the demo clinic with web server, worker and beat; prints its address and the logins
#test: ## every test; some of them: make test ARGS="tests/cases -k admit"
#cover: ## the tests, and which lines they never ran
#lint: ## every check but types and tests; one of them: make lint ARGS=spelling; their names: make lint ARGS=list
#fmt: ## put Python and templates into the house's format
#types: ## mypy
#check: ## lint, types and test: what continuous integration runs
#shell: ## a Python shell on the demo clinic
#manage: ## manage.py on the demo clinic: make manage ARGS="makemigrations cases"
#servers: ## the tests' servers, held until Ctrl-C, so that single tests start at once (CONTRIBUTING.md)
#bench: ## ratios between a small and a large clinic: make bench ARGS=lists
