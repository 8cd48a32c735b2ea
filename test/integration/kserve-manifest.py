# What is wrong with an InferenceService (JSON on standard input), by the classes that KServe's package has for its resources
# and the package of Kubernetes for what they hold: keys that they do not know, keys that they need, values of other types.

import json
import re
import sys

import kserve.models
import kubernetes.client.models

PLAIN = {"str": str, "int": int, "bool": bool, "float": (int, float), "object": object}
wrong = []


def check(kind, value, at):
    of_list = re.fullmatch(r"[Ll]ist\[(.*)\]", kind)
    of_dict = re.fullmatch(r"(?:dict\(|Dict\[)str, (.*)[\])]", kind)
    if of_list:
        if not isinstance(value, list):
            return wrong.append(f"{at}: expected a list")
        for n, one in enumerate(value):
            check(of_list[1], one, f"{at}[{n}]")
    elif kind in PLAIN:
        if not isinstance(value, PLAIN[kind]):
            wrong.append(f"{at}: expected {kind}")
    elif not isinstance(value, dict):
        wrong.append(f"{at}: expected an object")
    elif of_dict:
        for name, one in value.items():
            check(of_dict[1], one, f"{at}.{name}")
    else:
        check_fields(kind, value, at)


def check_fields(kind, value, at):
    # KServe's own container is that of Kubernetes.
    model = getattr(kserve.models, kind, None) or getattr(kubernetes.client.models, kind)
    fields = {key: name for name, key in model.attribute_map.items()}
    for key, one in value.items():
        if key in fields:
            check(model.openapi_types[fields[key]], one, f"{at}.{key}")
        else:
            wrong.append(f"{at}.{key}: {kind} has no such field")
    try:
        model(**{fields[key]: one for key, one in value.items() if key in fields})
    except ValueError as error:
        wrong.append(f"{at}: {error}")


check("V1beta1InferenceService", json.load(sys.stdin), "")
print(json.dumps(wrong))
