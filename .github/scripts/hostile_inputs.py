"""What files may hold, and every public reader that meets it: valid content with its values, cells, lines and bytes changed by hypothesis, and plain noise.

Part of hostile.py. A reader gives a value, or raises an `InputError` of one line that names its file; anything else is a finding, and so is a second of work."""
import copy
import io
import json
import math
import os
import shutil
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet  # noqa: F401
import torch
import yaml
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from safetensors.torch import save as save_tensors

from next_reid.captions.agreement import read_attributes
from next_reid.captions.answers import read_body
from next_reid.captions.asking import GenerateConfig
from next_reid.captions.behaviours import BEHAVIOURS, completion_body
from next_reid.captions.grammar import attributes, parse, render
from next_reid.captions.journal import answer_reader, latest, money_spent, read_journal
from next_reid.captions.merging import Calibration, load_calibration
from next_reid.captions.schema import AskConfig, questions
from next_reid.captions.slots import read_value
from next_reid.captions.writing import read_caption
from next_reid.data.caption_files import read_captions
from next_reid.data.own_table import read_sightings, read_table, seconds_of
from next_reid.data.packed import PackedStore
from next_reid.data.pictures import open_picture
from next_reid.data.records import open_dataset
from next_reid.experiments.plans import Condition, Experiment, plan, read_experiment
from next_reid.experiments.sweep import _describe, read_rows, ROW_COLUMNS, Sweep
from next_reid.measuring.result_records import read_result_record
from next_reid.measuring.retrieval import epochs_on_disk
from next_reid.model.weights import read_weights
from next_reid.problem.core import InputError, override, parse_json, read_csv, read_json, read_text, read_yaml
from next_reid.training.checkpoints import read_checkpoint, read_tensors
from next_reid.training.configuration import read_config, RunConfig, to_yaml
from next_reid.training.made_from import read_record
from next_reid.training.tracking import JSONLines
from next_reid.training.trained import model_config
from next_reid.using.commands import main as command
from next_reid.using.embedder import Embedder
from next_reid.using.export import _description, exported_engine
from next_reid.using.gallery import create_gallery, Gallery
from next_reid.using.requests import decode_picture, ServiceLimits
from next_reid.using.routes import make_app
from next_reid.using.search import read_embedded
from next_reid.using.serve import Service
from next_reid.using.threshold import Identification, PairThreshold, read_thresholds, Thresholds, write_thresholds
from next_reid.worlds.layouts import generate_layout, LAYOUTS
from next_reid.worlds.regions import read_regions, read_truth
from next_reid.worlds.synthetic import generate_dataset, SyntheticConfig

ODD = ["", " ", "x", "nan", "NaN", "inf", "-1", "1e999", "0x10", "1,5", "٣", "now", "=1+1", "~", "../x", "/dev/null", "CON", "\x00", "\x1b[2J", "\ud800", "e\u0301", "\u2028", "\r", "a\nb", '"', "'", "[" * 99,
       "{", "{}", "&a *a", "!!python/object:os.system", "<<: *x", "9" * 5000, "x" * 10_000, "2020-13-45", "null", "true", "on", "é" * 300]
SCALARS = st.sampled_from([None, True, False, 0, -1, 10**30, 2**64, 1e308, -0.5, math.nan, math.inf, [], {}, [[]], [None], {"a": 1}, {"": {}}, [0, 0, 0], *ODD]) | st.text(max_size=6) | st.integers() | st.floats()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=5)


class Reader(NamedTuple):
    "Who reads, and from what valid content changed content comes."
    read: Callable[[Any], Any]  # gets a file, or a text if there is none
    kind: str  # of the content: json, lines of json, csv, yaml, text, bytes
    content: bytes
    file: str | None = None  # written before each reading; None: the text itself is what is read
    named: str | None = None  # what an error must name, if not the file; tables name the row


def _places(value: Any, place: tuple = ()) -> list[tuple]:
    "All places in plain data"
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for k, v in pairs for p in ((*place, k), *_places(v, (*place, k)))]


