"""Runs graphs with onnxruntime of Python.

python python-onnxruntime.py FOLDER: for each NAME.onnx and NAME.json (inputs) writes NAME.out.json (outputs, or why not).
"""

import base64
import glob
import json
import sys

import numpy as np
import onnxruntime

DTYPES = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}

for path in glob.glob(sys.argv[1] + "/*.onnx"):
    stem = path.removesuffix(".onnx")
    try:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        with open(stem + ".json") as file:
            given = json.load(file)
        feeds = {}
        for about in session.get_inputs():
            data = np.frombuffer(base64.b64decode(given[about.name]["data"]), dtype=DTYPES[about.type])
            feeds[about.name] = data.reshape(given[about.name]["dims"])
        names = [about.name for about in session.get_outputs()]
        values = [np.array(value, dtype=np.float64, order="C") for value in session.run(names, feeds)]
        result = {
            name: {"dims": list(value.shape), "data": base64.b64encode(value.tobytes()).decode()}
            for name, value in zip(names, values)
        }
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    with open(stem + ".out.json", "w") as file:
        json.dump(result, file)
