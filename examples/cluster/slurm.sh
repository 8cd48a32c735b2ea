#!/usr/bin/env bash
# A Slurm array that screens: sbatch slurm.sh. Each task does every n-th piece of the inputs; a task that was ended, by a time
# limit or a node, is started again by Slurm and goes on.
#SBATCH --job-name=screen
#SBATCH --array=1-64
#SBATCH --cpus-per-task=16
#SBATCH --mem-per-cpu=1G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=screen-%a.log
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-.}"

crystal-onnx screen candidates/*.parquet \
  --output out \
  --model formation-energy \
  --id material_id \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --workers "$SLURM_CPUS_PER_TASK" ||
  # 3: some crystals failed, which their rows say. Anything else is a failure of the task.
  [ $? -eq 3 ]
