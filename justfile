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
    ./.ci/npm run format

# every check but the tests; CI runs this
check: _lint
    ruff format --check .
    ruff check .
    lint-imports --no-logo
    deptry .
    typos
    basedpyright
    ./.ci/npm run check

# the tests (arguments go to pytest)
test *arguments:
    pytest {{ arguments }}

# the page alone, with hot reload, against a server on port 3000
ui:
    ./.ci/npm run dev

# the figures of the README, as tables
bench *arguments:
    for file in bench/[a-z]*.py; do echo "## $file"; python "$file" {{ arguments }}; done

# fast type check while writing (the gate is basedpyright)
types: _lint
    ty check src

# The linters are a dependency group of their own, so that the README's commands start sooner.
[private]
_lint:
    @{{ uv }} sync --quiet --inexact --locked --no-install-project --group lint
