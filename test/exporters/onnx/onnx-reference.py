"""Evaluates graphs with onnx.reference, in float64: every float32 of a graph becomes double first.

python onnx-reference.py FOLDER: for each NAME.onnx and NAME.json (inputs) writes NAME.out.json (outputs, or why not).
"""

import base64
import glob
import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.reference import ReferenceEvaluator

FLOATS = (TensorProto.FLOAT, TensorProto.FLOAT16)


def to_double(model):
    graph = model.graph
    for i, stored in enumerate(graph.initializer):
        if stored.data_type in FLOATS:
            values = numpy_helper.to_array(stored).astype(np.float64)
            graph.initializer[i].CopyFrom(numpy_helper.from_array(values, stored.name))
    for info in (*graph.input, *graph.output):
        if info.type.tensor_type.elem_type in FLOATS:
            info.type.tensor_type.elem_type = TensorProto.DOUBLE
    for node in graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i in FLOATS:
                attribute.i = TensorProto.DOUBLE
    return model


def decoded(value):
    data = np.frombuffer(base64.b64decode(value["data"]), dtype=value["type"])
    return data.reshape(value["dims"])


def encoded(value):
    value = np.asarray(value)
    data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
    return {"type": str(value.dtype), "dims": list(value.shape), "data": data}


for path in glob.glob(sys.argv[1] + "/*.onnx"):
    stem = path.removesuffix(".onnx")
    try:
        evaluator = ReferenceEvaluator(to_double(onnx.load(path)))
        with open(stem + ".json") as file:
            feeds = {name: decoded(value) for name, value in json.load(file).items()}
        with np.errstate(all="ignore"):
            values = evaluator.run(None, feeds)
        result = {name: encoded(value) for name, value in zip(evaluator.output_names, values)}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    with open(stem + ".out.json", "w") as file:
        json.dump(result, file)
