"""Inputs on which the project once failed, each a folder with a script: run them in today's names and judge what they print.

`python .github/scripts/cases.py ../shared/cases [NAME ...] [--show]`: a line each, exit status 1 if one failed. The folder is copied, the originals stay.
TABLE says what each must print: regular expressions, one a line; those that begin with `!` must not be found. No case may end in a traceback."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RENAMED = {  # words of the scripts -> today's, in this order
    r'\["next_reid_train", ': '["next_reid", "train", ', "next_reid_caption_": "next_reid captions ", "next_reid_check_dataset": "next_reid check",
    "next_reid_export_weights": "next_reid share", "next_reid_model_stub": "next_reid captions stub", r"next_reid_(train|evaluate|bench|sweep)\b": r"next_reid \1",
    r"from next_reid\.caption_generate_cli import caption_generate": "from next_reid.using.commands import main; caption_generate = lambda a: main(['captions', 'generate', *a])",
    r"from next_reid\.checkpoints import load_weights": "from next_reid.model.text import load_weights",
    r"next_reid\.(checkpoints|configuration|recipes)\b": r"next_reid.training.\1", r"next_reid\.core\b": "next_reid.problem.core", r"next_reid\.data\.own\b": "next_reid.data.own_table",
    r"next_reid\.data\.synthetic\b": "next_reid.worlds.synthetic", r"next_reid\.captions\.files\b": "next_reid.data.caption_files",
    r"from next_reid\.training import prepare": "from next_reid.training.loop import prepare",
    r"from next_reid\.data\.image_files import (\w+)": "from next_reid.data.pictures import *; read_picture = open_picture",
    r"from next_reid\.data\.transforms import prepare_picture": "prepare_picture = lambda p, size: test_transform(TransformConfig(size=size)).prepare(p)",
    r"\bread_content\b": "_read_content", r"\btimes_of\b": "_times", r"\bbox_of\b": "_box", r"chance\.0": "random.0", r'attempt\("numpy state too short".*': "",
    r"dict\(epoch=1, batch=0, step=3\)": "dict(epoch=1, step=3)", r"train\.save_steps=1": "train.save_every=1",
}
TABLE: dict[str, str] = {}


def translated(text: str) -> str:
    "A script in today's names"
    for old, new in RENAMED.items(): text = re.sub(old, new, text)
    return text


def run(name: str, cases: Path, work: Path, seconds: int) -> tuple[str, float]:
    "What a case prints, and how long it takes"
    env = {**os.environ, "DATA": str(work / "data"), "REPO": str(ROOT), "ROOT": str(ROOT), "VENV": str(Path(sys.executable).parents[1]),
           "BIN": str(Path(sys.executable).parent), "TMPDIR": str(work / "tmp"), "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "HF_HUB_OFFLINE": "1"}
    (work / "tmp").mkdir(exist_ok=True)
    start = time.monotonic()
    p = subprocess.Popen(["bash", str(cases / name / "run.sh")], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
    try: out = p.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, 9)
        out = p.communicate()[0] + f"\nnot done after {seconds} s: Traceback".encode()
    return out.decode(errors="replace"), time.monotonic() - start


def faults(name: str, printed: str) -> list[str]:
    "What an output must have and has not, or has and must not"
    rules = [r.strip() for r in TABLE.get(name, "no expectation is written for this case").strip().splitlines()]
    return [r for r in (*rules, "!Traceback", "!\x1b") if bool(re.search(r.removeprefix("!"), printed, re.M)) == r.startswith("!")]


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("cases", type=Path)
    p.add_argument("names", nargs="*", help="only those whose names hold one of these")
    p.add_argument("--show", action="store_true", help="also print what they print")
    p.add_argument("--seconds", type=int, default=600, help="for one case")
    a = p.parse_args()
    with tempfile.TemporaryDirectory() as d:
        work, bad = Path(d), 0
        cases = Path(shutil.copytree(a.cases, work / "cases"))
        for f in (f for f in cases.rglob("*") if f.suffix in (".sh", ".py")): f.write_text(translated(f.read_text()))
        names = [str(f.parent.relative_to(cases)) for f in sorted(cases.glob("*/*/run.sh"))]
        chosen = [n for n in names if not a.names or any(w in n for w in a.names)]
        for name in chosen:
            printed, took = run(name, cases, work, a.seconds)
            wrong = faults(name, printed)
            bad += bool(wrong)
            print(f"{'failed' if wrong else 'passed'}  {name}  {took:.0f} s" + "".join(f"\n        {'found' if w[0] == '!' else 'not found'}: {w.removeprefix('!')!r}" for w in wrong), flush=True)
            if a.show: print("".join(f"    | {line}\n" for line in printed.splitlines()), flush=True)
        print(f"{len(chosen) - bad} of {len(chosen)} cases passed")
    return int(bad > 0)


if __name__ == "__main__": sys.exit(main())
