"Pre-train the tiny CLIP on generated triplets, ground it, and write its weights, model card and logs"
from __future__ import annotations

import sys
import time
from pathlib import Path

from next_reid.problem.core import override
from next_reid.using.commands import File, run_command, Setting, usable_device


def pretrain_tiny_clip(
    *,
    start: str | None = None,  # weights to ground: `tiny`, or a file (default: pre-train new ones first)
    out: File | None = None,  # where the weights go (default: into the package, as tiny-grounded)
    log: File = "nbs/results/tiny_clip_log.csv",  # where the losses go; those of grounding: *_grounding.csv
    device: str | None = None,  # where to compute (default: the GPU if there is one)
    set: list[Setting] = (),  # change a field of PretrainConfig, such as steps=100; may be repeated
    ground: list[Setting] = (),  # change a field of GroundConfig, such as steps=100; may be repeated
) -> None:
    "Pre-train the tiny CLIP on generated triplets, ground it, and write its weights, model card and logs."
    from next_reid.model.text import load_clip, PACKAGED
    from next_reid.worlds import tiny_clip as first, tiny_grounding as second
    config, more = override(first.PretrainConfig(), set), override(second.GroundConfig(), ground)
    device, begin, log = usable_device(device), time.time(), Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    if start: clip = load_clip("tiny", start)[0]
    else:
        clip, losses = first.pretrain(config, device)
        losses.to_csv(log, index=False, float_format="%.4f")
    clip, losses = second.ground(clip, more, device)
    losses.to_csv(log.with_name(f"{log.stem}_grounding.csv"), index=False, float_format="%.4f")
    seconds = time.time() - begin
    table, where = first.text_alignment(clip, load_clip("tiny", None).tokenizer), second.clip_grounding(clip)
    print(table.round(3).to_string(), where.round(2).to_string(), sep="\n\n")
    card = second.grounding_card(where, more)
    print(first.save_tiny_clip(clip, out or PACKAGED['tiny-grounded'], config, table, card), f"after {seconds / 60:.1f} minutes")


if __name__ == "__main__": sys.exit(run_command(pretrain_tiny_clip, sys.argv[1:], "pretrain_tiny_clip.py", "7_worlds/80_tiny_clip"))