def _change_value(data: Any, draw: Callable) -> Any:
    "One to three places with other values, without, or with other names"
    data = {"": json.loads(json.dumps(data))}
    for _ in range(draw(st.integers(1, 3))):
        places, change = _places(data), draw(st.integers(0, 5))
        *way, last = places[draw(st.integers(0, len(places) - 1))] if places else ("",)
        inner = data
        for k in way: inner = inner[k]
        if change == 0 and way: inner.pop(last)
        elif change == 1 and isinstance(inner, dict) and way: inner[draw(st.sampled_from(ODD))] = inner.pop(last)
        elif change == 2 and isinstance(inner, list): inner.append(inner[last])
        else: inner[last] = copy.deepcopy(draw(VALUES))
    return data.get("")


def _change_bytes(raw: bytes, draw: Callable) -> bytes:
    "Cut, flip, put in, double"
    for _ in range(draw(st.integers(1, 3))):
        at, change = draw(st.integers(0, len(raw))), draw(st.integers(0, 4))
        if change == 0: raw = raw[:at]
        elif change == 1 and at < len(raw): raw = raw[:at] + bytes([raw[at] ^ draw(st.integers(1, 255))]) + raw[at + 1:]
        elif change == 2: raw = raw[:at] + draw(st.binary(max_size=9)) + raw[at:]
        elif change == 3: raw = raw[:at] + draw(st.sampled_from(ODD)).encode(errors="surrogatepass") + raw[at:]
        else: raw += raw[at: at + 200]
    return raw


def _change_cells(raw: bytes, draw: Callable) -> bytes:
    "Cells with other content, and rows with a cell too many or too few"
    rows = [line.split(",") for line in raw.decode().splitlines()]
    for _ in range(draw(st.integers(1, 3))):
        row = rows[draw(st.integers(0, len(rows) - 1))]
        at, change = draw(st.integers(0, max(len(row) - 1, 0))), draw(st.integers(0, 7))
        if change == 0: row.append(draw(st.sampled_from(ODD)))
        elif change == 1 and row: row.pop(at)
        elif row: row[at] = draw(st.sampled_from(ODD) | st.text(max_size=5) | st.integers().map(str) | st.floats().map(str))
    return "\n".join(map(",".join, rows)).encode(errors="surrogatepass")


@lru_cache(maxsize=8)
def _parsed(content: bytes, kind: str) -> Any: return yaml.safe_load(content) if kind == "yaml" else json.loads(content)


@st.composite
def contents(draw: Callable, reader: Reader) -> bytes:
    "What its file holds instead"
    kind, how = reader.kind, draw(st.integers(0, 9))
    if how == 0: return draw(st.binary(max_size=99) | st.text(max_size=40).map(lambda s: s.encode(errors="surrogatepass")))
    if how == 1 or kind in ("bytes", "text"): return _change_bytes(reader.content, draw)
    if kind == "csv": return _change_cells(reader.content, draw)
    if kind == "lines":
        lines = reader.content.splitlines()
        at = draw(st.integers(0, len(lines) - 1))
        lines[at] = json.dumps(_change_value(json.loads(lines[at]), draw)).encode()
        return b"\n".join(lines)
    changed = _change_value(_parsed(reader.content, kind), draw)
    if how == 2 and kind == "yaml": return yaml.safe_dump(changed, allow_unicode=True).encode(errors="surrogatepass")
    return json.dumps(changed, ensure_ascii=how % 2 == 0).encode(errors="surrogatepass")


