"The book as a static site: `docs.py OUT` copies the notebooks, writes a page for the public names of each module, and calls Sphinx"
import ast
import json
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIRECTIVE = re.compile(r"^#\|.*\n?", re.M)


def chapters(part: Path) -> list[Path]:
    "Notebooks of a part in the order of the book"
    return sorted(p for p in part.glob("*.ipynb"))


def parts() -> list[Path]:
    "Folders of the book in its order"
    return sorted(p for p in (ROOT / "nbs").iterdir() if p.is_dir() and re.match(r"\d+_", p.name))


def copy_notebook(source: Path, to: Path, more: str = "") -> None:
    "As a reader wants it: hidden cells left out, directives taken off, `more` as a last cell"
    nb = json.loads(source.read_text(encoding="utf-8"))
    kept = []
    for cell in nb["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "code":
            if re.search(r"^#\| *(hide|default_exp)\b", text, re.M): continue
            if re.search(r"^#\| *echo: *false", text, re.M): cell["metadata"]["tags"] = ["remove-input"]
            text = DIRECTIVE.sub("", text).strip("\n")
            if not text: continue
        else: text = re.sub(r"^~~~", "```", text, flags=re.M)
        kept.append({**cell, "source": text})
    if more: kept.append(dict(cell_type="markdown", id="toctree", metadata={}, source=more))
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps({**nb, "cells": kept}), encoding="utf-8")


def header(text: str, node: ast.AST) -> str:
    "The signature with the comments on its arguments; of a class its fields, too"
    lines = text.split("\n")
    fields = (ast.AnnAssign, ast.Assign) if isinstance(node, ast.ClassDef) else ()
    shown = [*lines[node.lineno - 1:node.body[0].lineno - 1]]
    for o in node.body:
        if isinstance(o, fields): shown += lines[o.lineno - 1:o.end_lineno]
    if not isinstance(node, ast.ClassDef) and node.body[0].lineno == node.lineno: shown = [lines[node.lineno - 1].split(": return")[0] + ":"]
    if isinstance(node, ast.ClassDef) and not shown: shown = [lines[node.lineno - 1]]
    return textwrap.dedent("\n".join(l for l in shown if l.strip()))


def describe(text: str, node: ast.AST, level: int, owner: str = "") -> list[str]:
    "A function or class as Markdown: signature, docstring"
    out = [f"{'#' * level} {owner + '.' if owner else ''}{node.name}", "", "```python", header(text, node), "```", ""]
    doc = ast.get_docstring(node)
    return out + ([doc.replace("<", "&lt;"), ""] if doc else [])


def module_page(path: Path, link: str) -> str:
    "The public names of an exported module"
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    name = "next_reid." + ".".join(path.relative_to(ROOT / "next_reid").with_suffix("").parts)
    out = [f"# {name}", "", (ast.get_docstring(tree) or "").strip(), "", f"Explained and tested in [its chapter]({link}).", ""]
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) or node.name.startswith("_"): continue
        out += describe(text, node, 2)
        methods = node.body if isinstance(node, ast.ClassDef) else []
        for m in methods:
            if isinstance(m, ast.FunctionDef) and not m.name.startswith("_"): out += describe(text, m, 3, node.name)
    return "\n".join(out)


def sources(to: Path) -> None:
    "All pages"
    shutil.copytree(ROOT / "nbs" / "images", to / "images")
    shutil.copy2(ROOT / ".github" / "docs" / "conf.py", to / "conf.py")
    (to / "_static").mkdir()
    shutil.copy2(ROOT / ".github" / "docs" / "book.css", to / "_static" / "book.css")
    trees, modules = [], []
    for part in parts():
        title = part.name.split("_", 1)[1].replace("_", " ").capitalize()
        names = [f"{part.name}/{p.stem}" for p in chapters(part)]
        trees += ["```{toctree}", ":hidden:", f":caption: {title}", "", *names, "```", ""]
        for p in chapters(part):
            copy_notebook(p, to / part.name / p.name)
            if m := re.search(r"#\| *default_exp (\S+?)(?:\\n|\")", p.read_text(encoding="utf-8")):
                modules.append((m.group(1), f"../{part.name}/{p.name}"))
    (to / "api").mkdir()
    for module, link in modules:
        source = ROOT / "next_reid" / f"{module.replace('.', '/')}.py"
        (to / "api" / f"{module}.md").write_text(module_page(source, link), encoding="utf-8")
    listing = ["# Public names", "", "Every module mirrors a chapter. Its public functions and classes:", "", "```{toctree}", ":maxdepth: 2", "", *(m for m, _ in modules), "```"]
    (to / "api" / "index.md").write_text("\n".join(listing), encoding="utf-8")
    trees += ["```{toctree}", ":hidden:", ":caption: Reference", "", "api/index", "```"]
    copy_notebook(ROOT / "nbs" / "index.ipynb", to / "index.ipynb", "\n".join(trees))


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "_docs").absolute()
    with tempfile.TemporaryDirectory() as d:
        sources(Path(d, "book"))
        site = Path(d, "out", "html")  # what the builder leaves beside its folder goes with `d`
        status = subprocess.call([sys.executable, "-m", "sphinx", "-b", "html", "-q", "-j", "2", *sys.argv[2:], f"{d}/book", str(site)])
        if not status: shutil.copytree(site, out, dirs_exist_ok=True)
    if not status: print(f"the first page is {out / 'index.html'}")
    sys.exit(status)
