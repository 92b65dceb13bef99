"""Kill what writes (training, packing, export, pages, a gallery and more) at random moments, go on, and compare with what was left alone, bit for bit.

`python .github/scripts/kills.py [--times 20] [--only training]`: a line per kind of work; exit status 1 if a byte differs or a part is left.
One process prepares the work and splits off a child for each attempt, so that no time is lost with imports. Kills fall anywhere in the time that
the undisturbed work takes, so before the first checkpoint, too. Training and embedding go on where they were; the others start again with the same
command, and after each kill every folder that they write is there in full, or not at all."""
import argparse
import hashlib
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Callable

import torch

from next_reid.captions.quality import caption_report, report_html
from next_reid.data.caption_files import read_captions
from next_reid.data.packed import pack_splits
from next_reid.problem.core import override, write_whole
from next_reid.training.configuration import RunConfig
from next_reid.training.loop import fit, prepare
from next_reid.using.embedder import Embedder
from next_reid.using.gallery_commands import gallery_add
from next_reid.using.model_commands import explore_command
from next_reid.using.parity import export_model
from next_reid.using.search import embed_table
from next_reid.using.sharing import export_weights
from next_reid.worlds.synthetic import SyntheticConfig, generate_dataset


GO_ON = ("training", "embedding")  # where they were killed


def contents(folder: Path) -> dict[str, str]:
    "Hash of every file, hidden ones too"
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def begin(work: Callable, folder: Path) -> int:
    "A child that works; its process"
    if child := os.fork(): return child
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        folder.mkdir(parents=True, exist_ok=True)
        work(folder)
        status = 0
    except Exception: traceback.print_exc()
    finally: os._exit(status)


def finish(child: int) -> None:
    if os.waitpid(child, 0)[1]: raise SystemExit("the work itself fails: see above")


def halves(calm: Path, often: Path) -> list[str]:
    "Folders with some of their files, or with other content"
    whole, there = contents(calm), {k: v for k, v in contents(often).items() if not any(p[0] == "." for p in Path(k).parts)}
    of = lambda d, names: {k: v for k, v in names.items() if str(Path(k).parent) == d}
    return [d for d in {str(Path(k).parent) for k in there} if of(d, there) != of(d, whole)]


def try_out(name: str, work: Callable, folder: Path, times: int) -> bool:
    "Kill the work so often, and let it end; is the result that of work left alone?"
    calm, often, chosen, kills, rounds = folder / "calm", folder / "often", random.Random(0), 0, 1
    start = time.time()
    finish(begin(work, calm))
    seconds = time.time() - start
    child = begin(work, often)
    while kills < times:
        time.sleep(chosen.uniform(0, seconds))
        if os.waitpid(child, os.WNOHANG)[0]:  # it was done: once more from the beginning
            if contents(often) != contents(calm): return report(name, often, calm, kills)
            shutil.rmtree(often)
            rounds += 1
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            kills += 1
            if name not in GO_ON and halves(calm, often): return report(f"{name}: half written after kill {kills}", often, calm, kills)
        child = begin(work, often)
    finish(child)
    return report(f"{name}: {kills} kills in {rounds} rounds of {seconds:.1f} s", often, calm, kills)


def report(text: str, often: Path, calm: Path, kills: int) -> bool:
    a, b = contents(often), contents(calm)
    differ = sorted(k for k in {**a, **b} if a.get(k) != b.get(k))
    print(f"{text}; {len(b)} files, {'bit-identical' if not differ else 'they differ: ' + ', '.join(differ)}", flush=True)
    return not differ


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--times", type=int, default=20)
    p.add_argument("--only", default="")
    a = p.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as d:
        folder = Path(d)
        generate_dataset(folder / "data", SyntheticConfig(train_identities=4, test_identities=3, seed=7), workers=1)
        settings = ["train.epochs=4", "train.batch=8", "train.instances=2", "train.log_every=1", "train.keep_checkpoints=2"]
        ready = prepare(override(RunConfig(), [f"data.root={folder / 'data'}", *settings]))
        finish(begin(lambda f: fit(ready, f / "run", progress=False), folder / "done"))
        captions = read_captions(folder / "data" / "RGBNT201" / "captions")

        run, table = folder / "done" / "run", folder / "table.csv"
        once = lambda place, write: place.exists() or write(place)
        rows = [",".join(map(str, t.paths)) for t in ready.splits.gallery]
        table.write_text("\n".join(["RGB,NIR,TIR", *rows]))
        finish(begin(lambda f: embed_table(Embedder.load(run), table, f, part_rows=9, progress=False), folder / "vectors"))
        kinds = {
            "training": lambda f: fit(ready, f / "run", resume=True, progress=False),
            "embedding": lambda f: embed_table(Embedder.load(run), table, f / "vectors", part_rows=2, progress=False),
            "sharing": lambda f: once(f / "shared", lambda p: export_weights(run, p)),
            "packing": lambda f: pack_splits(ready.splits, ready.config.transform, f / "store"),
            "report": lambda f: write_whole(f / "card.html", report_html(caption_report(captions, samples=2))),
            "pages": lambda f: once(f / "pages", lambda p: explore_command(run, out=p, device="cpu")),
            "export": lambda f: once(f / "exported", lambda p: export_model(run, p, ["pt2"], identities=4)),
            "gallery": lambda f: once(f / "gallery", lambda p: gallery_add(p, [folder / "vectors"], purpose="a test")),
        }
        good = [try_out(n, work, folder / n, a.times) for n, work in kinds.items() if a.only in n]
    return int(not all(good))


if __name__ == "__main__": sys.exit(main())
