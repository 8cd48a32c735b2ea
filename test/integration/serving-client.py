# Asks a server of ours with tritonclient, in three ways, and prints what came back as JSON.
# usage: serving-client.py HTTP_ADDRESS GRPC_ADDRESS FILE.cif

import json
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http
from rock_salt import NUMBERS

NAME = "formation-energy-small"
http_address, grpc_address, file = sys.argv[1:]
with open(file, "rb") as opened:
    cif = opened.read()


def ask(library, address, **binary):
    client = library.InferenceServerClient(address)

    def tensor(name, datatype, values):
        given = library.InferInput(name, list(values.shape), datatype)
        given.set_data_from_numpy(values, **binary)
        return given

    def texts(*values):
        return [tensor("structure", "BYTES", np.array(values, dtype=object))]

    def outputs(*names):
        extra = {"binary_data": binary["binary_data"]} if binary else {}
        return [library.InferRequestedOutput(name, **extra) for name in names]

    def plain(result, name):
        values = result.as_numpy(name).tolist()
        return [value.decode() if isinstance(value, bytes) else value for value in values]

    def failure(**request):
        try:
            client.infer(**request)
        except Exception as error:
            return str(error)

    names = ("prediction", "uncertainty", "domain")
    answers = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready(NAME),
    }
    client.get_server_metadata()
    client.get_model_metadata(NAME)
    result = client.infer(NAME, texts(cif, cif), outputs=outputs(*names), request_id="7")
    answers["texts"] = {name: plain(result, name) for name in names}
    answers["embedding"] = list(client.infer(NAME, texts(cif, cif)).as_numpy("embedding").shape)
    numbers = [tensor(name, datatype, values) for name, (datatype, values) in NUMBERS.items()]
    answers["numbers"] = {"prediction": plain(client.infer(NAME, numbers, outputs=outputs("prediction")), "prediction")}
    answers["broken"] = failure(model_name=NAME, inputs=texts(cif, b"rubbish"))
    answers["unknown"] = failure(model_name="other", inputs=texts(cif))
    client.unload_model(NAME)
    answers["unloaded"] = client.is_model_ready(NAME)
    client.load_model(NAME)
    answers["loaded"] = client.is_model_ready(NAME)
    client.close()
    return answers


print(
    json.dumps(
        {
            "http binary": ask(tritonclient.http, http_address, binary_data=True),
            "http json": ask(tritonclient.http, http_address, binary_data=False),
            "grpc": ask(tritonclient.grpc, grpc_address),
        }
    )
)
