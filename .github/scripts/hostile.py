"""Nonsense on purpose: command lines made from the parsers themselves, folders of runs with every field and tensor damaged, changed files for every reader.

`python .github/scripts/hostile.py [--lines 300] [--folders 200] [--inputs 10000] [--short]`: counts, and each finding. A line must end with status 2 and one
line of error; a damaged folder with one line that names a file of it; for inputs see hostile_inputs.py. A traceback, a status of 0, or a damage that nobody
notices is a finding: exit status 1. Each runs in a copy of one process that has imported everything. What servers do wrong is chapter 69, which this runs, too."""
import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, Callable, Iterator

import torch

from hostile_inputs import probe, readers

from next_reid.problem.core import InputError, override
from next_reid.captions.behaviours import BEHAVIOURS
from next_reid.training.checkpoints import fingerprint, pack_tensors, read_tensors
from next_reid.training.configuration import RunConfig, read_config
from next_reid.training.loop import fit, prepare
from next_reid.training.trained import load_model
from next_reid.using.commands import COMMANDS, _parser, main as command
from next_reid.using.embedder import Embedder
from next_reid.worlds.synthetic import SyntheticConfig, generate_dataset

SCRIPTS = Path(__file__).resolve().parent
BASE = {"train": "synthetic_person data --out new", "evaluate": "run", "check": "RGBNT201 data --fast", "pack": "RGBNT201 data new", "share": "run new",
        "captions report": "data/RGBNT201/captions --samples 1", "captions filter": "data/RGBNT201/captions --out new", "captions fetch": "new --from nowhere",
        "captions generate": "data --dataset RGBNT201 --model m --dry-run", "captions stub": "data", "sweep": "parts --plan", "bench": "--rounds 1",
        "demo": "--out new --quick", "export": "run new", "serve": "run", "table draft": "data/RGBNT201/test/RGB --out new", "embed": "run own.csv --out new",
        "gallery add": "gallery vectors --purpose x --replace", "gallery delete": "gallery --key nobody", "gallery show": "gallery", "gallery convert": "gallery",
        "threshold": "run own.csv --out new", "search": "gallery run --table own.csv"}
WORDS = ("", "nosuch", "\udcff", "../x", "{}", "x" * 5000)  # for options and places that take a name
FREE = {"--purpose", "--title", "--text", "--identity", "--key", "--camera", "--licence", "--name", "--writer", "--model", "--vain", "--refuse"}  # any text may be meant, except none
NEW = {"pack": (2,), "share": (1,), "export": (1,), "gallery add": (0,), "captions fetch": (0,), "captions report": (0,)}  # places that need not be there
PAIRS = """search gallery run --table own.csv --rgb a.jpg|search gallery run|search gallery run --rgb nowhere.jpg|search gallery run --table own.csv --within 3
search gallery run --table own.csv --out a.txt|search gallery run --table own.csv --since 5 --until 4|search gallery run --table own.csv --threshold run/model.json
search vectors run --table own.csv|search gallery data --table own.csv|search gallery run --table own.csv --text x|search gallery run --table own.csv --pictures data
serve run --host 0.0.0.0|serve run --gallery data|serve run --token-file data|serve run --token-file empty|serve run --keep-pictures run|serve data|serve run --port 1 --host 999.1.1.1
export run new --to onnx --precision int8,x|export run new --to pt2 --precision int8|export run run|export data new|export run new --feature nosuch|export run new --to ,
gallery add gallery data --purpose x|gallery add gallery vectors|gallery add gallery vectors --purpose x|gallery add data vectors --purpose x|gallery add run vectors --purpose x
gallery delete gallery|gallery show data|gallery show run|gallery convert data|gallery show ftp://host|gallery show http://a:b@host|threshold run own.csv --out new --fmr 1e-9|threshold run data --out new|threshold run own.csv --out new --picture new
threshold run own.csv --out new --dataset RGBNT201|embed run data --out new|embed run own.csv|embed run own.csv --out data|embed run own.csv --out gallery|embed data own.csv --out new
embed run own.csv --out vectors --rows 3|embed run own.csv --out new --shard 3/3|embed run own.csv --out new --feature tmse --column rgb=nir|table draft|table draft run --out new
table draft data/RGBNT201/test/RGB --out own.csv|check own own.csv --set window=5|check own own.csv --set window=[3,1]|check RGBNT201 own.csv|check own data|pack own own.csv new --option window=x
train own_person own.csv --out new --set train.batch=6|train synthetic_person data --out run|train synthetic_person data --out run --resume --set train.epochs=9|evaluate data
captions generate own.csv --dataset own --model m --dry-run --column rgb=nothing|captions generate data --kind person --column rgb=a --model m|captions filter data/RGBNT201/captions
captions generate data --dataset RGBNT201 --model m --calibrate --calibration run/model.json|captions filter data/RGBNT201/captions --out data|captions report own.csv|captions stub run
evaluate run --captions-of none --captions-of nosuch|share data new|share run run|pack RGBNT201 data run|sweep nosuch --plan|sweep own.csv|demo --out run|bench --size 0 0|bench --batch 0"""
NUMBERS = ("x", "", "nan", "inf", "-inf", "-1", "1e400", "9" * 5000, "0x10", "1_0_", "1,5")
SETTINGS = ("x", "=", "=1", "no.such=1", "nosuch=1", "x=[" + "[" * 5000, "x=" + "9" * 5000, "\udcff=1", "train=5", "train.seed=nan", "data.options=5", "ask=1", "rule=5")


