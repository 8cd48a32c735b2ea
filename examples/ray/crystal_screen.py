"""Ray Data screens crystals: a pool of long-lived workers, one part out for each row group (or file of JSON lines) in.

    python crystal_screen.py candidates/*.parquet -o out --model formation-energy --id material_id --workers 64

A worker is an actor that keeps `crystal-onnx screen --stdio` running, or with `--engine onnxruntime` a session on a file that was
exported with `--geometry in-graph`. What is finished is a file with its final name: run the same command again after whatever
happened, and only the parts that are missing are made. Crystals that fail are rows with an error.
"""

import argparse
import hashlib
import json
import os
import shlex
import subprocess
import uuid

import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ["lattice", "frac", "numbers"]
BATCH = 256
SCHEMA = pa.schema(
    [("id", pa.string()), ("value", pa.float64()), ("low", pa.float64()), ("high", pa.float64())]
    + [("domain", pa.bool_()), ("score", pa.float64()), ("error_code", pa.string()), ("error", pa.string())]
)


class NodeWorker:
    """`crystal-onnx screen --stdio` as a process that is asked in lines, and started again when it dies."""

    def __init__(self, command, model):
        self.command = [*shlex.split(command), "screen", "--stdio", "--workers", "1", "--model", model]
        self.process = None

    def predict(self, crystals):
        for attempt in range(3):
            try:
                return self.ask(crystals)
            except (OSError, ValueError):
                self.close()
        lost = {"code": "WORKER", "message": "three processes died on this batch; try its crystals one by one"}
        return [{"error": lost} for _ in crystals]

    def ask(self, crystals):
        if self.process is None:
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(self.command, text=True, **pipes)
        self.process.stdin.write(json.dumps({"id": 0, "structures": crystals}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())["results"]

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = None


class OnnxWorker:
    """onnxruntime alone, on a file of `--geometry in-graph`: see examples/python/predict.py."""

    def __init__(self, _command, model):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options)
        self.card = json.loads(self.session.get_modelmeta().custom_metadata_map["crystal-onnx.card"])

    def predict(self, crystals):
        return [self.one(crystal) for crystal in crystals]

    def one(self, crystal):
        import numpy as np

        try:
            lattice, frac = np.array(crystal["lattice"], np.float32), np.array(crystal["frac"], np.float32)
            spacing = 1 / np.linalg.norm(np.linalg.inv(lattice), axis=0)
            reach = np.floor(self.card["geometry"]["images"]["radius"] / spacing + 0.5)
            grid = np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij")
            species = np.array([[self.card["elements"].index(z) for z in crystal["numbers"]]], np.int32)
            feeds = {"species": species, "atom_mask": np.ones(species.shape, np.float32)}
            feeds |= {"translations": np.stack(grid, -1).reshape(-1, 3).astype(np.float32)}
            feeds |= {"frac": frac[None] % 1, "lattice": lattice[None]}
            return {"value": float(self.session.run(["prediction"], feeds)[0][0][0])}
        except (ValueError, TypeError, KeyError, np.linalg.LinAlgError) as error:
            return {"error": {"code": "STRUCTURE", "message": str(error)}}


class Screener:
    """What an actor does with a part: read, predict, write under a temporary name, flush, rename."""

    def __init__(self, args):
        self.args = args
        workers = {"node": NodeWorker, "onnxruntime": OnnxWorker}
        self.worker = workers[args["engine"]](args["command"], args["model"])

    def __call__(self, batch):
        counts = [self.screen(str(part), str(file), int(group)) for part, file, group in zip(batch["part"], batch["file"], batch["group"])]
        return {"part": batch["part"], "rows": [rows for rows, _ in counts], "failed": [failed for _, failed in counts]}

    def screen(self, part, file, group):
        path = os.path.join(self.args["output"], part)
        temporary = f"{path}.{uuid.uuid4().hex[:8]}.tmp"
        rows, failed = 0, 0
        try:
            with pq.ParquetWriter(temporary, SCHEMA.with_metadata({"model": self.args["model"]})) as writer:
                for ids, crystals in batches(file, group, self.args["id"]):
                    answers = [flat(name, answer) for name, answer in zip(ids, self.worker.predict(crystals))]
                    writer.write_table(pa.Table.from_pylist(answers, SCHEMA))
                    rows += len(answers)
                    failed += sum(answer["error"] is not None for answer in answers)
            with open(temporary, "rb") as written:
                os.fsync(written.fileno())
            os.replace(temporary, path)
        finally:
            if os.path.exists(temporary):
                os.remove(temporary)
        return rows, failed


