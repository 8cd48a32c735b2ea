"""How many nodes tf2onnx makes of graph models of TensorFlow.js.

python tf2onnx-nodes.py MODEL.json...: a line of JSON for each, {"file", "nodes"} or {"file", "error"}.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tf2onnx
from tf2onnx.convert import _convert_common

for path in sys.argv[1:]:
    try:
        model, _ = _convert_common(
            None, name=path, opset=17, tfjs_path=path, inputs_as_nchw=None, input_names=None, output_names=None
        )
        result = {"nodes": len(model.graph.node)}
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"[:80]}
    print(json.dumps({"file": path, **result}), flush=True)
