"Pre-train the tiny CLIP on generated triplets and write its weights, model card and log"
import argparse
import dataclasses
import sys
import time
from pathlib import Path

import torch

from next_reid.using.commands import run_script, usable_device
from next_reid.problem.core import override
from next_reid.model.text import TINY_WEIGHTS, load_clip
from next_reid.worlds.tiny_clip import PretrainConfig, pretrain, save_tiny_clip, text_alignment

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("--out", default=TINY_WEIGHTS, help="where the weights go (default: into the package)")
ap.add_argument("--log", default="nbs/results/tiny_clip_log.csv", help="where the losses go")
ap.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                help="change the recipe: " + ", ".join(f.name for f in dataclasses.fields(PretrainConfig)))


def main(args: argparse.Namespace) -> None:
    config = override(PretrainConfig(), args.set)
    start = time.time()
    clip, log = pretrain(config, usable_device(args.device))
    seconds = time.time() - start
    table = text_alignment(clip, load_clip("tiny", None).tokenizer)
    Path(args.log).parent.mkdir(parents=True, exist_ok=True)
    log.to_csv(args.log, index=False, float_format="%.4f")
    command = " ".join(["python data_prep/pretrain_tiny_clip.py", *(f"--set {s}" for s in args.set)])
    print(table.round(3).to_string())
    print(save_tiny_clip(clip, args.out, config, table, seconds, command), f"after {seconds / 60:.1f} minutes")


if __name__ == "__main__": sys.exit(run_script(main, ap))
