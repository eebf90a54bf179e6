# `make demo` shows the product at work, `make test` passes its tests; both set themselves up.
SHELL := /bin/bash
.DELETE_ON_ERROR:

# uv: the one on this machine, else one of our own, pinned.
UV_VERSION := 0.13.9
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
RUN := "$(UV)" run --no-sync
# Without HTTP/2, which postgrest brings for others: our client speaks HTTP/1.1, and importing it takes time.
EXPORT := "$(UV)" export --quiet --no-emit-project --no-header --no-annotate \
  --no-emit-package h2 --no-emit-package hpack --no-emit-package hyperframe --only-group
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.tools/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export DO_NOT_TRACK := 1
# Each module is compiled once: the tests start some hundred processes that import the same ones.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo audit migration test test-unit test-cloud test-database test-histories test-plant test-stack test-folder test-311 test-peers test-hosted test-redrive test-painel validacao painel-pictures test-container test-windows check format lock up down build bundle release deploy smoke bench model kill fuzz mutation mutation-sql audit-deps clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | column -ts $$'\t'

.tools/bin/uv:
	python3 -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

# What each run of tests said, for `make validacao`.
JUNIT = --junitxml=.local/junit/$@.xml

# A stamp per environment: setting up again costs nothing while its lock has not changed.
.venv/.ready: $(if $(findstring .tools,$(UV)),.tools/bin/uv) uv.lock pyproject.toml layers/sicfar/pyproject.toml edge_gateway/pyproject.toml operations/pyproject.toml
	"$(UV)" sync --quiet --locked --python 3.13
	@touch $@
local/stack/emulator/.venv/.ready: .venv/.ready local/stack/emulator/uv.lock
	"$(UV)" sync --quiet --locked --project local/stack/emulator --python 3.13
	@touch $@
local/stack/supabase/node_modules/.ready: local/stack/supabase/package-lock.json
	cd local/stack/supabase && npm ci --silent --no-audit --no-fund
	@touch $@

tests/peers/node_modules/.ready: tests/peers/package-lock.json
	cd tests/peers && npm ci --silent --no-audit --no-fund --ignore-scripts --omit=optional
	@touch $@

tests/hosted/node_modules/.ready: tests/hosted/package-lock.json
	cd tests/hosted && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

setup: .venv/.ready local/stack/emulator/.venv/.ready local/stack/supabase/node_modules/.ready ## everything the other targets need

demo: setup ## the whole way, live: plant → gateway → AWS → Supabase, with a story and its proof
	$(RUN) python -m local demo

up: setup ## start the embedded stack in the background; addresses in .local/stack.json
	$(RUN) python -m local up

down: ## end it and delete its data
	$(RUN) python -m local down

audit: setup ## recompute every total of the running stack from its bucket and compare; changes nothing
	$(RUN) python -m local audit

migration: setup ## after a change in supabase/schemas: make migration NAME=what_changed
	$(RUN) python -m local.schema.reference
	$(RUN) python -m local.schema '$(NAME)'

# All at once, each starts and ends what it needs: end to end and beside the machines a test waits half of its time, and
# both cores are busy to the end.
SIDE_BY_SIDE := $(MAKE) --no-print-directory --jobs=7 --output-sync=target
INTEGRATION := tests/integration/test_
SQL_TESTS := $(wildcard $(addprefix $(INTEGRATION),db_*.py count_path.py audit*.py loose_reread.py restore*.py))
HISTORY_TESTS := $(wildcard $(addprefix $(INTEGRATION),count_path.py audit*.py loose_reread.py restore*.py \
  $(addprefix db_,concurrency.py late_facts.py migration.py mutants.py order_*.py *properties.py upgrade.py years.py)))
PLANT_TESTS := $(wildcard $(addprefix $(INTEGRATION),gateway_*.py))
FOLDER_TESTS := $(INTEGRATION)any_folder.py

# The deployed template's tests wait most and end last: a core serves them first.
test-unit test-database test-histories test-plant test-stack: RUN := nice $(RUN)

test: setup ## all tests but the container's and the folder's
	$(SIDE_BY_SIDE) test-cloud test-stack test-histories test-database test-plant test-unit test-311

test-unit: setup ## the fast ones
	$(RUN) pytest $(JUNIT) tests/unit tests/template

test-cloud: setup ## the deployed template, end to end
	$(RUN) pytest $(JUNIT) tests/e2e

test-database: setup ## the SQL, on a PostgreSQL of its own
	$(RUN) pytest $(JUNIT) $(filter-out $(HISTORY_TESTS),$(SQL_TESTS))

test-histories: setup ## the SQL in whole histories, the audit, the restoration, an upgrade, years
	$(RUN) pytest $(JUNIT) $(HISTORY_TESTS)

test-plant: setup ## the gateway and the machines
	$(RUN) pytest $(JUNIT) $(PLANT_TESTS)

test-stack: setup ## Supabase's API, TOTVS, the local stack, the wheels
	$(RUN) pytest $(JUNIT) $(filter-out $(SQL_TESTS) $(PLANT_TESTS) $(FOLDER_TESTS),$(wildcard $(INTEGRATION)*.py))