def lines() -> Iterator[tuple[list[str], str]]:
    "Command lines that mean nothing, and why"
    for name, c in COMMANDS.items():
        base, p = [*name.split(), *BASE.get(name, "").split()], _parser(c.load(), name, c.chapter)
        yield [*name.split(), *["nowhere"] * 9], "arguments too many"
        for action in p._actions:
            for option in action.option_strings[-1:]:
                if option == "--help": continue
                kind = action.metavar
                yield [*base, option + "x"], "unknown option"
                if action.nargs != 0: yield [*base, option], "no value"
                if action.nargs == 0: yield [*base, option + "=1"], "a switch with a value"
                elif action.choices: yield from (([*base, option, v], "no choice") for v in ("nosuch", ""))
                elif kind == "NAME=VALUE": yield from (([*base, option, v], "no setting") for v in SETTINGS)
                elif kind in ("INT", "FLOAT"): yield from (([*base, f"{option}={v}"], "no number") for v in NUMBERS)
                elif kind in ("FILE", "FOLDER"): yield from (([*base, option, v], "no place") for v in ("", " ", "run/config.yaml/x") if "--plan" not in base)
                elif action.nargs is None: yield from (([*base, f"{option}={v}"], "no name") for v in (("", " ") if option in FREE else WORDS) if "--plan" not in base)
        places = [i for i, w in enumerate(BASE.get(name, "").split()) if not w.startswith("-")][: sum(not a.option_strings for a in p._actions)]
        for i, v in ((i, v) for i in places for v in (*WORDS, "run/config.yaml/x", "own.csv/x") if i not in NEW.get(name, ())):
            words = BASE[name].split()
            yield [*name.split(), *words[:i], v, *words[i + 1:]], "no place"
        outputs = [o for o in ("--json", "--html", "--record", "--diff", "--out") if o in p._option_string_actions]
        yield from (([*base, a, "same", b, "same"], "two outputs, one place") for a in outputs for b in outputs if a < b)
    yield from ((line.split(), "contradictory") for text in PAIRS.splitlines() for line in text.split("|"))


