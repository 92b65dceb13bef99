"Take away one part of NEXT at a time, on several generated worlds, and write a table"
import argparse
import sys

from next_reid.ablation import VARIANTS, run_ablation
from next_reid.cli import run_script, usable_device

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("--table", default="nbs/results/ablation.csv", help="CSV of all rows; what it already holds is not run again (default: %(default)s)")
ap.add_argument("--folder", default="runs/ablation", help="where worlds and runs go (default: %(default)s)")
ap.add_argument("--kind", choices=("person", "vehicle"), default="person")
ap.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
ap.add_argument("--variants", nargs="+", default=list(VARIANTS), metavar="NAME", help=", ".join(map(repr, VARIANTS)))
ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="change a field in all of them")
ap.add_argument("--device", default="cpu")


def main(args: argparse.Namespace) -> None:
    run_ablation(args.table, args.folder, args.seeds, args.variants, args.kind, args.set, str(usable_device(args.device)))


if __name__ == "__main__": sys.exit(run_script(main, ap))
