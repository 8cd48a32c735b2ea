# Predictions from a model file exported with `--geometry in-graph`, by numpy and onnxruntime alone:
#   python predict.py model.onnx crystals.jsonl      one crystal a line: {"lattice": [[…]], "frac": [[…]], "numbers": […]}
import json, sys
import numpy as np, onnxruntime as ort

session = ort.InferenceSession(sys.argv[1])
card = json.loads(session.get_modelmeta().custom_metadata_map["crystal-onnx.card"])
for crystal in map(json.loads, open(sys.argv[2])):
    spacing = 1 / np.linalg.norm(np.linalg.inv(crystal["lattice"]), axis=0)
    reach = np.floor(card["geometry"]["images"]["radius"] / spacing + 0.5)
    table = np.stack(np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij"), -1).reshape(-1, 3)
    species = np.int32([[card["elements"].index(z) for z in crystal["numbers"]]])
    feeds = {"species": species, "atom_mask": np.ones(species.shape), "translations": table}
    feeds |= {"frac": np.array([crystal["frac"]]) % 1, "lattice": np.array([crystal["lattice"]])}
    feeds = {name: x if x.dtype == np.int32 else x.astype(np.float32) for name, x in feeds.items()}
    print(*session.run(["prediction"], feeds)[0][0])