def damaged(value: Any, place: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    "Every place in plain data, with values of other kinds for it"
    if place[-1:] == ("options",) or place[:1] == ("files",): return
    other = {dict: (5, []), list: (5, "x", {}), str: (5, [], {}), bool: ("x", 5), int: ("x", [], 0.5), float: ("x", [], {}), type(None): ({}, [[]])}
    if place: yield from ((place, v) for v in other[type(value)])
    if isinstance(value, dict):
        for k, v in value.items(): yield from damaged(v, (*place, k))


def put(data: Any, place: tuple, value: Any) -> Any:
    for k in place[:-1]: data = data[k]
    data[place[-1]] = value


def folders(run: Path) -> Iterator[tuple[str, str, Callable[[Path], None]]]:
    "Name, how it is read, and what damages a copy of a run"
    def text(file: str, content: bytes) -> Callable: return lambda c: (c / file).write_bytes(content)

    def field(file: str, place: tuple, value: Any) -> Callable:
        def change(c: Path) -> None:
            data = json.loads((c / file).read_text())
            put(data, place, value)
            (c / file).write_text(json.dumps(data))
        return change

    def tensors(file: str, beside: tuple[str, ...], change: Callable) -> Callable:
        def work(c: Path) -> None:
            found = read_tensors(c / file)
            change(found)
            (c / file).write_bytes(raw := pack_tensors(found))
            for name in beside: (c / name).write_text(json.dumps({**json.loads((c / name).read_text()), "sha256": fingerprint(raw)}))
        return work
    step = sorted(run.glob("step_*.safetensors"))[-1].name
    for file, how in (("model.json", "load"), ("model.json", "embed"), ("last.json", "resume"), ("data.json", "resume")):
        whole = (run / file).read_bytes()
        spoilt = (b"", b"x", whole[: len(whole) // 2], b"[" * 10**5, b"\xff\xfe" * 20, b"null", b"[]", b"5", b'{"a": 1e999}', b"9" * 5000, whole + b"}")
        for n, content in enumerate(spoilt): yield f"{file} as text {n}", how, text(file, content)
        found = json.loads(whole)
        if file == "data.json": found = {k: dict(list(v.items())[:1]) for k, v in found.items()}
        for place, value in damaged(found): yield f"{file} {'.'.join(place)} = {value!r}", how, field(file, place, value)
    for file, beside, how in (("model.safetensors", ("model.json",), "load"), ("model.safetensors", ("model.json",), "embed"), (step, ("last.json",), "resume")):
        whole = (run / file).read_bytes()
        for n, content in enumerate((b"", whole[:7], whole[: len(whole) // 2], whole[:-1] + bytes([whole[-1] ^ 1]), b"PK\x03\x04" + whole)): yield f"{file} as bytes {n}", how, text(file, content)
        names = sorted(read_tensors(run / file))
        for name in names[:: max(1, len(names) // 25)]:
            for what, change in (("another shape", lambda t, n=name: t.update({n: torch.zeros(3, 1, 2)})), ("gone", lambda t, n=name: t.pop(n)),
                                 ("another kind", lambda t, n=name: t.update({n: t[n].to(torch.complex64)})), ("renamed", lambda t, n=name: t.update({n + "x": t.pop(n)}))):
                yield f"{file} {name}: {what}", how, tensors(file, beside, change)


def attempt(work: Callable[[], int | None], place: Path, seconds: int = 60) -> tuple[int, str]:
    "In a copy of this process: exit status, what it wrote on the error stream"
    log = place / "log.txt"
    if not (child := os.fork()):
        status = 99
        try:
            os.chdir(place)
            for fd, name in ((0, os.devnull), (1, os.devnull), (2, str(log))): os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC), fd)
            signal.alarm(seconds)
            status = work() or 0
        except SystemExit as e: status = e.code if isinstance(e.code, int) else 98
        except BaseException: traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), log.read_text(errors="replace") if log.exists() else ""


def read_folder(c: Path, how: str, data: Path) -> int:
    "Load a run, or go on with it: 2 and a line if it is refused, 0 if nobody notices"
    try:
        if how == "load": load_model(c)
        elif how == "embed": Embedder.load(c)
        else: fit(prepare(read_config(c / "config.yaml"), check=False), c, resume=True, progress=False)
    except InputError as e:
        print("error:", e, file=sys.stderr)
        return 2 if c.name in str(e) else 3
    return 0


def hostile_lines(work: Path, asked: list) -> Iterator[tuple]:
    "Findings among command lines"
    for argv, why in asked:
        before = {p.name for p in work.iterdir()}
        status, err = attempt(lambda: command(argv), work)
        told = [line for line in err.splitlines() if line.startswith("error:")]
        left = {p.name for p in work.iterdir()} - before - {"log.txt"}
        if status != 2 or "Traceback" in err or len(told) != 1 or left: yield why, " ".join(argv)[:120], status, left, err[-300:]
        for name in left: shutil.rmtree(work / name, ignore_errors=True)


def hostile_folders(work: Path, hurt: list) -> Iterator[tuple]:
    "Findings among damaged folders"
    for name, how, change in hurt:
        shutil.copytree(work / "run", work / "copy")
        change(work / "copy")
        status, err = attempt(lambda: read_folder(work / "copy", how, work / "data"), work)
        if status != 2 or "Traceback" in err: yield name, how, status, err[-300:]
        shutil.rmtree(work / "copy")


def hostile_inputs(work: Path, inputs: int, only: str, seconds: int) -> Iterator[tuple]:
    "Findings among inputs; all readers in one process, which a crash ends"
    def ask() -> None:
        for name, reader in readers(work, *[("RGBNT201",)] * (inputs < 100)).items():
            if only not in name: continue
            (work / "reader").write_text(name)
            if reader.file:
                (work / reader.file).parent.mkdir(parents=True, exist_ok=True)
                (work / reader.file).write_bytes(reader.content)
            found = probe(reader, work, inputs)
            if reader.file: (work / reader.file).write_bytes(reader.content)
            with open(work / "found", "a") as f: f.writelines(json.dumps([name, what, *example]) + "\n" for what, example in found.items())
            with open(work / "asked", "a") as f: print(name, file=f)
    status, err = attempt(ask, work, seconds)
    if (work / "found").exists(): yield from map(json.loads, (work / "found").read_text().splitlines())
    if status: yield "inputs", (work / "reader").read_text() if (work / "reader").exists() else "start", status, err[-1500:]


def prepare_files(work: Path) -> int:
    "A table, vectors and a gallery, for the command lines that need them"
    (work / "empty").touch()
    rows = [f"{','.join(f'data/RGBNT201/test/{m}/{p.name}' for m in ('RGB', 'NI', 'TI'))},{p.name[:6]},{p.name[10]}" for p in sorted((work / "data/RGBNT201/test/RGB").iterdir())]
    (work / "own.csv").write_text("\n".join(["rgb,nir,tir,identity,camera", *rows]))
    return command(["embed", "run", "own.csv", "--out", "vectors"]) or command(["gallery", "add", "gallery", "vectors", "--purpose", "x"])


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--lines", type=int, default=300)
    p.add_argument("--folders", type=int, default=200)
    p.add_argument("--inputs", type=int, default=10_000, help="for each reader")
    p.add_argument("--reader", default="", help="only readers with this in their names")
    p.add_argument("--short", action="store_true", help="a sample of everything: under 45 processor seconds")
    a = p.parse_args()
    if a.short: a.lines, a.folders, a.inputs = 12, 10, 15
    torch.set_num_threads(1)
    findings, chosen = [], random.Random(0)
    some = lambda found, n: chosen.sample(found, min(n, len(found)))
    with tempfile.TemporaryDirectory() as d:
        work = Path(d)
        generate_dataset(work / "data", SyntheticConfig(train_identities=2, test_identities=2, seed=7), workers=1)
        config = override(RunConfig(), [f"data.root={work / 'data'}", "train.epochs=1", "train.batch=8", "train.instances=4"])
        status, err = attempt(lambda: fit(prepare(config), work / "run", progress=False) and None, work, 600)
        if not status: status, err = attempt(lambda: prepare_files(work), work, 300)
        if status: sys.exit(f"no run to start from: {err[-1000:]}")
        asked, hurt = some(list(lines()), a.lines), some(list(folders(work / "run")), a.folders)
        findings += hostile_lines(work, asked)
        print(f"{len(asked)} command lines: {len(findings)} findings", flush=True)
        findings += hostile_folders(work, hurt)
        print(f"{len(hurt)} damaged folders; findings in all: {len(findings)}", flush=True)
        if a.inputs: findings += hostile_inputs(work, a.inputs, a.reader, 120 + a.inputs)
        done = len((work / "asked").read_text().splitlines()) if (work / "asked").exists() else 0
        print(f"{a.inputs} inputs for each of {done} readers; findings in all: {len(findings)}", flush=True)
    if not (a.short or a.reader):  # its chapter is a test of its own
        behaviours = subprocess.run([sys.executable, SCRIPTS / "test_nbs.py", SCRIPTS.parents[1] / "nbs/6_captions/69_behaviours.ipynb"], capture_output=True, text=True)
        if behaviours.returncode: findings.append(("behaviours", behaviours.stdout[-1000:]))
        print(f"{len(BEHAVIOURS)} behaviours of servers; findings in all: {len(findings)}")
    for f in findings: print(*f, sep=" | ")
    return int(bool(findings))


if __name__ == "__main__": sys.exit(main())
