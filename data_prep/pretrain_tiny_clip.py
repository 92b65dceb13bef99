"Pre-train the tiny CLIP on generated triplets and write its weights, model card and log"
from __future__ import annotations

import sys
import time
from pathlib import Path

from next_reid.problem.core import override
from next_reid.using.commands import File, run_command, Setting, usable_device


def pretrain_tiny_clip(
    *,
    out: File | None = None,  # where the weights go (default: into the package)
    log: File = "nbs/results/tiny_clip_log.csv",  # where the losses go
    device: str | None = None,  # where to compute (default: the GPU if there is one)
    set: list[Setting] = (),  # change a field of PretrainConfig, such as steps=100; may be repeated
) -> None:
    "Pre-train the tiny CLIP on generated triplets and write its weights, model card and log."
    from next_reid.model.text import load_clip, TINY_WEIGHTS
    from next_reid.worlds.tiny_clip import pretrain, PretrainConfig, save_tiny_clip, text_alignment
    config = override(PretrainConfig(), set)
    start = time.time()
    clip, losses = pretrain(config, usable_device(device))
    seconds = time.time() - start
    table = text_alignment(clip, load_clip("tiny", None).tokenizer)
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    losses.to_csv(log, index=False, float_format="%.4f")
    print(table.round(3).to_string())
    print(save_tiny_clip(clip, out or TINY_WEIGHTS, config, table), f"after {seconds / 60:.1f} minutes")


if __name__ == "__main__": sys.exit(run_command(pretrain_tiny_clip, sys.argv[1:], "pretrain_tiny_clip.py", "7_worlds/77_tiny_clip"))
