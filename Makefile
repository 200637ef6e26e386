# Two commands do everything; see README.md. Both work from any folder: make -C path/to/onward run
HERE := $(shell cd "$$(dirname "$(strip $(MAKEFILE_LIST))")" && pwd)
PYTHON ?= python3
ARGS ?=

.PHONY: run test

run:
	@cd "$(HERE)" && exec $(PYTHON) -m launcher run

test:
	@cd "$(HERE)" && exec $(PYTHON) -m launcher test $(ARGS)
