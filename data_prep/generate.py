"Write a generated data set in RGBNT201's layout, with captions in the released form"
import argparse
import dataclasses
import sys

from next_reid.cli import run_script
from next_reid.core import override
from next_reid.data.synthetic import SyntheticConfig, generate_dataset

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("root", help="folder to write, new or empty")
ap.add_argument("--kind", choices=("person", "vehicle"), default="person")
ap.add_argument("--seed", type=int, default=0)
ap.add_argument("--workers", type=int, default=2, help="processes")
ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                help="change the world: " + ", ".join(f.name for f in dataclasses.fields(SyntheticConfig)))


def main(args: argparse.Namespace) -> None:
    config = override(SyntheticConfig(kind=args.kind, seed=args.seed), args.set)
    print(generate_dataset(args.root, config, workers=args.workers))


if __name__ == "__main__": sys.exit(run_script(main, ap))
