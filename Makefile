.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

help:  ## Show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

.venv/ready: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

setup: .venv/ready  ## Create .venv and install the locked versions

train: setup  ## Train, test and price the default model on the bundled digits
	$(BIN)/python train.py model=mlp precision=16-mixed

.PHONY: help setup train
