"""The house rules as functions: source in, complaints out. test_tidy.py runs them."""

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LAYERS: Final = ("domain", "application", "adapters", "entrypoints")
FUNCTION_LINES: Final = 40
FILE_LINES: Final = 250

Function = ast.FunctionDef | ast.AsyncFunctionDef
Complaints = Iterator[tuple[int, str]]  # line, what is wrong


@dataclass(frozen=True)
class Source:
    """A Python file, by its path from the root."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def folder(self) -> str:
        return self.path.split("/")[0]

    @property
    def is_test(self) -> bool:
        name = PurePosixPath(self.path).name
        return self.folder == "tests" or name == "conftest.py" or name.startswith("test_")

    @property
    def is_migration(self) -> bool:
        return self.path.startswith("adapters/sql/migrations/")

    def inside(self, *folders_or_files: str) -> bool:
        return any(self.path == it or self.path.startswith(it + "/") for it in folders_or_files)


Rule = Callable[[Source], Complaints]


def tracked() -> list[Path]:
    """What a commit would hold: all files git does not ignore, or all of them without git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
        names = [name for name in listed.decode().split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        names = [name for name in names if not name.startswith((".venv", ".git/"))]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def complaints(rule: Rule, sources: list[Source]) -> list[str]:
    return [f"{s.path}:{line}: {what}" for s in sources for line, what in rule(s)]


EMPTY_WORDS: Final = {"Manager", "Helper", "Helpers", "Util", "Utils", "Impl"}


def plain_names(source: Source) -> Complaints:
    """No Manager, Helper, Util, Impl, Base- or I-: a name says what the thing is."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        if EMPTY_WORDS & {word.title() for word in part.split("_")}:
            yield 1, f"module {part} has an empty name"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef):
            words = re.findall(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*", node.name)
            prefixed = re.match(r"_?I[A-Z][a-z]", node.name)
            if EMPTY_WORDS & set(words) or words[:1] == ["Base"] or prefixed:
                yield node.lineno, f"class {node.name} has an empty name"


def short_functions(source: Source) -> Complaints:
    if source.is_test or source.is_migration:
        return
    for node in source.nodes:
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node.lineno, f"{node.name} has {lines} lines, {FUNCTION_LINES} are allowed"


def short_files(source: Source) -> Complaints:
    if source.is_test or source.is_migration:
        return
    lines = len(source.text.splitlines())
    if lines > FILE_LINES:
        yield lines, f"{lines} lines, {FILE_LINES} are allowed"


def documented_ports(source: Source) -> Complaints:
    """Units, limits and errors of a port are its contract, so every public method states them."""
    if not source.inside("domain/ports"):
        return
    for owner in source.nodes:
        if not isinstance(owner, ast.ClassDef):
            continue
        methods = [node for node in owner.body if isinstance(node, Function)]
        for node in methods:
            if not node.name.startswith("_") and not ast.get_docstring(node):
                yield node.lineno, f"{owner.name}.{node.name} has no docstring"


def documented_errors(source: Source) -> Complaints:
    """An error's docstring is its default message."""
    if not source.inside("domain/errors.py"):
        return
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and not ast.get_docstring(node):
            yield node.lineno, f"{node.name} has no docstring"


LATER: Final = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def nothing_left_for_later(source: Source) -> Complaints:
    """No reminder in a comment or a text: it is done, or it is an issue."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type in (tokenize.COMMENT, tokenize.STRING) and LATER.search(token.string):
            yield token.start[0], "something is left for later"


def imports(source: Source) -> Iterator[tuple[int, str]]:
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def pure_core(source: Source) -> Complaints:
    """Domain and application import the standard library, and what is further in."""
    inward = {"domain": {"domain"}, "application": {"domain", "application"}}.get(source.folder)
    if inward is None or source.is_test:
        return
    for line, name in imports(source):
        if name.split(".")[0] not in inward | sys.stdlib_module_names:
            yield line, f"imports {name}"


def no_floats_in_domain(source: Source) -> Complaints:
    if source.folder != "domain":
        return
    for node in source.nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "float":
            yield node.lineno, "float( in the domain"


SYSTEM: Final = ("adapters/system",)
ONLY_IN: Final[dict[str, tuple[str, ...]]] = {
    "datetime.datetime.now": SYSTEM,
    "datetime.datetime.utcnow": SYSTEM,
    "datetime.datetime.today": SYSTEM,
    "datetime.date.today": SYSTEM,
    "time.time": SYSTEM,
    "time.time_ns": SYSTEM,
    "uuid.uuid1": SYSTEM,
    "uuid.uuid4": SYSTEM,
    "uuid.uuid6": SYSTEM,
    "uuid.uuid7": SYSTEM,
    "random": SYSTEM,
    "os.environ": ("entrypoints/settings.py",),
    "os.environb": ("entrypoints/settings.py",),
    "os.getenv": ("entrypoints/settings.py",),
    "print": ("adapters/cli", "entrypoints"),
}
REPEATABLE: Final = "random.Random"  # with a seed it can be replayed; without one it is chance


def world_at_the_edge(source: Source) -> Complaints:
    """Clock, chance, environment and terminal each have one home, so tests can replace them."""
    if source.is_test:
        return
    meaning = _meanings(source)
    seeded = {
        id(node.func)
        for node in source.nodes
        if isinstance(node, ast.Call) and (node.args or node.keywords)
    }
    for node in source.nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
            continue
        name = _dotted(node, meaning)
        if name == REPEATABLE and (id(node) in seeded or not _called(node, source)):
            continue
        root = "random" if name.startswith("random.") and name != "random." else name
        if root in ONLY_IN and not source.inside(*ONLY_IN[root]):
            yield node.lineno, f"{name} belongs in {' or '.join(ONLY_IN[root])}"


def _called(node: ast.expr, source: Source) -> bool:
    return any(isinstance(other, ast.Call) and other.func is node for other in source.nodes)


def _meanings(source: Source) -> dict[str, str]:
    """What each imported name stands for: `from datetime import datetime as dt` -> dt."""
    known = {"print": "print"}
    for node in source.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    known[alias.asname] = alias.name
                else:
                    top = alias.name.split(".")[0]
                    known[top] = f"{top}."  # the bare module; only its attributes mean something
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return known


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    if isinstance(node, ast.Name):
        return known.get(node.id, "")
    if isinstance(node, ast.Attribute) and (owner := _dotted(node.value, known)):
        return f"{owner.removesuffix('.')}.{node.attr}"
    return ""


RULES: Final[tuple[Rule, ...]] = (
    plain_names,
    short_functions,
    short_files,
    documented_ports,
    documented_errors,
    nothing_left_for_later,
    pure_core,
    no_floats_in_domain,
    world_at_the_edge,
)


REGISTRIES: Final = re.compile(
    r"\b(pypi|pythonhosted|npmjs|yarnpkg|debian|unpkg|jsdelivr)\.(org|com|net|io)\b", re.IGNORECASE
)
THIS_MACHINE: Final = re.compile(
    r"(?<![\w.<])/(work/(main|shared|\.library)|root|opt/(pypi|wheels))\b"
)


def portable_text(text: str) -> Complaints:
    """No package registry by host name and no folder of the machine it was written on."""
    for number, line in enumerate(text.splitlines(), start=1):
        for pattern in (REGISTRIES, THIS_MACHINE):
            if found := pattern.search(line):
                yield number, f"names {found.group()}"


def finished_text(text: str) -> Complaints:
    for number, line in enumerate(text.splitlines(), start=1):
        if LATER.search(line):
            yield number, "something is left for later"
