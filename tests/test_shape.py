"""The shape of the code: sizes, circles, annotations, docstrings, names, excepts, suppressions.

`pytest tests/test_shape.py -s` prints the table.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
PACKAGE = SOURCE / "axonml"

MAX_MODULE, MAX_MODULE_P90 = 600, 300
MAX_FUNCTION, MAX_FUNCTION_P99, MAX_FUNCTION_P90 = 120, 60, 22
MIN_DOCSTRINGS = 0.95
NAMELESS = {"utils", "util", "helpers", "common", "misc", "manager", "service", "services"}
# One for a thousand lines; a small tree may have a handful.
LINES_PER_SUPPRESSION, FREE_SUPPRESSIONS = 1000, 5
SUPPRESSION = re.compile(r"#\s*(?P<what>noqa|type:\s*ignore|pyright:\s*ignore|pragma: no)")
# `noqa: RULE  # why` or `pyright: ignore[rule]  # why`: a rule, then a reason.
WITH_REASON = re.compile(
    r"#\s*(noqa: [A-Z0-9, ]+?|pyright:\s*ignore\[[\w, ]+\]|pragma: no \w+)\s*(#|-|:)\s*\w+"
)

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Function:
    """One `def`, with where it stands."""

    module: str
    name: str
    node: FunctionNode

    @property
    def lines(self) -> int:
        """Lines from `def` to the last statement, its docstring not counted."""
        first, last = self.node.lineno, self.node.end_lineno or self.node.lineno
        head = self.node.body[0]
        if ast.get_docstring(self.node, clean=False) is not None:
            return last - first + 1 - ((head.end_lineno or head.lineno) - head.lineno + 1)
        return last - first + 1

    def __str__(self) -> str:
        return f"{self.module}:{self.node.lineno} {self.name}"


@dataclass(frozen=True)
class Module:
    """One source file, parsed."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path below src/, as people say it."""
        return self.path.relative_to(SOURCE).as_posix()

    @property
    def n_lines(self) -> int:
        """Its length."""
        return len(self.text.splitlines())


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    return tuple(
        Module(path, text := path.read_text(), ast.parse(text))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


@cache
def functions() -> tuple[Function, ...]:
    """Every function and method of the package, nested ones too."""
    return tuple(
        Function(module.name, node.name, node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, FunctionNode)
    )


def percentile(sizes: list[int], share: float) -> int:
    """Return the smallest size that `share` of all sizes do not exceed."""
    ordered = sorted(sizes)
    return ordered[max(0, -(-len(ordered) * round(share * 100) // 100) - 1)]


def public_definitions(module: Module) -> Iterator[tuple[str, bool]]:
    """Yield the name of each public definition and whether it has a docstring.

    Methods of a Protocol's implementation are public too; a method marked `@override`
    inherits its promise, and so does not count. Nor do nested functions.
    """

    def visit(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, bool]]:
        for node in body:
            if not isinstance(node, FunctionNode | ast.ClassDef) or node.name.startswith("_"):
                continue
            if any("overload" in ast.unparse(each) for each in node.decorator_list):
                continue
            yield f"{prefix}{node.name}", ast.get_docstring(node) is not None
            if isinstance(node, ast.ClassDef):
                yield from visit(node.body, f"{prefix}{node.name}.")

    if module.path.name != "__init__.py":
        yield module.name, ast.get_docstring(module.tree) is not None
    yield from visit(module.tree.body, f"{module.name}:")


def unannotated(function: Function) -> bool:
    """Whether an argument or the result of `function` has no type."""
    arguments = function.node.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return function.node.returns is None or any(
        argument.annotation is None and argument.arg not in {"self", "cls"}
        for argument in [*named, *starred]
    )


def broad_excepts() -> list[str]:
    """Return where everything is caught and kept: a handler that ends in `raise` only tidies up."""
    found: list[str] = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = "" if node.type is None else ast.unparse(node.type)
            passed_on = isinstance(last := node.body[-1], ast.Raise) and last.exc is None
            if not passed_on and (not caught or re.search(r"\b(Base)?Exception\b", caught)):
                found.append(f"{module.name}:{node.lineno}")
    return found


def boundaries() -> list[str]:
    """Return the files that may catch everything: pyproject.toml exempts them from BLE001."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    exempt: dict[str, list[str]] = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    return [glob.removeprefix("src/") for glob, rules in exempt.items() if "BLE001" in rules]


def suppressions() -> list[tuple[str, str]]:
    """Return (where, line) of each comment that silences a checker."""
    return [
        (f"{module.name}:{number}", line.strip())
        for module in modules()
        for number, line in enumerate(module.text.splitlines(), start=1)
        if SUPPRESSION.search(line)
    ]


@cache
def circles() -> tuple[tuple[str, ...], ...]:
    """Return each group of modules that import one another in a circle."""
    graph = grimp.build_graph("axonml", cache_dir=None)
    reached = {module: graph.find_upstream_modules(module) for module in graph.modules}
    groups = {
        frozenset({module, *(other for other in seen if module in reached[other])})
        for module, seen in reached.items()
    }
    return tuple(tuple(sorted(group)) for group in groups if len(group) > 1)


def decided(module: Module) -> bool:
    """Whether a decision page names the module, and so allows its length."""
    return any(module.name in page.read_text() for page in (ROOT / "docs/decisions").glob("*.md"))


@pytest.fixture(scope="module", autouse=True)
def table() -> None:
    """Print the shape, so that whoever reads the test's output sees where the code stands."""
    lengths = [module.n_lines for module in modules()]
    sizes = [function.lines for function in functions()]
    documented = [has for module in modules() for _, has in public_definitions(module)]
    rows = [
        ("modules", f"{len(lengths)}, {sum(lengths)} lines", ""),
        ("module p90 / max", f"{percentile(lengths, 0.9)} / {max(lengths)}", "300 / 600"),
        (
            "function p90 / p99 / max",
            f"{percentile(sizes, 0.9)} / {percentile(sizes, 0.99)} / {max(sizes)}",
            "22 / 60 / 120",
        ),
        ("import circles", f"{len(circles())}", "0"),
        ("unannotated functions", f"{sum(map(unannotated, functions()))}", "0"),
        ("public docstrings", f"{sum(documented) / len(documented):.1%}", "95 %"),
        ("broad excepts", f"{len(broad_excepts())}", "at the listed boundaries"),
        ("suppressions", f"{len(suppressions())}", "1 per 1,000 lines"),
    ]
    print()
    for what, now, goal in rows:
        print(f"{what:<26} {now:<22} {goal}")


def test_modules_are_short() -> None:
    lengths = [module.n_lines for module in modules()]
    too_long = [
        f"{module.name} ({module.n_lines} lines)"
        for module in modules()
        if module.n_lines > MAX_MODULE and not decided(module)
    ]

    assert too_long == []
    assert percentile(lengths, 0.9) <= MAX_MODULE_P90


def test_functions_fit_a_screen() -> None:
    sizes = [function.lines for function in functions()]
    longest = sorted(functions(), key=lambda function: -function.lines)[:8]
    named = [f"{function} ({function.lines} lines)" for function in longest]

    assert max(sizes) <= MAX_FUNCTION, named
    assert percentile(sizes, 0.99) <= MAX_FUNCTION_P99, named
    assert percentile(sizes, 0.9) <= MAX_FUNCTION_P90


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles() == ()


def test_every_function_says_its_types() -> None:
    assert [str(function) for function in functions() if unannotated(function)] == []


def test_public_things_say_what_they_promise() -> None:
    found = [each for module in modules() for each in public_definitions(module)]
    silent = [name for name, has in found if not has]

    assert 1 - len(silent) / len(found) >= MIN_DOCSTRINGS, silent


def test_modules_are_nouns_of_the_product() -> None:
    parts = {part for module in modules() for part in module.path.with_suffix("").parts}

    assert parts & NAMELESS == set()


def test_only_process_boundaries_catch_everything() -> None:
    allowed = boundaries()
    elsewhere = [
        where
        for where in broad_excepts()
        if not any(fnmatch(where.rpartition(":")[0], glob) for glob in allowed)
    ]

    assert elsewhere == []


def test_few_checks_are_silenced_and_each_says_why() -> None:
    found = suppressions()
    lines = sum(module.n_lines for module in modules())
    without_reason = [f"{where} {line}" for where, line in found if not WITH_REASON.search(line)]

    assert without_reason == []
    assert len(found) <= FREE_SUPPRESSIONS + lines / LINES_PER_SUPPRESSION, found
