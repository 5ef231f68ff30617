"""The five-step story with NumPy arrays as they are, in .npy and .npz: python3 story_numpy.py [http://127.0.0.1:8080]"""
import io, json, os, sys, urllib.request
import numpy as np

BASE = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080") + "/api/v1/layers"


def call(method, path="", body=None, accept="application/json"):
    headers = {"Content-Type": "application/json", "Accept": accept}
    if "BATCHNORM_KEY" in os.environ:
        headers["Authorization"] = "Bearer " + os.environ["BATCHNORM_KEY"]
    if isinstance(body, np.ndarray):
        headers["Content-Type"] = "application/x-npy"
        file = io.BytesIO()
        np.save(file, body)
        data = file.getvalue()
    else:
        data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(BASE + path, data, headers, method=method)) as answer:
        content, headers = answer.read(), answer.headers
    if accept == "application/json":
        return json.loads(content or "null"), headers
    return np.load(io.BytesIO(content)), headers


def show(step, name, values):
    print(f"{step}: {name}", *(f"{v:.9f}" for v in np.ravel(values)))


x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
layer, _ = call("POST", body={"name": "story-numpy", "convention": "pytorch", "features": 2})
print("1 create: features", layer["features"])

step, headers = call("POST", "/story-numpy/forward-train", x, "application/x-npz")
show("2 forward-train", "output", step["output"])
show("2 forward-train", "running_mean", step["running_mean"])
show("2 forward-train", "running_var", step["running_var"])

dy = np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])
grads, _ = call("POST", "/story-numpy/backward?context_id=" + headers["Context-Id"], dy, "application/x-npz")
show("3 backward", "grad_gamma", grads["grad_gamma"])
show("3 backward", "grad_beta", grads["grad_beta"])

layer, _ = call("PATCH", "/story-numpy", {
    "gamma": (np.array(layer["gamma"]) - 0.1 * grads["grad_gamma"]).tolist(),
    "beta": (np.array(layer["beta"]) - 0.1 * grads["grad_beta"]).tolist()})
show("4 update", "gamma", layer["gamma"])
show("4 update", "beta", layer["beta"])

output, _ = call("POST", "/story-numpy/forward-infer", x, "application/x-npy")
show("5 forward-infer", "output", output)
call("DELETE", "/story-numpy")
