"""Run each notebook in a forked process of its own, as nbdev_test would; the last line counts.

A cell's text output must be the committed one (numbers may differ in their last digits). Excepted are cells with a test flag,
those that begin with the comment `# output varies`, and all that follow in a notebook once it has said that shared material is
absent. Limits count processor seconds, so a busy machine fails nothing."""
import argparse
import ast
import importlib
import json
import multiprocessing as mp
import os
import re
import resource
import signal
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
ABSENT = re.compile(r"skipped: .* is not here")  # what `core.shared_material` says
VARIES = re.compile(r"^(#\|.*\n)*# output varies", re.M)


def wide_tables() -> None:
    "Tables are complete as text, too"
    import pandas as pd
    pd.set_option("display.width", 250, "display.max_columns", 60, "display.max_rows", 120, "display.max_colwidth", 120)


def text_of(outputs) -> str:
    "What a cell printed or showed as text; pictures and the error stream are left out"
    parts = []
    for o in outputs:
        data = o.get("data", {})
        if o["output_type"] == "stream" and o.get("name") != "stderr": parts.append(o["text"])
        elif "text/plain" in data and not any(k.startswith("image/") for k in data): parts.append(data["text/plain"])
    text = "".join("".join(p) + "\n" for p in parts)
    return re.sub(r" at 0x[0-9a-f]+", "", re.sub(r"\s+", " ", text)).strip()


def same_text(a: str, b: str) -> bool:
    "The same words, and numbers that differ by two units of their last digit or a thousandth at most"
    if NUMBER.sub("#", a) != NUMBER.sub("#", b): return re.sub(r"-+", "-", re.sub(r"\s+", "", a)) == re.sub(r"-+", "-", re.sub(r"\s+", "", b))
    for x, y in zip(NUMBER.findall(a), NUMBER.findall(b)):
        digits = len(x.partition("e")[0].partition(".")[2])
        unit = 10.0 ** -digits if digits else 0.0
        if abs(float(x) - float(y)) > max(2.01 * unit, 1e-3 * abs(float(x)) if digits else 0.0): return False
    return True


def child(path, flags, cell_seconds, out):
    "Test one notebook; what it printed on the error stream and a summary go to files"
    os.setpgid(0, 0)
    os.dup2(os.open(out + ".err", os.O_WRONLY | os.O_CREAT), 2)
    import nbdev.test as T
    from nbdev.config import get_config
    n = dict(run=0, checks=0)
    stale, absent = [], []
    wide_tables()

    def too_long(*_): raise TimeoutError(f"a cell took more than {cell_seconds} processor seconds")

    class Shell(T.CaptureShell):
        def cell(self, cell, **k):
            if cell.cell_type != "code" or not cell.source.strip(): return super().cell(cell, **k)
            n["run"] += 1
            try: tree = ast.parse(cell.source)
            except SyntaxError: tree = ast.parse("")
            n["checks"] += sum(isinstance(o, ast.Assert) or isinstance(o, ast.Call) and
                               getattr(o.func, "id", getattr(o.func, "attr", "")).startswith(("test_", "assert_")) for o in ast.walk(tree))
            committed = text_of(cell.get("outputs", []))
            signal.signal(signal.SIGPROF, too_long)
            signal.setitimer(signal.ITIMER_PROF, cell_seconds)
            try: result = super().cell(cell, **k)
            finally: signal.setitimer(signal.ITIMER_PROF, 0)
            now = text_of(cell.get("outputs", []))
            if ABSENT.search(now): absent.append(cell)
            if not self.exc and not absent and not VARIES.match(cell.source) and not same_text(committed, now):
                at = next((i for i, (a, b) in enumerate(zip(committed, now)) if a != b), min(len(committed), len(now)))
                stale.append(f"cell {cell.get('id')} ({cell.source.strip()[:60]!r}): committed ...{committed[max(0, at - 40):at + 80]!r}, now ...{now[max(0, at - 40):at + 80]!r}")
            return result

    T.CaptureShell = Shell
    cfg = get_config()
    code = [c for c in T.NBProcessor(path).nb.cells if c.cell_type == "code" and c.source.strip()]
    ok, _ = T.test_nb(path, skip_flags=cfg.tst_flags.split(), force_flags=flags.split(), basepath=cfg.config_path)
    if ok and code and not n["run"]:
        ok = False
        print("no cell ran", file=sys.stderr)
    if ok and stale:
        ok = False
        print("\n".join(["outputs are stale: run .github/scripts/run_nbs.py and nbdev_clean on it, or begin the cell with '# output varies'", *stale]), file=sys.stderr)
    Path(out).write_text(json.dumps(dict(ok=ok, skipped=len(code) - n["run"] if ok else 0, cpu=used(), **n)))


