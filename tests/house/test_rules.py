"""Rules that no import contract can say: one clock, no dice but the operating system's, no code that travels."""

import ast
from collections.abc import Iterator
from pathlib import Path

ONLY_CLOCK = "adapters"
"""The room that may read the machine's clock; everybody else is told the time."""
NOW = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
CARRIES_CODE = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "runpy", "code", "codeop"}
PSEUDO_DICE = {"random", "numpy.random", "scipy.stats.sampling"}


def trees(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Each module of the package, by its path inside it."""
    package = root / "src" / "comity"
    for file in sorted(package.rglob("*.py")):
        yield str(file.relative_to(package)), ast.parse(file.read_text())


def dotted(node: ast.expr) -> str:
    """`time.time` for a name or attribute, the empty string for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return ""


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules that a module names, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    yield from ((dotted(node.func), node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_one_clock(root: Path) -> None:
    """The only `now` is an adapter's: a date that nobody handed in cannot be replayed."""
    read = {
        path
        for path, tree in trees(root)
        for name, _ in calls(tree)
        if any(name == now or name.endswith(f".{now}") for now in NOW)
    }
    assert {path for path in read if not path.startswith(ONLY_CLOCK)} == set()
    assert len(read) <= 1


def test_no_dice_that_repeat(root: Path) -> None:
    """A generator with a seed would let noise, keys or shares repeat; `numpy.random` is one by any name."""
    asked = {path for path, tree in trees(root) if PSEUDO_DICE & set(imported(tree))}
    named = {
        path
        for path, tree in trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and dotted(node).startswith(("np.random", "numpy.random"))
    }
    assert asked | named == set()


def test_no_code_travels(root: Path) -> None:
    """Nothing evaluates text, and no format that carries code is read."""
    reads = {path for path, tree in trees(root) if CARRIES_CODE & set(imported(tree))}
    runs = {
        path
        for path, tree in trees(root)
        for name, _ in calls(tree)
        if name in {"eval", "exec", "compile", "__import__"}
    }
    assert reads | runs == set()


def constants(tree: ast.Module) -> dict[str, str]:
    """Names that a module gives to text."""
    named = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named |= {dotted(target): str(node.value.value) for target in targets}
    return named


def test_one_environment_variable(root: Path) -> None:
    """COMITY_HOME says where the state is; everything else is in a file that can be read, digested and kept."""
    asked = set()
    for _, tree in trees(root):
        names = constants(tree)
        keys = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript) and is_environ(node.value)]
        keys += [call.args[0] for name, call in calls(tree) if name.endswith(("environ.get", "getenv"))]
        asked |= {names.get(dotted(key)) or ast.unparse(key).strip("'") for key in keys}
    assert asked <= {"COMITY_HOME"}


def is_environ(node: ast.expr) -> bool:
    return dotted(node).split(".")[-1] == "environ"


def test_nothing_fails_in_silence(root: Path) -> None:
    """A handler that catches everything and says nothing would fail open."""
    silent = [
        f"{path}:{node.lineno}"
        for path, tree in trees(root)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or dotted(node.type) in {"Exception", "BaseException"})
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert silent == []
