"""Compare engines that could hold a gallery: size, rows a second, time of a query, exactness, filters, deletions

All run in this process, so times are processor seconds: other work on the machine does not count."""
from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from next_reid.problem.core import InputError, write_whole
from next_reid.using.commands import File, Range, run_command

K, BLOCK = 10, 1000  # answers a query; rows that are added at a time


class OnDisk:
    "The gallery of this project"
    needs: Sequence[str] = ()

    def __init__(self, place: Path, width: int):
        from next_reid.using.gallery import create_gallery
        self.gallery = create_gallery(place / "gallery", width, "m")

    def add(self, numbers: Sequence[int], cameras: Sequence[str], v: np.ndarray) -> None:
        from next_reid.using.gallery_protocol import Row
        self.gallery.add([Row(str(i), camera=c) for i, c in zip(numbers, cameras)], v, "m")

    def find(self, q: np.ndarray, camera: str | None, rows: np.ndarray) -> list[int]:
        from next_reid.using.gallery_protocol import GalleryFilter
        where = GalleryFilter(cameras=(camera,)) if camera else None
        return self.gallery.search(q, K, filter=where)[0].key.astype(int).tolist()

    def delete(self, numbers: Sequence[int]) -> None: self.gallery.delete(keys=[str(i) for i in numbers])


class Milvus(OnDisk):
    "Milvus's small form, through the same protocol"
    needs = ("pymilvus", "milvus-lite")

    def __init__(self, place: Path, width: int):
        from next_reid.using.beyond_one_machine import create_server_gallery
        self.gallery = create_server_gallery(str(place / "m.db"), "g", width, "m")


class Faiss:
    "A flat index in memory: it keeps numbers, so a filter is a list of them"
    needs = ("faiss-cpu",)

    def __init__(self, place: Path, width: int):
        import faiss
        self.faiss, self.index = faiss, faiss.IndexIDMap2(faiss.IndexFlatIP(width))

    def add(self, numbers: Sequence[int], cameras: Sequence[str], v: np.ndarray) -> None:
        self.index.add_with_ids(v, np.array(numbers))

    def find(self, q: np.ndarray, camera: str | None, rows: np.ndarray) -> list[int]:
        how = {"params": self.faiss.SearchParameters(sel=self.faiss.IDSelectorBatch(rows))} if camera else {}
        return self.index.search(q[None], K, **how)[1][0].tolist()

    def delete(self, numbers: Sequence[int]) -> None: self.index.remove_ids(np.array(numbers))


class Qdrant:
    "Qdrant's client without a server, on disk"
    needs = ("qdrant-client",)

    def __init__(self, place: Path, width: int):
        from qdrant_client import models, QdrantClient
        self.models, self.client = models, QdrantClient(path=str(place / "qdrant"))
        kind = models.VectorParams(size=width, distance=models.Distance.DOT)
        self.client.create_collection("g", vectors_config=kind)

    def add(self, numbers: Sequence[int], cameras: Sequence[str], v: np.ndarray) -> None:
        point = self.models.PointStruct
        self.client.upsert("g", [point(id=i, vector=x.tolist(), payload={"camera": c})
                                 for i, c, x in zip(numbers, cameras, v)])

    def find(self, q: np.ndarray, camera: str | None, rows: np.ndarray) -> list[int]:
        m, where = self.models, None
        if camera: where = m.Filter(must=[m.FieldCondition(key="camera", match=m.MatchValue(value=camera))])
        return [p.id for p in self.client.query_points("g", q.tolist(), limit=K, query_filter=where).points]

    def delete(self, numbers: Sequence[int]) -> None: self.client.delete("g", list(numbers))


ENGINES = {"gallery": OnDisk, "faiss": Faiss, "milvus": Milvus, "qdrant": Qdrant}


def needed(names: Iterable[str]) -> dict[str, metadata.Distribution]:
    "Packages and all that they require. Raises `InputError` for one that is not installed."
    from packaging.requirements import Requirement
    found, todo = {}, list(names)
    for name in todo:  # grows
        try: d = metadata.distribution(name)
        except metadata.PackageNotFoundError as e:
            raise InputError(f"{name} is not installed: pip install {name}") from e
        found[d.name.lower().replace("_", "-")] = d
        asked = [Requirement(r) for r in d.requires or ()]
        more = [r.name.lower().replace("_", "-") for r in asked if not r.marker or r.marker.evaluate({"extra": ""})]
        todo += [n for n in dict.fromkeys(more) if n not in todo]
    return found


