# SPDX-License-Identifier: Apache-2.0
"""What a Python package promises, as a page: what `__all__` names, its signatures and docstrings."""

import ast
from pathlib import Path


def page(folder: Path) -> str:
    package = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
    home = {}
    for node in package.body:
        if isinstance(node, ast.ImportFrom):
            home.update({alias.name: node.module.rpartition(".")[2] for alias in node.names})
    [names] = [
        ast.literal_eval(node.value)
        for node in package.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "__all__"
    ]
    out = [*(ast.get_docstring(package, clean=False) or "").splitlines(), ""]
    for name in sorted(names, key=lambda name: (name != "open", name)):
        module = ast.parse((folder / f"{home[name]}.py").read_text(encoding="utf-8"))
        [node] = [node for node in module.body if _defines(node, name)]
        out += _item(node, name, f"## `{name}`")
    return "\n".join(out)


def _defines(node: ast.stmt, name: str) -> bool:
    if isinstance(node, ast.Assign):
        return any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    if isinstance(node, ast.AnnAssign):
        return isinstance(node.target, ast.Name) and node.target.id == name
    return getattr(node, "name", None) == name


def _text(node: ast.AST) -> list[str]:
    return (ast.get_docstring(node) or "").splitlines()


def _item(node: ast.stmt, name: str, title: str) -> list[str]:
    out = [title, "", "```python", *_signature(node), "```", ""]
    if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return out
    text = _text(node)
    out += [*text, ""] if text else []
    if isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.FunctionDef) and not member.name.startswith("_"):
                out += _item(member, member.name, f"### `{name}.{member.name}`")
    return out


def _signature(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef):
        marks = [f"@{ast.unparse(one)}" for one in node.decorator_list]
        result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        return [*marks, f"def {node.name}({ast.unparse(node.args)}){result}"]
    if isinstance(node, ast.ClassDef):
        bases = ", ".join(ast.unparse(base) for base in node.bases)
        head = f"class {node.name}({bases}):" if bases else f"class {node.name}:"
        fields = [f"    {ast.unparse(one)}" for one in node.body if isinstance(one, ast.AnnAssign)]
        marks = [f"@{ast.unparse(one)}" for one in node.decorator_list]
        return [*marks, head, *fields] if fields else [*marks, head.rstrip(":")]
    return [ast.unparse(node)]
