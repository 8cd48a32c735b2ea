"""Ray Tune drives `crystal-onnx train --json`: trials side by side, the worse ones stopped early (ASHA).

    pip install "ray[tune]"
    python ray_search.py data.jsonl.gz e_form eV/atom runs/ray [TRIALS [OPTIONS OF train]]

Without RAY_ADDRESS it starts Ray on this machine, bound to 127.0.0.1; on a cluster, data and runs lie where all machines see them.
"""

import json
import os
import subprocess
import sys

import ray
from ray import tune
from ray.tune.schedulers import ASHAScheduler

data, target, unit, folder, *rest = sys.argv[1:]
trials, options = int(rest[0]) if rest else 20, rest[1:]
# Trials have working directories of their own.
data, folder = os.path.abspath(data), os.path.abspath(folder)
THREADS = 2


def trial(config: dict) -> None:
    name = "-".join(f"{key}={value:g}" for key, value in config.items())
    command = ["crystal-onnx", "train", data, "--target", target, "--unit", unit, "--json", "--resume"]
    command += ["-o", f"{folder}/{name}", "--threads", str(THREADS)]
    command += ["--learning-rate", str(config["learning_rate"]), "--batch-size", str(config["batch_size"]), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        try:
            for line in run.stdout:
                said = json.loads(line)
                if "epoch" in said:
                    tune.report({"val_error": said["val_error"], "epoch": said["epoch"]})
            if run.wait() != 0:
                raise RuntimeError(f"crystal-onnx train ended with {run.returncode}")
        finally:
            run.terminate()  # a trial that the scheduler stops


if "RAY_ADDRESS" in os.environ:
    ray.init()
else:
    ray.init(_node_ip_address="127.0.0.1", include_dashboard=False)
tuner = tune.Tuner(
    tune.with_resources(trial, {"cpu": THREADS}),
    param_space={"learning_rate": tune.loguniform(1e-4, 1e-2), "batch_size": tune.choice([8, 16, 32])},
    tune_config=tune.TuneConfig(
        metric="val_error",
        mode="min",
        num_samples=trials,
        scheduler=ASHAScheduler(time_attr="epoch", max_t=500, grace_period=5),
    ),
    run_config=tune.RunConfig(storage_path=folder, name="tune"),
)
best = tuner.fit().get_best_result()
print(best.metrics["val_error"], best.config)