def used() -> float:
    "Processor seconds of this process and of its ended children"
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def processor_seconds(group: int) -> float:
    "Of all living processes of a group and their ended children; 0 where the system does not say"
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try: fields = stat.read_text().rpartition(")")[2].split()
        except OSError: continue
        if int(fields[2]) == group: ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def wait_for(process, seconds: float, wall: float) -> str:
    "Wait for the end of a process; why it was ended, if it was"
    start = time.time()
    while process.is_alive():
        process.join(2)
        used, passed = processor_seconds(process.pid), time.time() - start
        if used > seconds or passed > wall:
            try: os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError: process.kill()
            process.join()
            return f"ended after {used:.0f} processor seconds (limit {seconds:.0f}) and {passed:.0f} s (limit {wall:.0f})\n"
    return ""


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    add = ap.add_argument
    add("path", nargs="*", help="notebooks (default: all)")
    add("--flags", default="", help="flagged cells to run too, such as 'slow gpu'")
    add("--workers", type=int, default=2, help="notebooks at a time")
    add("--preload", default="", help="modules to import once, before forking")
    add("--timeout", type=float, default=300, help="processor seconds for a notebook")
    add("--cell-timeout", type=float, default=200, help="processor seconds for a cell")
    add("--wall", type=float, default=2400, help="seconds by the clock after which a notebook hangs")
    o = ap.parse_args()
    import nbdev.test  # noqa: F401  (imported before the processes fork)
    from nbdev.config import get_config
    from nbdev.doclinks import nbglob
    for m in o.preload.split(): importlib.import_module(m)
    root = get_config().config_path
    nbs = [Path(p).absolute() for p in o.path] or sorted((p.absolute() for p in nbglob(as_path=True)), key=lambda p: -p.stat().st_size)
    os.chdir(root)
    ctx, tmp = mp.get_context("fork"), tempfile.TemporaryDirectory()

    def one(p):
        start, out = time.time(), f"{tmp.name}/{nbs.index(p)}"
        process = ctx.Process(target=child, args=(p, o.flags, o.cell_timeout, out))
        process.start()
        why = wait_for(process, o.timeout * (10 if o.flags else 1), o.wall * (10 if o.flags else 1))
        if not why and not Path(out).exists(): why = f"ended with {process.exitcode} before reporting\n"
        d = json.loads(Path(out).read_text()) if Path(out).exists() else dict(ok=False, run=0, skipped=0, checks=0, cpu=0)
        said = Path(out + ".err").read_text(errors="replace") if Path(out + ".err").exists() else ""
        print(f"{'PASS' if d['ok'] else 'FAIL'} {time.time() - start:6.1f}s {d['cpu']:6.1f} cpu {d['run']:4d} run {d['skipped']:3d} skipped {d['checks']:4d} checks  "
              f"{p.relative_to(root)}" + ("" if d["ok"] else f"\n{why}{said[-6000:]}"), flush=True)
        return d

    with ThreadPoolExecutor(o.workers) as ex: res = list(ex.map(one, nbs))
    tot = lambda k: sum(d[k] for d in res)
    ok = sum(d["ok"] for d in res)
    print(f"notebooks: {ok} passed, {len(res) - ok} failed; {tot('run')} cells run, {tot('skipped')} skipped, {tot('checks')} checks, {tot('cpu'):.0f} processor seconds")
    sys.exit(0 if res and ok == len(res) else 1)


if __name__ == "__main__": main()
