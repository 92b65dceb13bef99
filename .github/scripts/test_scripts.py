"The command next_reid and data_prep, as a user meets them: help with examples, one line for each mistake, nothing overwritten"
import json
import os
import shutil
import subprocess
import sys
import time
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Callable, Iterator

HEAVY = ("torch", "torchvision", "open_clip", "pandas", "matplotlib.pyplot", "seaborn", "scipy.sparse", "fastcore.all")  # what the scripts import first

def commands(bin_: Path, work: Path) -> list[list]:
    "All subcommands, as the command itself lists them"
    lines = call([bin_ / "next_reid"], work)[1].splitlines()
    return [[bin_ / "next_reid", *line[:30].split()[1:]] for line in lines if line.startswith("  next_reid ")]


def call(cmd: list, cwd: Path, seconds: int = 240) -> tuple[int, str, str]:
    "status, output, errors of a command"
    env = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": ""}
    try: p = subprocess.run([str(c) for c in cmd], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired: return 124, "", f"not done after {seconds} s"
    return p.returncode, p.stdout, p.stderr


class Warm:
    "Interpreters that have imported the heavy packages: a script that ends at once need not wait ten seconds for that"

    def __init__(self, bin_: Path, work: Path, many: int = 2):
        env = {**os.environ, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", "CUDA_VISIBLE_DEVICES": "", "COLUMNS": "80"}
        command = [bin_ / "python", Path(__file__).resolve().parent / "warm_python.py", *HEAVY]
        self.free: SimpleQueue = SimpleQueue()
        self.all = [subprocess.Popen([str(c) for c in command], cwd=work, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(many)]
        for p in self.all: self.free.put(p)

    def __enter__(self): return self

    def __exit__(self, *_):
        for p in self.all:
            p.stdin.close()
            p.wait()

    def call(self, cmd: list, cwd: Path, seconds: int = 240) -> tuple[int, str, str]:
        "as `call`, in a copy of one of them"
        words = [str(c) for c in cmd]
        if Path(words[0]).name.startswith("python"): words = words[1:]
        with tempfile.TemporaryDirectory() as d:
            out, err = Path(d) / "out", Path(d) / "err"
            process = self.free.get()
            print(json.dumps(dict(command=words, cwd=str(cwd), out=str(out), err=str(err), seconds=seconds)), file=process.stdin, flush=True)
            status = process.stdout.readline().strip()
            self.free.put(process)
            if not status: return 1, "", "the warm interpreter has ended"
            return int(status), out.read_text(), err.read_text()


def snapshot(folder: Path) -> dict:
    "Names, sizes and times of all files"
    return {str(p.relative_to(folder)): (p.stat().st_size, p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def damaged(data: Path, work: Path) -> dict[str, tuple[Path, str]]:
    "Copies of a good data set, each with one fault, and the word that the error must name"
    out = {}
    def copy(name: str) -> Path:
        shutil.copytree(data, work / name)
        return work / name / "RGBNT201"
    d = copy("no_split"); shutil.rmtree(d / "test"); out["no_split"] = (d.parent, "test")
    d = copy("empty_split"); [p.unlink() for p in (d / "train_171").rglob("*.jpg")]; out["empty_split"] = (d.parent, "train")
    d = copy("odd_name"); p = next((d / "train_171" / "RGB").iterdir()); p.rename(p.with_name("holiday.jpg")); out["odd_name"] = (d.parent, "holiday.jpg")
    d = copy("broken_image"); p = next((d / "train_171" / "NI").iterdir()); p.write_bytes(p.read_bytes()[:200]); out["broken_image"] = (d.parent, p.name)
    d = copy("no_caption")
    f = d / "captions" / "train_TI.json"; items = json.loads(f.read_text()); f.write_text(json.dumps(items[1:])); out["no_caption"] = (d.parent, items[0]["item"])
    d = copy("broken_captions"); (d / "captions" / "test_RGB.json").write_text("[{"); out["broken_captions"] = (d.parent, "test_RGB.json")
    d = copy("single")
    names = sorted(p.name for p in (d / "train_171" / "RGB").iterdir())
    for n in [n for n in names if n[:6] == names[0][:6]][1:]: [(d / "train_171" / m / n).unlink() for m in ("RGB", "NI", "TI")]
    out["single"] = (d.parent, "single")
    return out


def slips(bin_: Path, work: Path, data: Path) -> Iterator[tuple[str, list, str]]:
    "Name of a case, command, and what its error must contain"
    train, evaluate, demo = ([bin_ / "next_reid", c] for c in ("train", "evaluate", "demo"))
    short = ["--set", "train.batch=8", "--set", "train.instances=2", "--set", "train.epochs=1"]
    new, run, person = ["--out", work / "never"], work / "run", "synthetic_person"
    yield "root that does not exist", [*train, person, "nowhere", *new], "nowhere"
    yield "unknown command", [bin_ / "next_reid", "trian", person], "did you mean 'train'?"
    yield "unknown option", [*train, person, data, *new, "--sed", 1], "did you mean '--seed'?"
    yield "no root", [*train, person, *new], "no data"
    yield "no recipe", [*train, data, *new], "name a recipe"
    yield "unknown data set", [*train, person, data, *new, "--dataset", "RGBNT210"], "RGBNT201"
    yield "unknown recipe", [*train, "synthetic_persn", data, *new], "synthetic_person"
    yield "recipe and file", [*train, person, data, *new, "--config", "x.yaml"], "not both"
    yield "configuration that does not exist", [*train, data, *new, "--config", "no.yaml"], "no.yaml"
    yield "unknown setting", [*train, person, data, *new, "--set", "train.epoch=1"], "epochs"
    yield "unknown model", [*train, person, data, *new, "--set", "model.backbone.name=ViT-B-61"], "ViT-B-61"
    yield "weights that do not exist", [*train, person, data, *new, "--set", "model.backbone.weights=no.pt"], "no.pt"
    yield "captions that do not exist", [*train, person, data, *new, "--captions", "nowhere"], "nowhere"
    yield "folder that is not empty", [*train, person, data, "--out", run, *short], "nothing is overwritten"
    yield "resume without checkpoint", [*train, person, data, *new, "--resume"], "to resume"
    yield "checkpoint of another configuration", [*train, person, data, "--out", run, "--resume", *short, "--set", "model.tmse.experts=2"], "tmse.experts"
    yield "unusable device", [*train, person, data, *new, "--device", "cuda:77"], "--device cpu"
    yield "demo into a folder that is not empty", [*demo, "--out", run], "nothing is overwritten"
    yield "demo in a place that cannot be", [*demo, "--out", data / "RGBNT201" / "generated.json" / "x"], "generated.json"
    yield "demo of a negative seed", [*demo, *new, "--seed", -1], "'-1' is no whole number"
    yield "evaluate what is no run", [*evaluate, work], "no trained model"
    yield "evaluate on a root that does not exist", [*evaluate, run, "--root", "nowhere"], "nowhere"
    yield "generate over another generated set", [bin_ / "python", "ROOT/data_prep/generate.py", data, "--seed", "7"], "seed"
    for name, (root, word) in damaged(data, work).items():
        yield f"data: {name.replace('_', ' ')}", [*train, person, root, *new, *short], word
    cut = work / "cut"
    shutil.copytree(run, cut)
    f = cut / "model.safetensors"
    f.write_bytes(f.read_bytes()[:1000])
    yield "truncated weights", [*evaluate, cut], "model.safetensors"
    (work / "odd").mkdir()
    (work / "odd" / "model.json").write_text("{}")
    yield "evaluate an odd description", [*evaluate, work / "odd"], "describes no model"
    yield "export an odd description", [bin_ / "next_reid", "share", work / "odd", work / "never"], "describes no model"
    (work / "odd" / "last.json").write_text("[]")
    yield "resume from an odd checkpoint", [*train, person, data, "--out", work / "odd", "--resume", *short], "to resume"
    cut = work / "cut_checkpoint"
    shutil.copytree(run, cut)
    f = next(cut.glob("step_*.safetensors"))
    f.write_bytes(f.read_bytes()[:1000])
    yield "truncated checkpoint", [*train, person, data, "--out", cut, "--resume", *short], f.name


def check_scripts(
    bin_: Path,  # where the scripts are installed
    root: Path,  # of the project
    work: Path,  # an empty folder
) -> Iterator[tuple[str, bool, str, float]]:  # name, passed?, what it said, seconds
    "All cases; those that only import and end are copies of an interpreter that has imported, where the system can fork"
    work.mkdir(parents=True)
    with ExitStack() as stack:
        quick = stack.enter_context(Warm(bin_, work)).call if sys.platform == "linux" else call
        yield from _cases(bin_, root, work, quick)


def _cases(bin_: Path, root: Path, work: Path, quick: Callable) -> Iterator[tuple[str, bool, str, float]]:
    "one after the other"
    def help_(cmd: list) -> tuple[str, bool, str, float]:
        start = time.time()
        status, out, err = call([*cmd, "--help"], work)
        return f"{' '.join(Path(c).name for c in cmd)} --help", status == 0 and "usage:" in out and not err, out + err, time.time() - start

    scripts = [[bin_ / "python", p] for p in sorted((root / "data_prep").glob("*.py"))]
    with ThreadPoolExecutor(2) as pool: yield from pool.map(help_, [[bin_ / "next_reid"], *commands(bin_, work), *scripts])
    data = work / "data"
    start = time.time()
    status, out, err = call([bin_ / "python", root / "data_prep" / "generate.py", data, "--workers", 1, "--set", "train_identities=8", "--set", "test_identities=4"], work)
    yield "data_prep/generate.py", status == 0, out + err, time.time() - start
    short = ["--set", "train.batch=8", "--set", "train.instances=2", "--set", "train.epochs=1"]
    start = time.time()
    status, out, err = call([bin_ / "next_reid", "train", "synthetic_person", data, "--out", work / "run", *short], work)
    yield "next_reid train", status == 0 and (work / "run" / "model.safetensors").exists(), out + err, time.time() - start
    start = time.time()
    status, out, err = call([bin_ / "python", "-m", "next_reid", "evaluate", work / "run", "--captions-of", "another"], work)
    yield "next_reid evaluate", status == 0 and "mAP" in out, out + err, time.time() - start
    before = snapshot(work / "run")

    def slip(case: tuple[str, list, str]) -> tuple[str, bool, str, float]:
        (name, cmd, word), start = case, time.time()
        status, out, err = quick([str(c).replace("ROOT", str(root)) for c in cmd], work)
        lines = err.strip().splitlines()
        ok = status == 2 and len(lines) == 1 and lines[0].startswith("error: ") and word in lines[0]
        return f"slip: {name}", ok, f"status {status}, must name {word!r}:\n{(err or out)[-1500:]}", time.time() - start

    with ThreadPoolExecutor(2) as pool: yield from pool.map(slip, list(slips(bin_, work, data)))
    yield "slips left nothing behind", not (work / "never").exists() and snapshot(work / "run") == before, "a refused command wrote or changed files", 0.0


if __name__ == "__main__":  # against the environment of this interpreter
    with tempfile.TemporaryDirectory() as d:
        results = list(check_scripts(Path(sys.executable).parent, Path(__file__).resolve().parents[2], Path(d) / "work"))
    for name, ok, text, seconds in results: print("PASS" if ok else "FAIL", f"{seconds:5.1f}s", name, "" if ok else f"\n{text}")
    print(f"{sum(ok for _, ok, *_ in results)} passed, {sum(not ok for _, ok, *_ in results)} failed")
    sys.exit(not all(ok for _, ok, *_ in results))