def probe(reader: Reader, folder: Path, inputs: int, seconds: float = 1.0) -> dict[str, tuple[str, str]]:
    "Kind of finding -> what was said, and the first input that led to it"
    found: dict[str, tuple[str, str]] = {}

    def once(raw: bytes) -> None: reader.read(folder / reader.file if reader.file else raw.decode(errors="replace"))

    def read(raw: bytes, refusal: bool = True) -> None:
        if reader.file: (folder / reader.file).write_bytes(raw)
        start, what, told = time.process_time(), None, ""
        try: once(raw)
        except InputError as e:
            told = str(e)
            if reader.file and (Path(reader.file).name if reader.named is None else reader.named) not in told: what = "names no file: " + told[:25]
            if "\n" in told: what = "more than a line: " + told[:25]
            if not refusal: what = "valid content is refused"
        except Exception as e:
            told, frames = repr(e), traceback.extract_tb(e.__traceback__)
            last = [*frames, *(f for f in frames if "next_reid" in f.filename)][-1]
            what = f"{type(e).__name__} in {Path(last.filename).name}:{last.lineno}"
        if refusal and time.process_time() - start > seconds:  # twice: once may be a collection of garbage
            start = time.process_time()
            with suppress(Exception): once(raw)
            if time.process_time() - start > seconds: what = "slow"
        if what: found.setdefault(what, (told[-300:], repr(raw[:300])))

    @settings(max_examples=inputs, deadline=None, database=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(contents(reader))
    def every(raw: bytes) -> None: read(raw)

    read(reader.content, refusal=False)
    every()
    return found


def _run_files() -> None:
    "What commands make of the run: a result record, a packed store"
    for argv in (["evaluate", "run", "--record", "records"], ["pack", "RGBNT201", "data", "packed"]):
        if command(argv): raise RuntimeError(f"{argv} failed")


def readers(work: Path, layouts: Sequence[str] = ("RGBNT201", *LAYOUTS)) -> dict[str, Reader]:
    "All of them, with valid content; `work` holds `data`, `run`, `vectors` and is the current folder"
    _run_files()
    names = sorted(p.name for p in (work / "data/RGBNT201/test/RGB").iterdir())[::4]
    cells = "rgb,nir,tir,identity,camera,time,rgb_box,caption_RGB,split\n" + "".join(
        f"{','.join(f'data/RGBNT201/test/{m}/{name}' for m in ('RGB', 'NI', 'TI'))},{name[:6]},{n % 2},2026-11-29T15:47:0{n},0 0 8 8,A man.,{'train' if name[:6] == names[0][:6] else 'test'}\n"
        for n, name in enumerate(names))
    (work / "calibration").touch()
    Calibration({"": {"age": ((0.0, 50.0, 100.0), (0.1, 0.5, 0.9))}}, "stated").save(work / "calibration", pd.DataFrame({"a": [1.0]}))
    pair = PairThreshold(0.5, 0.2, (0.01, 0.0, 0.02), (0.1, 0.0, 0.2), math.nan, 9.0, -4.0, 20, 300)
    write_thresholds(Thresholds("x", 0.01, 0.05, "camera", 9, {"all": pair}, Identification(4, 0.5, (0.1, 0, 0.2), (0.1, 0, 0.2), 0.3), ("a note",)), work / "thresholds")
    ask = AskConfig()
    answer = json.dumps({s: {"value": w[0], "visible": True, "confidence": 80} for s, w in questions(ask, "RGB").items()})
    journal = "".join(json.dumps({"key": f"k{n}", "item": "a.jpg", "image": "0" * 9, "modality": "RGB", "model": "m", "prices": [1, 2, 0.5], "body": b.spoil(answer)[1]}) + "\n"
                      for n, b in enumerate((BEHAVIOURS["plain"], BEHAVIOURS["parts"], BEHAVIOURS["a limit, status 200"])))
    create_gallery(work / "small gallery", 3, "x").db.close()
    rows = ",".join(ROW_COLUMNS) + "\n" + ",".join("0.5" if c in ("mAP", "rank1", "seconds") else "1" for c in ROW_COLUMNS) + "\n"
    written = "recipe: synthetic_person\nseeds: [0, 1]\nvariants: {whole: [], none: [data.captions=null]}\nconditions: {none: {captions: none}}\n"
    caption = json.loads((work / "data/RGBNT201/captions/test_RGB.json").read_text())[0]["description"]
    of = lambda path: (work / path).read_bytes()
    tensors = save_tensors({"a.weight": torch.zeros(2, 3), "b": torch.ones(2, dtype=torch.int64)})
    index = str(next((work / "packed").rglob("index.json")).relative_to(work))
    record, step = next((work / "records").glob("*.json")).relative_to(work), sorted((work / "run").glob("step_*.json"))[-1].relative_to(work)

    def journalled(path: Path) -> None:
        records = read_journal(path)[0]
        money_spent(records, (1, 1, 1)), latest(records, answer_reader(ask, any_prompt=True))

    def embedded(path: Path) -> None: list(read_embedded(path.parent))

    def as_parquet(path: Path) -> None:
        "Columns of JSON as a part of vectors; what no Parquet file can hold is no input"
        def column(name: str, values: Any) -> pa.Array:
            kind = pa.list_(pa.float32(), wide) if name == "vector" else schema.field(name).type if name in schema.names else None
            with suppress(pa.ArrowException, TypeError, ValueError, OverflowError): return pa.array(values, kind)
            return pa.array(values)
        try: pa.parquet.write_table(pa.table({n: column(n, v) for n, v in json.loads(path.read_text()).items()}), path.parent / "part-000000.parquet")
        except (pa.ArrowException, ValueError, TypeError, AttributeError, OverflowError, UnicodeError, RecursionError): return
        embedded(path)

    def exported(path: Path) -> None: Embedder(exported_engine(lambda *x: torch.zeros(1, 8), _description(path.with_suffix("")))).table

    def reader_of(name: str) -> Callable[[str], Any]:
        "A benchmark in a folder that holds a file of this name, too"
        part = work / "layouts" / name
        folder = next(p for p in sorted(part.rglob("*")) if p.is_dir() and "regions" not in p.parts and any(f.suffix == ".jpg" for f in p.iterdir()))

        def read(text: str) -> None:
            if "/" in text or os.path.exists(folder / text): return  # another folder's file, or the valid name
            try: (new := folder / text).write_bytes(b"x")
            except (OSError, ValueError): return  # no name of a file
            try: open_dataset(name, part.parent)
            finally: new.unlink()
        return read

    def cell_of(path: Path) -> None: Sweep({"t": experiment}, work, path.parents[2]).write()

    def service_says(text: str) -> None:
        "A body that is sent to every route"
        for route in ("embed", "search", "enrol", "delete"):
            answer = client.post(f"/{route}", content=text.encode(errors="replace"), headers={"content-type": "application/json"})
            if answer.status_code >= 500: raise RuntimeError(f"{route}: {answer.status_code} {answer.text[:200]}")

    for name in ("other", "exported"): (work / name).mkdir()
    client = TestClient(make_app(Service(Embedder.load("run"), work / "served"), hosts=["testserver"]), raise_server_exceptions=False).__enter__()
    shown = open_dataset("RGBNT201", "data").gallery[0]
    label = str(Path("data/RGBNT201/regions", *shown.paths[0].parts[-3:]).with_suffix(".png"))
    experiment = Experiment({"full": []}, {"own": Condition()}, seeds=(0,), base=("train.epochs=1",))
    cell, = plan("t", experiment)
    kinds = {c: 0.5 if c in ("mAP", "rank1", "rank5", "rank10", "mINP", "seconds", "cpu_seconds") else 0 if c in ("seed", "draw") else "x" for c in ROW_COLUMNS}
    finished = json.dumps(dict(run=cell.run.name, mark=cell.mark, cell=_describe(cell), rows=[kinds], versions={})).encode()
    model = json.loads(of("run/model.json"))
    about = dict(sha256="0", precision="float32", feature="full", weights=model["sha256"], text=None, text_encoder=None, config=model["config"])
    shutil.copytree(work / "vectors", work / "few")
    (work / "few/_embedding.json").write_text(json.dumps({**json.loads(of("vectors/_embedding.json")), "rows": 3, "width": 4}))
    schema, wide = pa.parquet.read_schema(work / "vectors/part-000000.parquet"), 4
    part = {n: [v[:4] if n == "vector" else v for v in column] for n, column in pa.parquet.read_table(work / "vectors/part-000000.parquet").slice(0, 3).to_pydict().items()}
    for name in layouts: generate_layout(name, work / "layouts", SyntheticConfig(kind=LAYOUTS[name].kind if name in LAYOUTS else "person", train_identities=2, test_identities=2, per_camera=2), workers=1)
    return {
        "core.read_text": Reader(read_text, "text", cells.encode(), "a.txt"), "core.read_json": Reader(read_json, "json", of("run/model.json"), "a.json"),
        "core.read_yaml": Reader(read_yaml, "yaml", written.encode(), "a.yaml"), "core.read_csv": Reader(read_csv, "csv", cells.encode(), "a.csv"),
        "core.parse_json": Reader(lambda t: parse_json(t, "it"), "text", answer.encode()), "core.override": Reader(lambda t: override(RunConfig(), [t]), "text", b"model.tmse.experts=6"),
        "read_config": Reader(read_config, "yaml", to_yaml(RunConfig()).encode(), "c.yaml"), "read_checkpoint": Reader(read_checkpoint, "json", of(step), "step.json"),
        "epochs_on_disk": Reader(lambda p: epochs_on_disk(p.parent), "json", of(step), "other/step_0000001.json"), "read_record": Reader(read_record, "json", of("run/data.json"), "d.json"),
        "model_config": Reader(lambda p: model_config(p.parent), "json", of("run/model.json"), "other/model.json"), "read_tensors": Reader(read_tensors, "bytes", tensors, "t.safetensors"),
        "read_weights": Reader(read_weights, "bytes", tensors, "w.safetensors"), "open_picture": Reader(open_picture, "bytes", next((work / "data/RGBNT201/test/RGB").iterdir()).read_bytes(), "p.jpg"),
        "read_table": Reader(read_table, "csv", cells.encode(), "own.csv", ""), "read_table, Parquet": Reader(read_table, "bytes", pd.read_csv(io.StringIO(cells), dtype=str).to_parquet(), "own.parquet", ""),
        "read_sightings": Reader(read_sightings, "csv", cells.encode(), "own.csv", ""), "seconds_of": Reader(seconds_of, "text", b"2026-11-29T15:47:15Z"),
        "read_captions": Reader(lambda p: read_captions(p.parent), "json", of("data/RGBNT201/captions/test_RGB.json"), "data/RGBNT201/captions/test_RGB.json"),
        "PackedStore": Reader(lambda p: PackedStore(p.parent), "json", of(index), index, "packed"),
        "read_result_record": Reader(read_result_record, "json", of(record), "r.json"), "read_rows": Reader(read_rows, "csv", rows.encode(), "rows.csv"),
        "read_experiment": Reader(read_experiment, "yaml", written.encode(), "plan.yaml"), "load_calibration": Reader(load_calibration, "json", of("calibration"), "calibration.json"),
        "read_journal": Reader(journalled, "lines", journal.encode(), "j.jsonl"), "read_body": Reader(lambda t: read_body(t, ask, "RGB"), "json", completion_body(answer).encode()),
        "read_body, the answer": Reader(lambda t: read_body(completion_body(t), ask, "RGB"), "json", answer.encode()), "read_caption": Reader(lambda t: read_caption(t, {"age": "adult"}, "person"), "json", completion_body(caption).encode()),
        "parse": Reader(lambda t: (attributes(p := parse(t, "person"), "person"), np.testing.assert_equal(render(p), t)), "text", caption.encode()),
        "GenerateConfig": Reader(lambda t: override(GenerateConfig(model="m"), [t]), "text", b"per_minute=30"),
        "read_thresholds": Reader(read_thresholds, "json", of("thresholds"), "t.json"), "read_embedded": Reader(embedded, "json", of("vectors/_embedding.json"), "vectors/_embedding.json", "vectors"),
        "read_embedded, a part": Reader(embedded, "bytes", of("vectors/part-000000.parquet"), "vectors/part-000000.parquet", "vectors"),
        "read_embedded, columns": Reader(as_parquet, "json", json.dumps(part).encode(), "few/columns.json", "few"),
        "open_exported": Reader(exported, "json", json.dumps(about).encode(), "exported/next.onnx.json"), "read_truth": Reader(lambda p: read_truth(p.parent), "json", of("data/RGBNT201/truth.json"), "data/RGBNT201/truth.json"),
        "Sweep, a finished cell": Reader(cell_of, "json", finished, f"sweep/{cell.path}"), "the service": Reader(service_says, "json", json.dumps({"triplets": [{"key": "a", "rgb": "x"}], "k": 3, "filter": {"cameras": ["a"]}}).encode()),
        "JSONLines": Reader(lambda p: JSONLines(p, 1).start(RunConfig()), "lines", of("run/log.jsonl"), "log.jsonl"), "read_regions": Reader(lambda p: read_regions(shown), "bytes", of(label), label, Path(label).name),
        "read_attributes": Reader(lambda t: read_attributes(pd.DataFrame({"caption": [t]}), "person"), "text", caption.encode()), "read_value": Reader(lambda t: read_value("person", "upper", t), "text", b"T-shirt"),
        **{f"names of {name}": Reader(reader_of(name), "text", next(p.name for p in sorted((work / "layouts" / name).rglob("*.jpg")) if "regions" not in p.parts).encode()) for name in layouts},
        "Gallery": Reader(lambda p: Gallery(p.parent).db.close(), "bytes", of("small gallery/rows.sqlite"), "small gallery/rows.sqlite", "small gallery"),
        "generate_dataset": Reader(lambda p: generate_dataset(p.parents[1], SyntheticConfig(train_identities=2, test_identities=2, seed=7)), "json", of("data/RGBNT201/generated.json"), "data/RGBNT201/generated.json", "RGBNT201"),
        "decode_picture": Reader(lambda t: decode_picture(t, ServiceLimits()), "text", b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    }
