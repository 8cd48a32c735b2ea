"""Optuna drives `crystal-onnx train --json`: a trial a run folder, stopped early where it is worse than the others.

    pip install optuna
    python optuna_search.py data.jsonl.gz e_form eV/atom runs/optuna [TRIALS [OPTIONS OF train]]

The study lies in TARGET.db: the same command adds trials to it.
"""

import json
import subprocess
import sys

import optuna

data, target, unit, folder, *rest = sys.argv[1:]
trials, options = int(rest[0]) if rest else 20, rest[1:]


def objective(trial: optuna.Trial) -> float:
    rate = trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)
    batch = trial.suggest_categorical("batch_size", [8, 16, 32])
    command = ["crystal-onnx", "train", data, "--target", target, "--unit", unit, "--json", "--resume"]
    command += ["-o", f"{folder}/trial-{trial.number}", "--learning-rate", str(rate), "--batch-size", str(batch), *options]
    error = float("nan")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            said = json.loads(line)
            if "epoch" in said and said["val_error"] is not None:
                trial.report(said["val_error"], said["epoch"])
                if trial.should_prune():
                    run.terminate()  # after the current step; the folder can be resumed
                    raise optuna.TrialPruned()
            elif "run" in said and said["val"]:
                errors = [t["standardised"] for t in said["val"]["targets"] if t["standardised"] is not None]
                error = sum(errors) / len(errors)
    return error  # NaN, a failed trial, where the training diverged


study = optuna.create_study(
    study_name=target, storage=f"sqlite:///{target}.db", load_if_exists=True, pruner=optuna.pruners.MedianPruner()
)
study.optimize(objective, n_trials=trials)
print(study.best_value, study.best_params, f"{folder}/trial-{study.best_trial.number}")
