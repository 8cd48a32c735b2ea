# Other networks for energies of crystals, timed for `npm run bench -- peers`. Reads JSON lines {"peer", "crystals": NAME,
# "batch": n} from standard input and answers each with the processor time of predicting all of them, graphs included, on one
# thread. The first line is {"mixes": {NAME: [{"lattice", "frac", "numbers"}]}}; the first answer says which peers are here.
import importlib.metadata as metadata, json, os, sys, time, warnings

answers, sys.stdout = sys.stdout, sys.stderr
os.environ["OMP_NUM_THREADS"] = "1"
warnings.filterwarnings("ignore")
sys.path.pop(0)

import numpy as np
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
    torch.serialization.add_safe_globals([slice])  # stands in a file of e3nn
    from e3nn import o3
    from mace.data import AtomicData, config_from_atoms
    from mace.modules import RealAgnosticInteractionBlock, RealAgnosticResidualInteractionBlock, ScaleShiftMACE
    from mace.tools import AtomicNumberTable
    from mace.tools.torch_geometric import Batch
    from pymatgen.io.ase import AseAtomsAdaptor

    elements = list(range(1, 90))
    # The sizes of MACE-MP-0 small, as its authors list them.
    model = ScaleShiftMACE(
        r_max=6.0,
        num_bessel=10,
        num_polynomial_cutoff=5,
        max_ell=3,
        interaction_cls=RealAgnosticResidualInteractionBlock,
        interaction_cls_first=RealAgnosticInteractionBlock,
        num_interactions=2,
        num_elements=len(elements),
        hidden_irreps=o3.Irreps("128x0e"),
        MLP_irreps=o3.Irreps("16x0e"),
        atomic_energies=np.zeros(len(elements)),
        avg_num_neighbors=60.0,
        atomic_numbers=elements,
        correlation=3,
        gate=torch.nn.functional.silu,
        radial_MLP=[64, 64, 64],
        atomic_inter_scale=1.0,
        atomic_inter_shift=0.0,
    ).float()
    table = AtomicNumberTable(elements)

    def graph(structure):
        config = config_from_atoms(AseAtomsAdaptor.get_atoms(structure))
        return AtomicData.from_config(config, z_table=table, cutoff=6.0)

    def predict(structures):
        batch = Batch.from_data_list([graph(s) for s in structures])
        return model(batch.to_dict(), compute_force=False)["energy"]

    return predict


def matgl(name):
    """Networks of matgl as they are unless told otherwise, which are those of its published files."""

    def start():
        from matgl import models
        from matgl.ext.pymatgen import Structure2Graph
        from torch_geometric.data import Batch

        model = getattr(models, name)().eval()
        converter = Structure2Graph(element_types=model.element_types, cutoff=model.cutoff)

        def graph(structure):
            graph, lattice, state = converter.get_graph(structure)
            lattice = torch.as_tensor(lattice[0], dtype=torch.float32)
            graph.pbc_offshift = graph.pbc_offset.float() @ lattice
            graph.pos = torch.as_tensor(graph.frac_coords, dtype=torch.float32) @ lattice
            return graph, torch.tensor(state, dtype=torch.float32)

        def predict(structures):
            graphs, states = zip(*map(graph, structures))
            return model(g=Batch.from_data_list(list(graphs)), state_attr=torch.stack(states))

        return predict

    return start


# Name: package, how it is started, whether it takes several crystals at once. Their weights, but for CHGNet's, are downloads
# of their own, which time does not depend on: those of MACE and matgl are as random as ours.
PEERS = {
    "CHGNet 0.3.0": ("chgnet", chgnet, True),
    "MACE-MP small": ("mace-torch", mace, True),
    "MEGNet": ("matgl", matgl("MEGNet"), True),
    "M3GNet": ("matgl", matgl("M3GNet"), True),
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
