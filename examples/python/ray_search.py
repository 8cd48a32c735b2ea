"""Ray Tune drives `crystal-onnx train --json`: trials side by side, the worse ones stopped early (ASHA).

    pip install "ray[tune]"
    python ray_search.py /path/to/data.jsonl.gz e_form eV/atom /path/to/runs
"""

import json
import subprocess
import sys

from ray import tune
from ray.tune.schedulers import ASHAScheduler

data, target, unit, folder = sys.argv[1:5]
THREADS = 2


def trial(config: dict) -> None:
    name = "-".join(f"{key}={value:g}" for key, value in config.items())
    command = ["crystal-onnx", "train", data, "--target", target, "--unit", unit, "--json", "--resume"]
    command += ["-o", f"{folder}/{name}", "--threads", str(THREADS)]
    command += ["--learning-rate", str(config["learning_rate"]), "--batch-size", str(config["batch_size"])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        try:
            for line in run.stdout:
                said = json.loads(line)
                if "epoch" in said:
                    tune.report({"val_error": said["val_error"], "epoch": said["epoch"]})
        finally:
            run.terminate()  # a trial that the scheduler stops


tuner = tune.Tuner(
    tune.with_resources(trial, {"cpu": THREADS}),
    param_space={"learning_rate": tune.loguniform(1e-4, 1e-2), "batch_size": tune.choice([8, 16, 32])},
    tune_config=tune.TuneConfig(
        metric="val_error",
        mode="min",
        num_samples=int(sys.argv[5]) if len(sys.argv) > 5 else 20,
        scheduler=ASHAScheduler(time_attr="epoch", max_t=500, grace_period=5),
    ),
)
print(tuner.fit().get_best_result().config)
