# A teacher for `crystal-onnx data label`: energies an atom by CHGNet 0.3.0 (Deng et al., Nat. Mach. Intell. 5, 1031, 2023;
# package chgnet, weights in it, Modified BSD licence). Reads a JSON line with a crystal from standard input, writes one with
# its energy in eV/atom or with the reason why there is none to standard output. One thread: run several with --workers.
import json, os, sys, warnings

# This file must not be found in place of the package of its name.
sys.path.pop(0)
# What libraries print is no answer.
answers, sys.stdout = sys.stdout, sys.stderr
os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")

import torch
from chgnet.model import CHGNet
from pymatgen.core import Structure

torch.set_num_threads(1)
torch.set_flush_denormal(True)
MODEL = "0.3.0"
model = CHGNet.load(model_name=MODEL, use_device="cpu", verbose=False)


def write(message):
    print(json.dumps(message), file=answers, flush=True)


def label(crystal):
    structure = Structure(crystal["lattice"], crystal["numbers"], crystal["frac"])
    # Crystal by crystal: in a batch the last digits would depend on its other crystals, and a command that was repeated
    # would give other labels than one that ran through.
    with torch.inference_mode():
        return float(model.predict_graph(model.graph_converter(structure), task="e")["e"])


write({"name": "CHGNet", "version": MODEL, "licence": "Modified BSD"})
for line in sys.stdin:
    crystal = json.loads(line)
    try:
        write({"id": crystal["id"], "value": label(crystal)})
    except Exception as error:  # atoms too far from each other, an element without a weight, …
        write({"id": crystal["id"], "error": f"{type(error).__name__}: {error}"})
