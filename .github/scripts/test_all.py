"Everything that `make test` checks, in order; the last line is `N passed, N failed`"
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / ".github" / "scripts"
os.environ.update(OMP_NUM_THREADS="1", MPLBACKEND="agg", TOKENIZERS_PARALLELISM="false", HF_HUB_OFFLINE="1")
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
PRELOAD = "torch torchvision open_clip matplotlib.pyplot pandas seaborn scipy.stats sklearn.linear_model fastapi fastcore.all hypothesis"
results: list[tuple[str, bool]] = []


def sh(*cmd, cwd=ROOT, env=None) -> tuple[bool, str]:
    "Run a command; whether it succeeded, and all that it printed"
    p = subprocess.run([str(c) for c in cmd], cwd=cwd, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    return p.returncode == 0, p.stdout.strip()


def report(name: str, ok: bool, text: str = "", seconds: float | None = None) -> None:
    "Count one result and show what it said if it failed"
    results.append((name, ok))
    print(f"{'PASS' if ok else 'FAIL'} {'' if seconds is None else f'{seconds:6.1f}s '}{name}", flush=True)
    if not ok and text: print("    " + text.replace("\n", "\n    "), flush=True)


def project_files() -> list[Path]:
    "Files that belong to the project, relative to its root: what git knows or would take in"
    ok, out = sh("git", "ls-files", "-z", "-co", "--exclude-standard")
    if not ok: sys.exit(f"`make test` needs a git checkout: {out}")
    return [Path(f) for f in out.split("\0") if f and (ROOT / f).is_file()]


def copy_project(to: Path) -> Path:
    "A copy of the project, so that no check changes the working tree"
    for f in project_files():
        (to / f).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / f, to / f)
    return to


def in_step(tmp: Path) -> None:
    "Notebooks clean, exported modules what the notebooks say"
    copy = copy_project(tmp / "step")
    nbs = lambda base: {p.relative_to(base).as_posix(): p.read_bytes() for p in base.rglob("nbs/**/*.ipynb") if "checkpoints" not in str(p)}
    before = nbs(copy)
    ok, out = sh("nbdev_clean", cwd=copy)
    dirty = [n for n, b in nbs(copy).items() if b != before[n]]
    report("notebooks are clean", ok and not dirty, out + "".join(f"\n{n}: run nbdev_clean" for n in dirty))
    shutil.rmtree(copy / "next_reid")
    shutil.copytree(ROOT / "next_reid", copy / "next_reid", ignore=lambda d, names: [n for n in names if n.endswith(".py") or n == "__pycache__"])
    for name in ("__init__.py", "__main__.py"): shutil.copy2(ROOT / "next_reid" / name, copy / "next_reid" / name)  # written by hand
    ok, out = sh("nbdev_export", cwd=copy)
    _, diff = sh("diff", "-ru", "--exclude=__pycache__", ROOT / "next_reid", copy / "next_reid")
    report("exported modules are in step", ok and not diff, (out + "\n" + diff[:6000] + "\nrun nbdev_export").strip())


def static() -> None:
    "Lint of the notebooks and of the package, README in step"
    report("order and form of the notebooks", *sh(sys.executable, SCRIPTS / "lint_nbs.py"))
    report("ruff", *sh("ruff", "check", "--select", "F,E9,B006,PLE", "next_reid", "data_prep", ".github/scripts", "setup.py"))
    report("README is in step", *sh(sys.executable, SCRIPTS / "readme.py", "--check"))
    report("drawings are in step", *sh(sys.executable, SCRIPTS / "draw_next.py", "--check"))


def notebooks(args) -> None:
    "Every notebook in a process of its own; one result each"
    cmd = [sys.executable, SCRIPTS / "test_nbs.py", "--workers", args.workers, "--preload", PRELOAD]
    p = subprocess.Popen([str(c) for c in cmd], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seen = 0
    for line in p.stdout:
        if line[:5] in ("PASS ", "FAIL "):
            seen += 1
            results.append((line.split()[-1], line.startswith("PASS")))
        print(line, end="", flush=True)
    p.wait()
    if not seen or (p.returncode and all(ok for _, ok in results[-seen:])): report("the notebook runner", False, f"it ended with {p.returncode}")


def wheel(tmp: Path) -> Path | None:
    "Source archive -> wheel -> a second environment that borrows only the big dependencies -> every module imports"
    copy = copy_project(tmp / "wheel")
    ok, out = sh(sys.executable, "-c", "import setuptools.build_meta as b; b.build_sdist('dist')", cwd=copy)
    sdist = next((copy / "dist").glob("*.tar.gz"), None)
    if ok and sdist: ok, out = sh(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp / "dist", sdist, cwd=tmp)
    built = next((tmp / "dist").glob("*.whl"), None)
    report("the wheel builds from the source archive", bool(ok and built), out)
    if not built: return None
    env = tmp / "env"
    ok, out = sh(sys.executable, "-m", "venv", "--without-pip", env)
    site = next(env.glob("lib/python*/site-packages"))
    borrowed = next(Path(sys.executable).parents[1].glob("lib/python*/site-packages"))
    (site / "borrowed.pth").write_text(f"{borrowed}\n")  # a plain path: its own .pth files, the editable install among them, stay unread
    ok, out = sh(sys.executable, "-m", "pip", "--python", env / "bin" / "python", "install", "--quiet", "--no-deps", built, cwd=tmp)
    report("the wheel installs", ok, out)
    code = ("import importlib, pathlib, pkgutil, next_reid\n"
            f"assert str(pathlib.Path(next_reid.__file__)).startswith({str(env)!r}), next_reid.__file__\n"
            "names = [m.name for m in pkgutil.walk_packages(next_reid.__path__, 'next_reid.')]\n"
            "for n in names: importlib.import_module(n)\n"
            f"here = {sorted(str(p.relative_to(ROOT)) for p in (ROOT / 'next_reid').rglob('*') if p.is_file() and '__pycache__' not in p.parts)!r}\n"
            "root = pathlib.Path(next_reid.__file__).parents[1]\n"
            "gone = [p for p in here if not (root / p).exists()]\n"
            "assert not gone, f'the wheel lacks {gone}'\n"
            "print(len(names), 'modules')")
    report("every module of the wheel imports", *sh(env / "bin" / "python", "-P" if sys.version_info >= (3, 11) else "-I", "-c", code, cwd=tmp))
    return env


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--workers", default="3", help="notebooks at a time")
    ap.add_argument("--only", default="", help="one of: step static notebooks hostile wheel (default: all)")
    args = ap.parse_args()
    start = time.time()
    want = lambda part: args.only in ("", part)
    with tempfile.TemporaryDirectory(prefix="next_reid_test_") as d:
        tmp = Path(d)
        if want("step"): in_step(tmp)
        if want("static"): static()
        if want("notebooks"): notebooks(args)
        if want("hostile"): report("hostile lines, folders and inputs", *sh(sys.executable, SCRIPTS / "hostile.py", "--short"))
        if want("wheel") and (env := wheel(tmp)):
            from test_scripts import check_scripts
            for name, ok, text, seconds in check_scripts(env / "bin", ROOT, tmp / "scripts"): report(name, ok, text, seconds)
    bad = [n for n, ok in results if not ok]
    print(f"in {time.time() - start:.0f} s" + (f"; failed: {', '.join(bad)}" if bad else ""))
    print(f"{len(results) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or not results else 0


if __name__ == "__main__": sys.exit(main())
