# Asks a server of ours with the clients of KServe, over HTTP (JSON and binary tensors) and gRPC, and prints what came back as
# JSON. KServe's clients have no method for metadata: it comes by the messages of its gRPC.
# usage: kserve-client.py HTTP_URL GRPC_ADDRESS FILE.cif

import asyncio
import json
import logging
import sys

import grpc
import numpy as np
from kserve import InferenceGRPCClient, InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.grpc.grpc_predict_v2_pb2 import ModelMetadataRequest, ServerMetadataRequest
from kserve.protocol.grpc.grpc_predict_v2_pb2_grpc import GRPCInferenceServiceStub
from kserve.protocol.infer_type import RequestedOutput
from rock_salt import NUMBERS

# Errors are looked at here, and need not be in the log.
logging.disable(logging.ERROR)
NAME = "formation-energy-small"
NAMES = ("prediction", "uncertainty", "domain")
url, grpc_address, file = sys.argv[1:]
with open(file, "rb") as opened:
    cif = opened.read()


def texts(binary, *values):
    given = InferInput("structure", [len(values)], "BYTES")
    given.set_data_from_numpy(np.array(values, dtype=object), binary_data=binary)
    return [given]


def numbers(binary):
    inputs = []
    for name, (datatype, values) in NUMBERS.items():
        given = InferInput(name, list(values.shape), datatype)
        given.set_data_from_numpy(values, binary_data=binary)
        inputs.append(given)
    return inputs


def plain(response):
    found = {}
    for output in response.outputs:
        values = output.as_numpy().tolist()
        found[output.name] = [value.decode() if isinstance(value, bytes) else value for value in values]
    return found


async def ask(infer, binary):
    outputs = [RequestedOutput(name) for name in NAMES]
    parameters = {"binary_data_output": binary}

    def request(inputs, name=NAME):
        return InferRequest(name, inputs, request_id="7", request_outputs=outputs, parameters=parameters)

    async def failure(asked):
        try:
            await infer(asked)
        except Exception as error:
            return error.details() if isinstance(error, grpc.RpcError) else str(error)

    return {
        "texts": plain(await infer(request(texts(binary, cif, cif)))),
        "numbers": plain(await infer(request(numbers(binary)))),
        "broken": await failure(request(texts(binary, cif, b"rubbish"))),
        "unknown": await failure(request(texts(binary, cif), "other")),
    }


async def rest(binary):
    async with InferenceRESTClient(RESTConfig(protocol="v2")) as client:
        health = {
            "live": await client.is_server_live(url),
            "ready": await client.is_server_ready(url),
            "model_ready": await client.is_model_ready(url, NAME),
        }
        asked = await ask(lambda request: client.infer(url, request, model_name=request.model_name), binary)
        return {**health, **asked}


async def over_grpc():
    async with InferenceGRPCClient(grpc_address) as client, grpc.aio.insecure_channel(grpc_address) as channel:
        stub = GRPCInferenceServiceStub(channel)
        described = await stub.ModelMetadata(ModelMetadataRequest(name=NAME))
        return {
            "live": await client.is_server_live(),
            "ready": await client.is_server_ready(),
            "model_ready": await client.is_model_ready(NAME),
            "server": (await stub.ServerMetadata(ServerMetadataRequest())).name,
            "outputs": [output.name for output in described.outputs],
            **await ask(client.infer, True),
        }


async def main():
    answers = {"http json": await rest(False), "http binary": await rest(True), "grpc": await over_grpc()}
    print(json.dumps(answers))


asyncio.run(main())
