# Other networks for energies of crystals, timed for `npm run bench -- peers`. Reads JSON lines {"peer", "crystals": NAME,
# "batch": n} from standard input and answers each with the processor time of predicting all of them, graphs included, on one
# thread. The first line is {"mixes": {NAME: [{"lattice", "frac", "numbers"}]}}; the first answer says which peers are here.
import importlib.metadata as metadata, json, os, sys, time, warnings

answers, sys.stdout = sys.stdout, sys.stderr
os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")
sys.path.pop(0)

import torch
from pymatgen.core import Structure

torch.set_num_threads(1)


def chgnet():
    from chgnet.model import CHGNet

    model = CHGNet.load(model_name="0.3.0", use_device="cpu", verbose=False)

    def predict(structures):
        graphs = [model.graph_converter(s) for s in structures]
        return model.predict_graph(graphs, task="e", batch_size=len(graphs))

    return predict


def mace():
    from mace.calculators import mace_mp
    from pymatgen.io.ase import AseAtomsAdaptor

    calculator = mace_mp(model="small", device="cpu", default_dtype="float32")

    def predict(structures):
        for s in structures:
            calculator.calculate(AseAtomsAdaptor.get_atoms(s), ["energy"])

    return predict


def matgl(name):
    def start():
        import matgl

        model = matgl.load_model(name)
        return lambda structures: [model.predict_structure(s) for s in structures]

    return start


# Name: package, how it is started, whether it takes several crystals at once.
PEERS = {
    "CHGNet 0.3.0": ("chgnet", chgnet, True),
    "MACE-MP small": ("mace-torch", mace, False),
    "MEGNet": ("matgl", matgl("MEGNet-MP-2018.6.1-Eform"), False),
    "M3GNet": ("matgl", matgl("M3GNet-MP-2018.6.1-Eform"), False),
}


def write(message):
    print(json.dumps(message), file=answers, flush=True)


mixes = {
    name: [Structure(c["lattice"], c["numbers"], c["frac"]) for c in crystals]
    for name, crystals in json.loads(sys.stdin.readline())["mixes"].items()
}
started, here, absent = {}, [], {}
for name, (package, start, batches) in PEERS.items():
    try:
        started[name] = start()
        here.append({"name": name, "package": f"{package} {metadata.version(package)}", "batches": batches})
    except Exception as error:  # not installed, or its weights cannot be had here
        absent[name] = f"{type(error).__name__}: {error}"
write({"here": here, "absent": absent})
for line in sys.stdin:
    asked = json.loads(line)
    crystals, batch = mixes[asked["crystals"]], asked["batch"]
    begun = time.process_time()
    with torch.no_grad():
        for at in range(0, len(crystals), batch):
            started[asked["peer"]](crystals[at : at + batch])
    write({"seconds": time.process_time() - begun})
