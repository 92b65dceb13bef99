"Measure captions against the truth of generated worlds: one model, two, and every way to merge what they say"
from __future__ import annotations

import sys
import tempfile
from typing import Annotated, Literal

from next_reid.using.commands import File, Range, run_command


def caption_evidence(
    out: File = "nbs/results/caption_evidence.csv",  # the table to write
    *,
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4),  # of the worlds
    kinds: tuple[Literal["person", "vehicle"], ...] = ("person", "vehicle"),  # what they show
    identities: Annotated[int, Range(4, 1000)] = 40,  # in each half
) -> None:
    "Ask two unlike models about generated worlds, merge in every way, and compare with the truth."
    import pandas as pd
    from next_reid.problem.core import write_whole
    from next_reid.worlds import known_truth
    from next_reid.worlds.synthetic import generate_dataset, SyntheticConfig
    few = {n: known_truth.CAPTION_WAYS[n] for n in ("honest, alone", "honest, paper", "two, paper", "two, calibrated")}
    ways = {"picture": ({}, known_truth.CAPTION_WAYS), "triplet": ({"together": True}, few),
            "triplet, leaning": ({"together": True, "leans": 0.5}, few)}
    tables = {}
    for kind in kinds:
        for seed in seeds:
            with tempfile.TemporaryDirectory() as d:
                generate_dataset(d, SyntheticConfig(kind, train_identities=identities, test_identities=identities,
                                                    per_camera=3, seed=seed))
                for ask, (how, wanted) in ways.items():
                    found = known_truth.caption_evidence(known_truth.ask_world(d, **how), wanted)
                    tables[kind, seed, ask] = found
                    print(kind, seed, ask, found.right.round(3).to_dict(), flush=True)
            table = pd.concat(tables, names=["kind", "seed", "ask"]).reset_index()
            write_whole(out, table.to_csv(index=False, float_format="%.5f"))
    print("written to", out)


if __name__ == "__main__":
    sys.exit(run_command(caption_evidence, sys.argv[1:], "caption_evidence.py", "7_worlds/84_known_truth"))
