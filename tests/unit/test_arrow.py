"""The order of imports: a file imports, at its top, only from above it."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "mixtura"
ORDER = [
    "arrays", "arguments", "digits", "seeds", "covariance", "priors", "blocks", "model", "floor", "lattice", "compiled",
    "outputs", "reading", "line", "rows", "datasets", "export", "posterior", "fit", "steering", "estimator",
    "algorithms", "plots", "notebook", "report", "testing", "console", "pictures", "augment", "demo", "commands", "cli",
]  # fmt: skip


def imported_by(path):
    """Parts of mixtura that a file imports when it is loaded (not inside functions, not for types only)."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mixtura"):
            parts = node.module.split(".")
            yield from [parts[1]] if len(parts) > 1 else (alias.name for alias in node.names)


def rank(path):
    part = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    return {"__init__": -1, "__main__": len(ORDER)}.get(part) if part.startswith("__") else ORDER.index(part)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_up(path):
    for part in imported_by(path):
        if part != "__version__":
            assert ORDER.index(part) <= rank(path), f"{path.name} imports mixtura.{part}, which stands below it"
