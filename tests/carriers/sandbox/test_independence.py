"""The sandbox shares no code with an adapter: a mistake cannot hide on both sides."""

import ast
import sys
from pathlib import Path

import pytest

import carriers.sandbox

FOLDER = Path(next(iter(carriers.sandbox.__path__)))
MODULES = sorted(FOLDER.rglob("*.py"))
ALLOWED = {"starlette", "uvicorn", "msgspec", "httpx", "cryptography"} | sys.stdlib_module_names


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            names.add(node.module or "")
            if node.module == "carriers":
                names |= {f"carriers.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_sandbox_module_imports_nothing_of_the_other_side(module: Path) -> None:
    for name in imported(ast.parse(module.read_text(encoding="utf-8"))):
        inside = name == "carriers.sandbox" or name.startswith("carriers.sandbox.")
        assert inside or name.partition(".")[0] in ALLOWED, f"{module.name} imports {name}"


def test_the_whole_sandbox_was_looked_at() -> None:
    assert {"sf", "zto", "kuaidi100", "pushes", "server"} <= {module.stem for module in MODULES}


def test_an_import_of_an_adapter_would_be_seen() -> None:
    assert "carriers.china.sf" in imported(ast.parse("from carriers.china.sf import INFO"))
    assert "carriers.signing" in imported(ast.parse("from carriers import signing"))
