"Change exported code in one small place at a time and see whether the chapter's own tests notice"
import argparse
import ast
import csv
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SWAPS = {ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==", ast.Is: "is not", ast.IsNot: "is",
         ast.In: "not in", ast.NotIn: "in", ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.FloorDiv: "*", ast.And: "or",
         ast.Or: "and"}
PAIRS = dict(min="max", amin="amax", minimum="maximum", clamp_min="clamp_max", any="all", argmin="argmax", zeros="ones")
PAIRS |= {b: a for a, b in PAIRS.items()}


def mutants(source):
    "Every (start, end, new text) in a cell, as offsets in its bytes; messages of errors, annotations and decorators stay"
    raw = source.encode()
    starts = [0, *(m.end() for m in re.finditer(b"\n", raw))]
    at = lambda line, column: starts[line - 1] + column
    start, end = lambda n: at(n.lineno, n.col_offset), lambda n: at(n.end_lineno, n.end_col_offset)

    def visit(node):
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.Import, ast.ImportFrom)): return
        if isinstance(node, (ast.BinOp, ast.Compare, ast.BoolOp)):
            parts = node.values if isinstance(node, ast.BoolOp) else [node.left, *getattr(node, "comparators", [getattr(node, "right", None)])]
            for i, (a, b) in enumerate(zip(parts, parts[1:])):
                op = node.ops[i] if isinstance(node, ast.Compare) else node.op
                gap = raw[end(a):start(b)].decode()
                if type(op) in SWAPS and (m := re.search(r"[^\s()]+( (?=not|in)\w+)?", gap)):
                    yield end(a) + m.start(), end(a) + m.end(), SWAPS[type(op)]
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)): yield start(node), start(node.operand), ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
            yield start(node), end(node), repr(not node.value if isinstance(node.value, bool) else node.value + 1 if isinstance(node.value, int)
                                               else node.value * 2 or 1.0)
        elif isinstance(node, ast.Call):
            for k in node.keywords:
                if k.arg is None: continue
                left, right = start(k), end(k)
                before, after = re.search(rb",\s*$", raw[:left]), re.match(rb"\s*,\s*", raw[right:])
                yield (before.start() if before else left), (right if before else right + (after.end() if after else 0)), ""
            f = node.func
            name = f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", None)
            if name in PAIRS: yield end(f) - len(name), end(f), PAIRS[name]
        for field, value in ast.iter_fields(node):
            if field in ("annotation", "returns", "decorator_list"): continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, ast.AST): yield from visit(child)

    yield from visit(ast.parse(source))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("modules", nargs="+", help="such as model.tmse")
    ap.add_argument("--most", type=int, default=40, help="mutants of each module")
    ap.add_argument("--seed", type=int, default=0, help="of the choice among all mutants")
    ap.add_argument("--timeout", type=int, default=240, help="seconds for one mutant")
    ap.add_argument("--out", type=Path, default=ROOT / "nbs/results/mutants.csv", help="table to add to; its column why is kept")
    o = ap.parse_args()
    rows = list(csv.DictReader(o.out.open())) if o.out.is_file() else []
    why = {(r["module"], r["mutation"]): r["why"] for r in rows}
    for module in o.modules:
        named = re.compile(rf"default_exp {re.escape(module)}(\\n|\")")
        path = next(p for p in ROOT.glob("nbs/*/*.ipynb") if named.search(p.read_text()))
        nb, lines = json.loads(path.read_text()), (ROOT / "next_reid" / (module.replace(".", "/") + ".py")).read_text().splitlines()
        cells = {i: "".join(c["source"]) for i, c in enumerate(nb["cells"]) if re.search(r"^#\| *export", "".join(c["source"]))}
        found = [(i, *m) for i, s in cells.items() for m in mutants(s)]
        chosen = sorted(random.Random(o.seed).sample(found, min(o.most, len(found))))
        with tempfile.TemporaryDirectory() as folder:
            for name in ("next_reid", ".github"): shutil.copytree(ROOT / name, Path(folder, name))
            shutil.copy(ROOT / "settings.ini", folder)
            place, jobs = Path(folder, "nbs", path.parent.name), {}
            place.mkdir(parents=True)
            shutil.copy(path, place / "same.ipynb")  # the unchanged chapter, which must pass
            for n, (i, a, b, new) in enumerate(chosen):
                raw = cells[i].encode()
                line = raw[:a].count(b"\n"), (raw[:a] + new.encode() + raw[b:]).decode().splitlines()
                old, changed = cells[i].splitlines()[line[0]].strip(), line[1][line[0]].strip()
                mutant = json.loads(path.read_text())
                mutant["cells"][i]["source"] = (raw[:a] + new.encode() + raw[b:]).decode().splitlines(True)
                (place / f"{n:04d}.ipynb").write_text(json.dumps(mutant))
                number = next((k for k, text in enumerate(lines, 1) if text.strip() == old), 0)
                jobs[f"{n:04d}"] = dict(module=module, line=number, mutation=f"{old}  =>  {changed}")
            command = [sys.executable, ".github/scripts/test_nbs.py", "--workers", "1", "--preload", "torch matplotlib.pyplot seaborn timm open_clip",
                       "--timeout", str(o.timeout), *(str(place / f"{n}.ipynb") for n in ("same", *jobs))]
            env = {"NEXT_REID_SHARED": str(ROOT.parent / "shared"), **os.environ, "PYTHONPATH": folder}
            out = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True).stdout
        passed = set(re.findall(r"^PASS .*?(\d{4}|same)\.ipynb", out, re.M))
        if "same" not in passed: raise SystemExit(f"the chapter of {module} fails unchanged: {out[:2000]}")
        passed.remove("same")
        rows = [r for r in rows if r["module"] != module]
        for n, job in jobs.items():
            result = "survived" if n in passed else "killed"
            rows.append({**job, "result": result, "why": why.get((module, job["mutation"]), "") if result == "survived" else ""})
        print(f"{module}: {len(jobs) - len(passed)} of {len(jobs)} mutants killed ({len(found)} possible)", flush=True)
        with o.out.open("w", newline="") as f:
            table = csv.DictWriter(f, ["module", "line", "mutation", "result", "why"], lineterminator="\n")
            table.writeheader()
            table.writerows(sorted(rows, key=lambda r: (r["module"], int(r["line"]), r["mutation"])))


if __name__ == "__main__": main()
