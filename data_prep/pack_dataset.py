"Decode and resize the pictures of a data set once, into packed stores that training reads by memory mapping"
import argparse
import dataclasses
import sys

from next_reid.using.commands import run_script
from next_reid.problem.core import override
from next_reid.data.packed import PackedStore, pack_splits
from next_reid.data.records import READERS, open_dataset
from next_reid.data.pictures import TransformConfig

ap = argparse.ArgumentParser(description=__doc__)
ap.add_argument("name", help=f"data set: {', '.join(READERS)}")
ap.add_argument("root", help="folder that holds it")
ap.add_argument("store", help="folder to write: receives train and test")
ap.add_argument("--size", nargs=2, type=int, metavar=("H", "W"), help="height and width in pixels (default: those of published results)")
ap.add_argument("--threads", type=int, default=2, help="pictures decoded at the same time (default: %(default)s)")
ap.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                help="as in the run that will read the store: " + ", ".join(f.name for f in dataclasses.fields(TransformConfig)))


def main(args: argparse.Namespace) -> None:
    splits = open_dataset(args.name, args.root)
    config = override(TransformConfig(size=tuple(args.size or splits.spec.image_size)), args.set)
    folder = pack_splits(splits, config, args.store, args.threads)
    for part in ("train", "test"):
        store = PackedStore(folder / part)
        print(f"{folder / part}: {len(store.rows)} pictures of {store.size[0]} x {store.size[1]}, {store.array.nbytes / 1e6:.0f} MB")


if __name__ == "__main__": sys.exit(run_script(main, ap))
