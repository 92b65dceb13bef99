"Write a generated data set in the layout of a published one, with captions in the released form"
import argparse
import dataclasses
import sys

from next_reid.using.commands import run_script
from next_reid.problem.core import override
from next_reid.worlds.layouts import LAYOUTS, generate_layout
from next_reid.worlds.synthetic import SyntheticConfig

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("root", help="folder to write, new or empty")
ap.add_argument("--layout", default="RGBNT201", help=f"whose files: RGBNT201, {', '.join(LAYOUTS)} (default: %(default)s)")
ap.add_argument("--kind", choices=("person", "vehicle"), help="what to draw (default: what the layout's set shows)")
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--workers", type=int, default=2, help="processes")
ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                help="change the world: " + ", ".join(f.name for f in dataclasses.fields(SyntheticConfig)))


def main(args: argparse.Namespace) -> None:
    fits = LAYOUTS[args.layout].kind if args.layout in LAYOUTS else "person"
    config = override(SyntheticConfig(kind=args.kind or fits, seed=args.seed), args.set)
    print(generate_layout(args.layout, args.root, config, workers=args.workers))


if __name__ == "__main__": sys.exit(run_script(main, ap))
