# A model of the layout cells (crystal-onnx export RUN -o repository --to triton) in the Python backend of Triton, for servers
# that lack its onnxruntime backend. Put it beside model.onnx, and in config.pbtxt write backend: "python" and take out
# batch_input; the Python of the server needs onnxruntime. What batch_input does there is done here.
import os

import numpy as np
import onnxruntime as ort
import triton_python_backend_utils as pb_utils


class TritonPythonModel:
    def initialize(self, args):
        folder = os.path.join(args["model_repository"], args["model_version"])
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = ort.InferenceSession(os.path.join(folder, "model.onnx"), options, providers=["CPUExecutionProvider"])
        self.outputs = [output.name for output in self.session.get_outputs()]

    def execute(self, requests):
        given = {name: [tensor(request, name) for request in requests] for name in ("numbers", "frac", "lattice")}
        atoms = [numbers.shape[1] for numbers in given["numbers"] for _ in range(numbers.shape[0])]
        feeds = {
            "numbers": np.concatenate([numbers.ravel() for numbers in given["numbers"]]),
            "frac": np.concatenate([frac.ravel() for frac in given["frac"]]),
            "lattice": np.concatenate([lattice.reshape(-1, 3, 3) for lattice in given["lattice"]]),
            "atoms_end": np.cumsum(atoms, dtype=np.int32),
        }
        try:
            results = self.session.run(self.outputs, feeds)
        except Exception as error:
            if len(requests) == 1:
                return [pb_utils.InferenceResponse(error=pb_utils.TritonError(str(error)))]
            # One crystal that cannot be predicted must not cost the others their answer.
            return [response for request in requests for response in self.execute([request])]
        ends = np.cumsum([numbers.shape[0] for numbers in given["numbers"]])[:-1]
        parts = [np.split(rows, ends) for rows in results]
        return [
            pb_utils.InferenceResponse([pb_utils.Tensor(name, part[n]) for name, part in zip(self.outputs, parts)])
            for n in range(len(requests))
        ]


def tensor(request, name):
    return pb_utils.get_input_tensor_by_name(request, name).as_numpy()
