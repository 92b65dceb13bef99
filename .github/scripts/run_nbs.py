"Run notebooks in place: outputs of flagged cells are kept, those of all others are made anew; an error leaves the file as it was"
import argparse
import sys
from pathlib import Path

from execnb.nbio import read_nb, write_nb
from execnb.shell import CaptureShell
from fastcore.xtras import working_directory
from nbdev.config import get_config
from nbdev.process import extract_directives

from test_nbs import wide_tables


def run(path, flags=()):
    cfg = get_config()
    skip = set(cfg.tst_flags.split()) - set(flags)
    path = Path(path).absolute()
    nb = read_nb(path)
    sys.path.insert(0, str(cfg.config_path))
    wide_tables()
    shell = CaptureShell(path, mpl_format="png")

    def left_alone(cell):
        if cell.cell_type != "code": return True
        directives = extract_directives(cell, remove=False)
        if directives.get("eval:", [""])[0].lower() == "false" or skip & directives.keys(): return True
        cell["outputs"] = []
        return False

    with working_directory(path.parent): shell.run_all(nb, exc_stop=True, preproc=left_alone)
    write_nb(nb, path)


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("paths", nargs="+", help="notebooks")
    ap.add_argument("--flags", default="", help="flagged cells to run too, such as 'slow gpu'")
    a = ap.parse_args()
    for p in a.paths: run(p, a.flags.split())