def added_size(names: Sequence[str]) -> float:
    "Megabytes that an installation of this project with search grows by"
    have = needed(["next_reid", "pyarrow", "scikit-learn"])
    files = [f.locate() for n, d in needed(names).items() if n not in have for f in d.files or ()]
    return sum(Path(f).stat().st_size for f in files if Path(f).is_file() and Path(f).suffix != ".pyc") / 1e6


def fill(engine: object, v: np.ndarray, cameras: Sequence[str], seconds: float) -> tuple[int, float]:
    "Add rows until all are there or the processor time is over: how many, and how many a second"
    start, done = time.process_time(), 0
    while done < len(v) and time.process_time() - start < seconds:
        part = range(done, min(done + BLOCK, len(v)))
        engine.add(part, [cameras[i] for i in part], v[part.start:part.stop])
        done = part.stop
    return done, done / (time.process_time() - start)


def ask(engines: dict, v: np.ndarray, q: np.ndarray, cameras: np.ndarray, there: dict, camera: str | None) -> dict:
    "Ask all engines in turns: recall against the matrix product, milliseconds of a query (median)"
    may = np.flatnonzero(cameras == camera) if camera else np.arange(len(v))
    of = {name: may[may < n] for name, n in there.items()}
    took, hits = ({name: [] for name in engines} for _ in range(2))
    for i, x in enumerate(np.r_[q[:1], q]):
        for name, engine in engines.items():
            start = time.process_time()
            found = engine.find(x, camera, of[name])
            if not i: continue  # to warm up
            took[name].append(time.process_time() - start)
            best = of[name][np.argsort(-(v[of[name]] @ x))[:K]]
            hits[name].append(len({*found} & {*best.tolist()}) / K)
    return {n: (np.mean(hits[n]), 1e3 * np.median(took[n])) for n in engines}


def compare_engines(
    out: File = "nbs/results/engines.csv",  # the table to write
    *,
    only: list[Literal["gallery", "faiss", "milvus", "qdrant"]] = (),  # may be repeated (default: all)
    rows: Annotated[int, Range(1000)] = 20_000,  # vectors
    width: Annotated[int, Range(2)] = 768,  # numbers of each
    queries: Annotated[int, Range(1)] = 100,  # asked one by one
    seconds: Annotated[int, Range(1)] = 60,  # of the processor, for adding to each engine
) -> None:
    "Ask engines the same: random vectors, one of four cameras as a filter, and 100 deletions."
    import pandas as pd
    rng, table = np.random.default_rng(0), []
    v = rng.normal(size=(rows + queries, width)).astype(np.float32)
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    v, q, cameras = v[:rows], v[rows:], np.array([f"cam{i % 4}" for i in range(rows)])
    sizes = {name: added_size(ENGINES[name].needs) for name in only or ENGINES}
    with tempfile.TemporaryDirectory() as d:
        engines = {name: ENGINES[name](Path(d), width) for name in sizes}
        filled = {name: fill(e, v, cameras.tolist(), seconds) for name, e in engines.items()}
        there = {name: n for name, (n, _) in filled.items()}
        every, one = (ask(engines, v, q, cameras, there, c) for c in (None, "cam1"))
        for name, e in engines.items():
            e.delete(gone := range(0, 1000, 10))
            left = sum(i in gone for x in v[gone] for i in e.find(x, None, None))
            version = " and ".join(f"{p} {metadata.version(p)}" for p in e.needs)
            table.append((name, version, sizes[name], *filled[name], *every[name], *one[name], left))
    columns = ["engine", "packages", "MB", "rows", "rows/s", "recall", "ms", "recall filtered", "ms filtered",
               "deleted found"]
    found = pd.DataFrame(table, columns=columns)
    print(found.round(3).to_string(index=False))
    print("written to", write_whole(out, found.to_csv(index=False, float_format="%.4g")))


if __name__ == "__main__":
    sys.exit(run_command(compare_engines, sys.argv[1:], "compare_engines.py", "8_using/112_beyond_one_machine"))
