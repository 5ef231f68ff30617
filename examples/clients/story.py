"""The five-step story in Python, standard library only: python3 story.py [http://127.0.0.1:8080]"""
import json, os, sys, urllib.request

BASE = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080") + "/api/v1/layers"


def call(method, path="", body=None):
    headers = {"Content-Type": "application/json"}
    if "BATCHNORM_KEY" in os.environ:
        headers["Authorization"] = "Bearer " + os.environ["BATCHNORM_KEY"]
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers, method=method)) as answer:
        return json.loads(answer.read() or "null")


def show(step, name, values):
    flat = [v for row in values for v in (row if isinstance(row, list) else [row])]
    print(f"{step}: {name}", *(f"{v:.9f}" for v in flat))


x = [[1, 2], [3, 4], [5, 6]]
layer = call("POST", body={"name": "story-python", "convention": "pytorch", "features": 2})
print("1 create: features", layer["features"])

step = call("POST", "/story-python/forward-train", {"input": x})
show("2 forward-train", "output", step["output"])
show("2 forward-train", "running_mean", step["running_mean"])
show("2 forward-train", "running_var", step["running_var"])

dy = [[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]
grads = call("POST", "/story-python/backward", {"context_id": step["context_id"], "grad_output": dy})
show("3 backward", "grad_gamma", grads["grad_gamma"])
show("3 backward", "grad_beta", grads["grad_beta"])

layer = call("PATCH", "/story-python", {
    "gamma": [g - 0.1 * d for g, d in zip(layer["gamma"], grads["grad_gamma"])],
    "beta": [b - 0.1 * d for b, d in zip(layer["beta"], grads["grad_beta"])]})
show("4 update", "gamma", layer["gamma"])
show("4 update", "beta", layer["beta"])

show("5 forward-infer", "output", call("POST", "/story-python/forward-infer", {"input": x})["output"])
call("DELETE", "/story-python")
