"Fetch the captions that NEXT and IDEA released, at pinned commits and checked by SHA-256, or copy them from a local folder"
import argparse
import sys
from collections import Counter

from next_reid.data.caption_files import RELEASES, fetch_captions
from next_reid.using.commands import run_script

ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, epilog=(
    "releases:\n" + "".join(f"  {n:10} github.com/{r.repository} at {r.commit[:12]}, {r.licence} licence, {sum(f.size for f in r.files) / 1e6:.0f} MB\n" for n, r in RELEASES.items())
    + "\nexamples:\n  next_reid captions fetch captions\n  next_reid captions fetch captions --only NEXT-ReID --from my_copy\n"
      "  next_reid captions report captions/NEXT-ReID/Annotation_Text/NEXT/201\n\nIt may be repeated: files that are there are checked and not fetched again."))
ap.add_argument("folder", help="where the files go, under the name of their release")
ap.add_argument("--only", action="append", choices=tuple(RELEASES), help="fetch this release alone; may be given several times (default: all)")
ap.add_argument("--from", dest="source", metavar="FOLDER", help="copy from this folder instead of the network: a copy of the repository, or a folder that holds such copies")


def main(args: argparse.Namespace) -> None:
    done = fetch_captions(args.folder, args.only, args.source)
    counts = Counter(done.values())
    print(f"{len(done)} files in {args.folder}, all of them as released: {counts['written']} written, {counts['here already']} here already")


if __name__ == "__main__": sys.exit(run_script(main, ap))
