"Write a generated data set in the layout of a published one, with captions in the released form"
from __future__ import annotations

import sys
from typing import Annotated, Literal

from next_reid.problem.core import override
from next_reid.using.commands import Folder, Range, run_command, Setting


def generate(
    root: Folder,  # to write, new or empty
    *,
    layout: str = "RGBNT201",  # whose files: that of a published data set
    kind: Literal["person", "vehicle"] | None = None,  # what to draw (default: what the layout's set shows)
    seed: int = 0,  # of the world
    workers: Annotated[int, Range(1, 256)] = 2,  # processes
    set: list[Setting] = (),  # change a field of SyntheticConfig, such as train_identities=100; may be repeated
) -> None:
    "Write a generated data set in the layout of a published one, with captions in the released form."
    from next_reid.worlds.layouts import generate_layout, LAYOUTS
    from next_reid.worlds.synthetic import SyntheticConfig
    fits = LAYOUTS[layout].kind if layout in LAYOUTS else "person"
    config = override(SyntheticConfig(kind=kind or fits, seed=seed), set)
    print(generate_layout(layout, root, config, workers=workers))


if __name__ == "__main__": sys.exit(run_command(generate, sys.argv[1:], "generate.py", "7_worlds/78_layouts"))
