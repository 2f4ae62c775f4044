# Everything here sets up what it needs in this folder, and nothing outside it but caches. Start with: make demo
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test coverage check build catalogue samples deploy lock bench clean .venv .venv-emulator .venv-sam
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME
export ONCE IAM

PY := .venv/bin/python
TESTS ?= tests

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: ## the whole stack on this machine, and an alarm played through it (ONCE=1: play, check, end; IAM=1: enforce IAM)
	@setup/environment.sh .venv=demo .venv-emulator=emulator
	@$(PY) -m local.demo

test: ## every test that needs no cloud (TESTS=tests/unit for some of them)
	@setup/environment.sh .venv=dev .venv-emulator=emulator
	@$(PY) -m pytest -q $(TESTS)

coverage: ## the tests with branch coverage of what runs in AWS (TESTS=tests/unit for some of them)
	@setup/environment.sh .venv=dev .venv-emulator=emulator
	@$(PY) -m pytest -q --cov --cov-report=term:skip-covered $(TESTS)

check: ## the gate: lint, types, templates, configuration, build and all tests
	@setup/environment.sh .venv=dev .venv-emulator=emulator .venv-sam=sam
	@setup/check.sh

build: ## what would be deployed, in .aws-sam/build, with bytecode for the Lambda runtime
	@setup/build.sh

catalogue: ## template.yaml and docs/actions anew from runbooks/ and the catalogue
	@setup/environment.sh .venv=dev
	@./watchkeeper actions write

samples: ## events/*.json through sam-cli, in the Lambda runtime's container; needs Docker (EVENT=events/webhook-generic.json for one)
	@setup/environment.sh .venv=demo .venv-emulator=emulator .venv-sam=sam
	@setup/build.sh
	@$(PY) -m local.invoke $(EVENT)

deploy: ## to AWS: ./deploy.sh with ARGS, e.g. make deploy ARGS='--environment dev --dry-run'
	@./deploy.sh $(ARGS)

lock: ## the pinned lists anew from requirements/*.in (needs uv)
	@requirements/lock.sh

bench: ## the measures of bench/, a line each, and JSON in bench/results
	@setup/environment.sh .venv=dev .venv-emulator=emulator
	@for bench in bench/*.py; do $(PY) "$$bench"; done

clean: ## removes environments, builds and caches from this folder
	@rm -rf .venv .venv-emulator .venv-sam .work .aws-sam .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage htmlcov bench/results
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# one environment alone
.venv:
	@setup/environment.sh .venv=dev

.venv-emulator:
	@setup/environment.sh .venv-emulator=emulator

.venv-sam:
	@setup/environment.sh .venv-sam=sam
