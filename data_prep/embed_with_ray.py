"""Embed a table of pictures on all machines of a Ray cluster: python data_prep/embed_with_ray.py MODEL TABLE OUT --workers 8

Needs the extra `ray`, and folders that all machines see. OUT is the folder that next_reid embed writes (chapter 8_using/106_search):
parts that are there already are kept, so a run that was stopped goes on when it is given again."""
import argparse


class EmbedParts:
    "One model in each worker; it is loaded once"
    def __init__(self, model, table, out, rows, parts, device):
        from next_reid.using.embedder import Embedder
        self.embedder, self.work = Embedder.load(model, device=device), (table, out, rows, parts)

    def __call__(self, batch):  # numbers of parts
        from next_reid.using.search import embed_table
        table, out, rows, parts = self.work
        made = [embed_table(self.embedder, table, out, shard=(int(n), parts), part_rows=rows, progress=False)
                for n in batch["id"]]
        return {"part": batch["id"], "rows": made}


if __name__ == "__main__":
    ap = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ap.add_argument("model"); ap.add_argument("table"); ap.add_argument("out")
    ap.add_argument("--workers", type=int, default=2, help="models that run at a time")
    ap.add_argument("--gpus", type=float, default=0, help="of each worker")
    ap.add_argument("--part-rows", type=int, default=10_000, help="rows of a part")
    a = ap.parse_args()
    import os, ray
    from next_reid.data.own_table import read_sightings
    parts = -(-len(read_sightings(a.table)) // a.part_rows)
    ray.init()
    if not a.gpus and a.workers >= (cores := ray.cluster_resources().get("CPU", 0)):
        ap.error(f"{a.workers} workers leave Ray none of its {cores:.0f} cores: give fewer --workers")
    places = [os.path.abspath(p) if os.path.exists(p) else p for p in (a.model, a.table)] + [os.path.abspath(a.out)]
    made = ray.data.range(parts, override_num_blocks=parts).map_batches(
        EmbedParts, fn_constructor_args=(*places, a.part_rows, parts, "cuda" if a.gpus else "cpu"), batch_size=1,
        num_gpus=a.gpus, compute=ray.data.ActorPoolStrategy(size=a.workers))
    print(made.sum("rows"), "triplets embedded into", a.out)
