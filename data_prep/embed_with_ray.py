"""Embed a table of pictures on all machines of a Ray cluster: python data_prep/embed_with_ray.py MODEL TABLE OUT --workers 8

Needs the extra `ray`. The output is Parquet, with the columns that next_reid embed writes (chapter 8_using/106_search)."""
import argparse


class EmbedBatch:
    "One model in each worker; it is loaded once"
    def __init__(self, model, device):
        from next_reid.using.embedder import Embedder
        self.embedder = Embedder.load(model, device=device)

    def __call__(self, batch):  # a pandas table of rows as `read_sightings` gives them
        from next_reid.using.embedder import join_embedded
        from next_reid.using.search import as_arrow
        return as_arrow(join_embedded(list(self.embedder.table(batch))))


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("model"); ap.add_argument("table"); ap.add_argument("out")
    ap.add_argument("--workers", type=int, default=2, help="models that run at a time")
    ap.add_argument("--gpus", type=float, default=0, help="of each worker")
    a = ap.parse_args()
    import ray
    from next_reid.data.own_table import read_sightings
    rows = read_sightings(a.table)
    rows["paths"] = [[str(p) if p else None for p in r] for r in rows.paths]
    rows["crops"] = [None if c is None else [list(b) if b else None for b in c] for c in rows.crops]
    data = ray.data.from_pandas(rows).repartition(4 * a.workers)
    data.map_batches(EmbedBatch, fn_constructor_args=(a.model, "cuda" if a.gpus else "cpu"), batch_size=256,
                     batch_format="pandas", num_gpus=a.gpus, compute=ray.data.ActorPoolStrategy(size=a.workers)
                     ).write_parquet(a.out)
    print("written to", a.out)