def flat(name, answer):
    interval, domain = answer.get("interval") or {}, answer.get("domain") or {}
    error = answer.get("error") or {}
    ends = {end: (interval.get(end) or [None])[0] for end in ("low", "high")}
    trust = {"domain": domain.get("inside"), "score": domain.get("score")}
    failure = {"error_code": error.get("code"), "error": error.get("message")}
    return {"id": name, "value": answer.get("value"), **ends, **trust, **failure}


def batches(file, group, id_column):
    """Ids and crystals of a row group, or of a file of JSON lines, a few hundred at a time; ids are file#row without a column."""
    if not file.endswith(".parquet"):
        with open(file, encoding="utf8") as lines:
            rows = []
            for n, line in enumerate(line for line in lines if line.strip()):
                try:
                    row = json.loads(line)
                except ValueError:
                    row = None
                name = row.get(id_column) if id_column and isinstance(row, dict) else None
                rows.append((f"{file}#{n}" if name is None else str(name), row))
                if len(rows) == BATCH:
                    yield tuple(map(list, zip(*rows)))
                    rows = []
            if rows:
                yield tuple(map(list, zip(*rows)))
        return
    parquet = pq.ParquetFile(file)
    start = sum(parquet.metadata.row_group(g).num_rows for g in range(group))
    columns = COLUMNS + ([id_column] if id_column else [])
    for table in parquet.iter_batches(BATCH, row_groups=[group], columns=columns):
        rows = table.to_pylist()
        yield (
            [str(row[id_column]) if id_column else f"{file}#{start + n}" for n, row in enumerate(rows)],
            [{name: row[name] for name in COLUMNS} for row in rows],
        )
        start += len(rows)


def parts_of(files):
    for f, file in enumerate(files):
        groups = pq.ParquetFile(file).num_row_groups if file.endswith(".parquet") else 1
        for group in range(groups):
            yield {"part": f"part-{f:06d}-{group:04d}.parquet", "file": os.path.abspath(file), "group": group}


def agree(args):
    """A folder is of one model and one list of inputs."""
    model = args["model"]
    digest = hashlib.sha256(open(model, "rb").read()).hexdigest() if os.path.exists(model) else model
    said = {"model": digest, "engine": args["engine"], "inputs": [[os.path.basename(f), os.path.getsize(f)] for f in args["inputs"]]}
    path = os.path.join(args["output"], "screen.json")
    if not os.path.exists(path):
        with open(f"{path}.tmp", "w") as file:
            json.dump(said, file)
        os.replace(f"{path}.tmp", path)
    with open(path) as file:
        if json.load(file) != said:
            raise SystemExit(f"{args['output']} was begun with another model or other inputs; choose a new folder")


def tidy(folder):
    """What actors left that were killed while they wrote."""
    for name in os.listdir(folder):
        if name.endswith(".tmp"):
            os.remove(os.path.join(folder, name))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("inputs", nargs="+", help=".parquet with lattice, frac, numbers, or JSON lines of them")
    parser.add_argument("-o", "--output", required=True, help="folder for the parts, seen by all machines")
    parser.add_argument("--model", default="formation-energy")
    parser.add_argument("--id", help="column with the ids")
    parser.add_argument("--workers", type=int, default=4, help="actors at most, a core each")
    parser.add_argument("--engine", choices=["node", "onnxruntime"], default="node")
    parser.add_argument("--command", default="crystal-onnx", help="how the command line is started")
    args = vars(parser.parse_args())
    args["output"] = os.path.abspath(args["output"])
    os.makedirs(args["output"], exist_ok=True)
    agree(args)
    tidy(args["output"])
    todo = [part for part in parts_of(args["inputs"]) if not os.path.exists(os.path.join(args["output"], part["part"]))]
    rows, failed = 0, 0
    if todo:
        import ray
        import ray.data

        # Ray binds the address of the machine unless it is told not to; a cluster is found by RAY_ADDRESS.
        if "RAY_ADDRESS" in os.environ:
            ray.init()
        else:
            ray.init(_node_ip_address="127.0.0.1", include_dashboard=False, num_cpus=args["workers"] + 1)
        pool = ray.data.ActorPoolStrategy(min_size=1, max_size=args["workers"])
        data = ray.data.from_items(todo, override_num_blocks=len(todo))
        done = data.map_batches(Screener, fn_constructor_args=(args,), batch_size=1, compute=pool, num_cpus=1)
        for row in done.iter_rows():
            rows, failed = rows + int(row["rows"]), failed + int(row["failed"])
            print(json.dumps({"part": row["part"], "rows": int(row["rows"]), "failed": int(row["failed"])}), flush=True)
        tidy(args["output"])
    print(json.dumps({"out": args["output"], "parts": len(todo), "rows": rows, "failed": failed}))


if __name__ == "__main__":
    main()
