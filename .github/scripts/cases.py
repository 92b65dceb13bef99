"""Inputs on which the project once failed, each a folder with a script: run them in today's names and judge what they print.

`python .github/scripts/cases.py ../shared/cases [NAME ...] [--show]`: a line each, exit status 1 if one failed. The folder is copied, the originals stay.
TABLE says what each must print: regular expressions, one a line; those that begin with `!` must not be found. No case may end in a traceback."""
import argparse
import os
import re
import shutil
import signal
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
    r"from next_reid\.data\.own_table import times_of, box_of": "from next_reid.data.own_table import _time, _box as box_of\n"
    "def times_of(s):\n    try: return [_time(c, i) for i, c in enumerate(s)]\n    except ValueError as e: return f'{type(e).__name__}: {e}'",
    r"--no-text\b": "--set data.captions=null", r" --no-data\b": "", r" --plot b\.png": "",
    r"from next_reid\.captions\.schema import read_content, AskConfig": "from next_reid.captions.schema import AskConfig\nfrom next_reid.captions.answers import *"
    "\nfrom next_reid.captions.answers import _read_text\nread_content = lambda text, *a: _read_text(Opened('', text), *a)",
    r"from next_reid\.captions\.schema import \*": "from next_reid.captions.schema import *; from next_reid.captions.answers import read_body",
    r"\bread_content\b": "_read_content",
    r"from next_reid\.captions\.generation import Budget": "Budget, _config = None, GenerateConfig\ndef GenerateConfig(**kw):\n    try: return _config(**kw)\n"
    "    except ValueError as e: raise SystemExit(f'refused: {e}')", r"chance\.0": "random.0", r'attempt\("numpy state too short".*': "",
    r"(\$DATA --out run)( --resume)?; echo": r"\1\2 $O; echo",  # of hostile/11: the options that the data need
    r"dict\(epoch=1, batch=0, step=3\)": "dict(epoch=1, step=3)", r"train\.epochs=2 (.*)train\.save_steps=1": r"train.epochs=12 \1train.save_every=1",
}
TABLE: dict[str, str] = {  # a case by the beginning of its name -> what it must print
    # hostile servers and answers
    "hostile/01": """run 1: rc=\\d
        run 2: rc=\\d
        status='(invalid|partial)'
        ^\\{\\}$""",
    "hostile/02": """!rc=[13]""",
    "hostile/04": """!raw ESC""",
    "hostile/05": """!VERYSECRET""",
    "hostile/06": """rc=2
        !rc=124""",
    "hostile/15": """nofile\\.json does not exist
        !answers bought: [1-9]
        !rc=[013]""",
    "hostile/16": """--max-cost nan rc=2
        -3 --max-cost 0\\.01 rc=2
        price-in nan --max-cost 1 rc=2
        price-in inf rc=2
        margin=NaN rc=2
        margin=-1 rc=2
        !rc=0""",
    "hostile/19": """key=1 rc=0
        key=a rc=0
        key=true rc=0
        !invalid +[1-9]
        !\\*\\*\\*""",
    "hostile/31": """rc=2, answers in the journal: 0?$
        !answers in the journal: [1-9]""",
    "users/07": """draft in think.* ok +slots 11 age teenager
        one slot in think.* ok +slots 11 age teenager
        think never closed +(truncated|invalid|blank)
        channels.* ok +slots 11 age teenager
        reasoning_content: \\w+ .*(max_tokens|thinking|reasoning)""",
    "users/08": """call 1 -> exit 0 requests so far 13
        call 2 -> exit 0 requests so far 13""",
    "users/09": """exit 0
        json_object""",
    "users/10": """confidence 90\\.0 ok +slots 11
        confidence "90" ok +slots 11
        confidence "90%" ok +slots 11
        value Child ok +slots 11
        content as a list of parts ok
        a whole run with 85: exit [02]""",
    # files of users
    "hostile/08": """date\\.yaml rc=2
        date2\\.yaml rc=2
        loop\\.yaml rc=2
        deep\\.yaml rc=2
        big\\.yaml rc=2
        opt\\.yaml rc=2
        deep\\.json rc=2""",
    "hostile/09": """!rc=[013]""",
    "hostile/23": """rc=2
        train_RGB\\.json""",
    "hostile/24": """nested too deeply
        !rc=[013]""",
    "hostile/25": """--set root=x rc=2
        --set strict=false rc=2
        --set name=x rc=2
        --set fast=true rc=2""",
    "hostile/26": """rc=2
        zz\\.jpg""",
    "hostile/27": """now -> InputError
        today -> InputError
        400 digits -> InputError
        ^InputError .*box""",
    "hostile/39": """counts rc=2
        figures rc=2
        text rc=2
        intervals rc=2""",
    "users/01": """(rc 0|line 2|row 2)
        (line|row) 9
        !row 7""",
    "users/03": """training and evaluation see top \\[25[0-9], 0, 0\\] bottom \\[0, 0, 25[0-9]\\]
        the caption model is sent \\(32, 64\\) orientation (None|1)""",
    "users/04": """is sent as uint8 .*values 0 \\.\\. 255
        !values 255 \\.\\. 255""",
    "users/05": """in the current folder is used: True|are both called captions: say which
        !used: False""",
    "users/06": """home: .*run
        !here: .*~""",
    "users/15": """\\d of 12$
        !error""",
    "users/16": """camera 0
        !fraction""",
    "users/18": """/nowhere/annex
        !is a folder""",
    # runs and weights
    "hostile/10": """after 0\\.5 s: rc=130, 1 lines, traceback=False
        after 1\\.5 s: rc=130, 1 lines, traceback=False
        after 3 s: rc=130, 1 lines, traceback=False""",
    "hostile/11": """^rc=2
        ^rc=0
        go on with --resume""",
    "hostile/12": """extra\\.safetensors are not readable
        rc=2
        cannot access 'PWNED'
        !CODE OF THE ARCHIVE RUNS""",
    "hostile/13": """--json and --html
        rc=2
        !written to same
        cannot open 'same'""",
    "hostile/14": """full/\.?flt.*No space left
        full/g.*No space left
        !rc=[01]""",
    "hostile/18": """rc=2
        a\\.weight holds numbers that are not finite
        !rc=[01]""",
    "hostile/20": """weight is int64, not float32""",
    "hostile/21": """model\\.json identities -1 rc=2 error: c/model\\.json
        model\\.json identities "x" rc=2 error: c/model\\.json
        last\\.json config 5 rc=2 error: c/last\\.json
        last\\.json file 5 rc=2 error: c/last\\.json
        last\\.json epoch "x" rc=2 error: c/last\\.json
        last\\.json step null rc=2 error: c/last\\.json
        log\\.jsonl 5 rc=0 0
        log\\.jsonl .* rc=0 0
        !rc=1""",
    "hostile/29": """random state of 3 bytes -> one line
        no state of the sentences -> one line
        optimiser\\.x\\.step -> one line
        optimiser\\.5 -> one line
        moments of parameter 0 missing -> one line
        moments of another shape -> one line
        file: 5 -> one line
        config: 5 -> one line
        epoch: 'x' -> one line
        step: null -> one line
        sha256: null -> one line
        !accepted""",
    "hostile/30": """rc=0
        rc=2""",
    "hostile/33": """trained on other data.*pictures
        rc=2""",
    "hostile/34": """^700 f$
        ^600 f/
        !^(755|644) """,
    "hostile/35": """--workers: .0. is no whole number
        ^rc=2
        ^rc=0
        !generating\\.json""",
    "hostile/37": """data: workers must be
        rc=2""",
    "hostile/40": """InputError: .*exp_avg is \\(3,\\), not \\(10, 1000\\)
        ^rc=1$
        !distinct weights""",
    "users/11": """^rc 0$
        !error""",
    "users/12": """camera: 0 is gate, 1 is hall, 2 is yard""",
}
MAY_RAISE = ("hostile/20", "hostile/40", "users/05")  # they call Python, which shows our one line below its own


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
    p = subprocess.Popen(["bash", str(cases / name / "run.sh")], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
                         preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # a background job ignores it
    try: out = p.communicate(timeout=seconds)[0]
    except subprocess.TimeoutExpired:
        os.killpg(p.pid, 9)
        out = p.communicate()[0] + f"\nnot done after {seconds} s: Traceback".encode()
    return out.decode(errors="replace"), time.monotonic() - start


def faults(name: str, printed: str) -> list[str]:
    "What an output must have and has not, or has and must not"
    short = name[: name.index("/") + 3]
    rules = [r.strip() for r in TABLE.get(short, "no expectation is written for this case").strip().splitlines()]
    return [r for r in (*rules, "!\x1b", "!command not found|failed to run command", *["!Traceback"] * (short not in MAY_RAISE)) if bool(re.search(r.removeprefix("!"), printed, re.M)) == r.startswith("!")]


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
