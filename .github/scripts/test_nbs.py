"Run each notebook in a forked process of its own, as nbdev_test would; the last line counts"
import argparse
import ast
import importlib
import json
import multiprocessing as mp
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def child(path, flags, cell_timeout, out):
    "Test one notebook; what it printed on the error stream and a summary go to files"
    os.dup2(os.open(out + ".err", os.O_WRONLY | os.O_CREAT), 2)
    import nbdev.test as T
    from nbdev.config import get_config
    n = dict(run=0, checks=0)

    class Shell(T.CaptureShell):
        def __init__(self, *a, **k): super().__init__(*a, timeout=cell_timeout, **k)

        def cell(self, cell, **k):
            if cell.cell_type == "code" and cell.source.strip():
                n["run"] += 1
                try: tree = ast.parse(cell.source)
                except SyntaxError: tree = ast.parse("")
                n["checks"] += sum(isinstance(o, ast.Assert) or isinstance(o, ast.Call) and
                                   getattr(o.func, "id", getattr(o.func, "attr", "")).startswith(("test_", "assert_")) for o in ast.walk(tree))
            return super().cell(cell, **k)

    T.CaptureShell = Shell
    cfg = get_config()
    code = [c for c in T.NBProcessor(path).nb.cells if c.cell_type == "code" and c.source.strip()]
    ok, _ = T.test_nb(path, skip_flags=cfg.tst_flags.split(), force_flags=flags.split(), basepath=cfg.config_path)
    if ok and code and not n["run"]:
        ok = False
        print("no cell ran", file=sys.stderr)
    Path(out).write_text(json.dumps(dict(ok=ok, skipped=len(code) - n["run"] if ok else 0, **n)))


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    add = ap.add_argument
    add("path", nargs="*", help="notebooks (default: all)")
    add("--flags", default="", help="flagged cells to run too, such as 'slow gpu'")
    add("--workers", type=int, default=2, help="notebooks at a time")
    add("--preload", default="", help="modules to import once, before forking")
    add("--timeout", type=int, default=600, help="seconds for a notebook")
    add("--cell-timeout", type=int, default=240, help="seconds for a cell")
    o = ap.parse_args()
    import nbdev.test  # noqa: F401  (imported before the processes fork)
    from nbdev.config import get_config
    from nbdev.doclinks import nbglob
    for m in o.preload.split(): importlib.import_module(m)
    root = get_config().config_path
    nbs = [Path(p).absolute() for p in o.path] or sorted(p.absolute() for p in nbglob(as_path=True))
    os.chdir(root)
    ctx, tmp = mp.get_context("fork"), tempfile.TemporaryDirectory()

    def one(p):
        start, out = time.time(), f"{tmp.name}/{nbs.index(p)}"
        process = ctx.Process(target=child, args=(p, o.flags, o.cell_timeout, out))
        process.start()
        process.join(o.timeout)
        why = ""
        if process.is_alive():
            process.kill()
            process.join()
            why = f"timed out after {o.timeout} s\n"
        elif not Path(out).exists(): why = f"ended with {process.exitcode} before reporting\n"
        d = json.loads(Path(out).read_text()) if Path(out).exists() else dict(ok=False, run=0, skipped=0, checks=0)
        said = Path(out + ".err").read_text(errors="replace") if Path(out + ".err").exists() else ""
        print(f"{'PASS' if d['ok'] else 'FAIL'} {time.time() - start:6.1f}s {d['run']:4d} run {d['skipped']:3d} skipped {d['checks']:4d} checks  "
              f"{p.relative_to(root)}" + ("" if d["ok"] else f"\n{why}{said[-6000:]}"), flush=True)
        return d

    with ThreadPoolExecutor(o.workers) as ex: res = list(ex.map(one, nbs))
    tot = lambda k: sum(d[k] for d in res)
    ok = sum(d["ok"] for d in res)
    print(f"notebooks: {ok} passed, {len(res) - ok} failed; {tot('run')} cells run, {tot('skipped')} skipped, {tot('checks')} checks")
    sys.exit(0 if res and ok == len(res) else 1)


if __name__ == "__main__": main()