test-folder: setup ## everything set up from nothing, started and ended in a folder with a blank, by an ordinary user
	$(RUN) pytest $(FOLDER_TESTS)

# sicfar and the gateway promise Python 3.11, the plant's; the functions are 3.13. What is drawn at random was drawn whole
# in test-unit, and test_rooms and test_sql_mutants read the sources and run none of them; the screens are 3.13, too.
test-311: setup
	UV_PROJECT_ENVIRONMENT=.venv-311 "$(UV)" sync --quiet --locked --python 3.11 --no-default-groups --group test --group functions
	nice .venv-311/bin/python -m pytest -q --noconftest -p tests.support.sampling -p tests.support.aws_descriptions \
	  --hypothesis-profile=brief --ignore-glob='*/test_rooms.py' --ignore-glob='*/test_sql_mutants.py' --ignore-glob='*/test_painel_*.py' tests/unit

test-peers: setup tests/peers/node_modules/.ready ## the gateway against servers of Node.js: node-opcua with its trust list, jsmodbus
	$(RUN) pytest $(JUNIT) tests/peers

test-hosted: setup tests/hosted/node_modules/.ready ## `supabase db push` and every call, with the roles and rights of a hosted Supabase
	nice $(RUN) pytest $(JUNIT) tests/hosted

tests/redrive/.venv/.ready: .venv/.ready tests/redrive/uv.lock
	"$(UV)" sync --quiet --locked --project tests/redrive --python 3.11
	@touch $@

test-redrive: setup tests/redrive/.venv/.ready ## the console's redrive of dead letters, on LocalStack's SQS, which has it
	nice $(RUN) pytest $(JUNIT) tests/redrive

tests/painel/node_modules/.ready: tests/painel/package-lock.json
	cd tests/painel && npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

test-painel: setup tests/painel/node_modules/.ready ## the screens in a browser; needs chromium
	nice $(RUN) pytest $(JUNIT) tests/painel

validacao: setup ## docs/validacao.md and docs/qualificacao, with what the last runs of the tests said
	$(RUN) python -m local.validation

painel-pictures: setup ## the screens in three widths, into docs/painel
	nice $(RUN) python -m tests.painel.pictures

test-container: setup build ## `sam local invoke` in a container; needs a container engine
	$(RUN) pytest tests/container

test-windows: setup ## the bundle installed, upgraded, killed, removed on Windows' CPython under wine; needs wine
	nice $(RUN) pytest tests/windows

check: setup ## ruff, mypy, cfn-lint, sam validate, sqlfluff, released migrations unchanged
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	$(RUN) mypy --platform win32 layers/sicfar/sicfar edge_gateway operations
	$(RUN) cfn-lint template.yaml gateway.yaml waf.yaml
	$(RUN) sam validate --lint
	$(RUN) sqlfluff lint --disable-progress-bar supabase/schemas
	cd supabase && sha256sum --check --quiet --strict frozen.sha256
	"$(UV)" lock --check --quiet
	$(EXPORT) functions | diff - layers/dependencies/requirements.txt
	$(EXPORT) painel | diff - functions/painel/requirements.txt
	$(EXPORT) auditoria | diff - functions/auditoria/requirements.txt

# A package that cannot be asked about fails it too: no answer is no clean answer.
audit-deps: setup ## known vulnerabilities of all locked packages, Python and npm; asks PyPI and npm, so it needs the internet
	@curl --fail --silent --output /dev/null https://pypi.org/pypi/pip-audit/2.10.1/json || \
	  { echo "Nothing was audited: PyPI's list of vulnerabilities (pypi.org/pypi/…/json) cannot be had from this machine. Run it where it can." >&2; exit 2; }
	mkdir -p dist
	for project in . local/stack/emulator tests/redrive tests/mutation; do \
	  "$(UV)" export --quiet --frozen --project $$project --all-packages --all-groups --no-emit-workspace --no-header --no-annotate -o dist/locked.txt && \
	  "$(UV)" tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes -r dist/locked.txt --progress-spinner off || exit 1; \
	done
	for folder in local/stack/supabase tests/hosted tests/painel tests/peers; do (cd $$folder && npm audit) || exit 1; done

format: setup ## what can be formatted, is
	$(RUN) ruff check --fix .
	$(RUN) ruff format .

lock: $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## after a change of dependencies
	"$(UV)" lock
	$(EXPORT) functions > layers/dependencies/requirements.txt
	$(EXPORT) painel > functions/painel/requirements.txt
	$(EXPORT) auditoria > functions/auditoria/requirements.txt

build: setup ## the functions and layers, as they are deployed, and the licences of what they hold
	$(RUN) sam build
	$(RUN) python -m local.notices .aws-sam/build/DependenciesLayer/python dist/licencas-funcoes.txt
	$(RUN) python -m local.notices .aws-sam/build/Painel dist/licencas-painel.txt
	@# psycopg: the plant replaces it, as files of its own function, by another line of requirements.txt.
	$(RUN) python -m local.notices .aws-sam/build/Auditoria dist/licencas-auditoria.txt LGPL-3.0-only

bundle: setup ## the gateway for a Windows without internet, one zip: make bundle [PYTHON=python-3.13.x-embed-amd64.zip]
	$(RUN) python -m local.bundle --uv "$(UV)" $(if $(PYTHON),--python "$(PYTHON)")

release: build ## what `sicfar implantar` deploys, in dist/, and one zip for IT's Windows: make release [PYTHON=python-3.13.x-embed-amd64.zip]
	$(RUN) python -m local.release --uv "$(UV)" --windows $(if $(PYTHON),--python "$(PYTHON)")

deploy: build ## to AWS, as `sicfar implantar` does: make deploy ENV=homolog|prod [SUPABASE_URL=…] [TOTVS_CONFIG=…] [PUBLICAR=--sem-envios] [PARAMETROS="Nome=valor …"] [SIM=--sim]
	@test -n "$(ENV)" || { echo "make deploy ENV=homolog|prod [SUPABASE_URL=https://<ref>.supabase.co]" >&2; exit 2; }
	$(RUN) python -m local.release
	$(RUN) sicfar implantar --ambiente $(ENV) $(if $(SUPABASE_URL),--supabase-url $(SUPABASE_URL)) \
	  $(if $(TOTVS_CONFIG),--totvs-config $(TOTVS_CONFIG)) $(PUBLICAR) $(foreach one,$(PARAMETROS),--parametro '$(one)') $(SIM)

smoke: setup ## probes of a deployed stack, as `sicfar testar` makes them: make smoke ENV=homolog|prod
	$(RUN) sicfar testar --ambiente $(or $(ENV),$(STACK:sicfar-%=%))

bench: setup ## figures for docs/performance.md
	"$(UV)" sync --quiet --locked --python 3.13 --group bench
	$(RUN) python -m benchmarks

# A long run draws anew; what it prints as its seed draws the same once more.
AGAIN := $(if $(SEED),--hypothesis-seed=$(SEED))

model: setup ## whole histories of the count's way against the oracle, 2,000 in 40 min: make model [EXAMPLES=400] [SEED=…]
	SICFAR_EXEMPLOS=$(or $(EXAMPLES),400) $(RUN) pytest $(AGAIN) tests/integration/test_count_path.py --log-cli-level=INFO

kill: setup ## the spool, whole: power cut at every operation, damaged bytes, kill -9 of a real gateway: make kill [KILLS=300] [SEED=…]
	SPOOL_THOROUGH=1 $(RUN) pytest $(AGAIN) tests/integration/test_gateway_spool_model.py tests/integration/test_gateway_spool_recovery.py
	KILLS=$(or $(KILLS),300) $(RUN) pytest -s $(AGAIN) tests/integration/test_gateway_kill.py -k random_moments

fuzz: setup ## coverage-guided fuzzing (Linux): make fuzz [SECONDS=60, of each target] [TARGETS="webhook page"]
	UV_PROJECT_ENVIRONMENT=.venv-fuzz "$(UV)" sync --quiet --locked --python 3.13 --no-default-groups --group test --group functions --group fuzz
	.venv-fuzz/bin/python -m tests.fuzz.campaign $(or $(SECONDS),60) $(TARGETS)

# mutmut wants a package in src and changes what it imports, so it gets a copy; what it found out already it keeps.
mutation: setup ## mutation testing of what counts: make mutation [MUTANTS='sicfar.counts.txt*']
	UV_PROJECT_ENVIRONMENT="$(CURDIR)/.venv-mutation" "$(UV)" sync --quiet --locked --project tests/mutation --python 3.13
	rm -rf .mutation/src .mutation/tests
	mkdir -p .mutation/src .mutation/tests
	cp -r layers/sicfar/sicfar edge_gateway .mutation/src/
	cp -r tests/unit tests/mutation/conftest.py .mutation/tests/
	cp tests/mutation/pyproject.toml .mutation/
	cd .mutation && nice ../.venv-mutation/bin/mutmut run --max-children 2 $(MUTANTS)
	.venv-mutation/bin/python -m tests.mutation.score

# Resumes: what it found out it keeps in .mutation/sql, and in tests/mutation_sql/killers.json which test noticed what.
mutation-sql: setup ## mistakes planted in the SQL, one at a time: make mutation-sql [FILES="042 09"] [MUTANTS=100] [SEED=1] [BUDGET=10]
	nice $(RUN) python -m tests.mutation_sql $(FILES) $(if $(MUTANTS),--mutants $(MUTANTS)) $(if $(SEED),--seed $(SEED)) $(if $(BUDGET),--budget $(BUDGET))

clean: down ## forget every environment and build
	rm -rf .aws-sam .fuzz .mutation .windows dist .venv .venv-311 .venv-fuzz .venv-mutation .tools local/stack/emulator/.venv local/stack/supabase/node_modules tests/peers/node_modules tests/hosted/node_modules tests/redrive/.venv
