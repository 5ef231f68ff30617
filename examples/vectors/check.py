#!/usr/bin/env python3
"""Checks a batch normalization against golden vectors. Standard library only.

    python3 check.py http://localhost:8080 my_batchnorm.py pytorch [FP64|FP32] [--strict]

The file has train(x, gamma, beta, running_mean, running_var, batch) -> y, running_mean, running_var,
infer(x, gamma, beta, running_mean, running_var) -> y, and may have backward(x, grad_output, gamma) ->
grad_input, grad_gamma, grad_beta. x is a nested list; RANKS = (2,) limits it to rows. Exits with 1 after an error.
"""
import importlib.util, json, math, sys, urllib.request

TRAIN = (("output", "forward"), ("running_mean_after", "state"), ("running_var_after", "state"))
BACKWARD = (("grad_input", "backward"), ("grad_gamma", "backward"), ("grad_beta", "backward"))


def flat(value):
    return [n for v in value for n in flat(v)] if hasattr(value, "__len__") else [float(value)]


def nested(tensor):
    data = tensor["data"]
    for size in reversed(tensor["shape"][1:]):
        data = [data[i:i + size] for i in range(0, len(data), size)]
    return data


def results(mine, case, step):
    x, before = nested(step["input"]), (step.get("running_mean_before"), step.get("running_var_before"))
    if step["mode"] == "infer":
        return [(TRAIN[0], mine.infer(x, case["gamma"], case["beta"], *before))]
    got = list(zip(TRAIN, mine.train(x, case["gamma"], case["beta"], *before, step.get("num_batches_tracked", 1))))
    if hasattr(mine, "backward"):
        got += zip(BACKWARD, mine.backward(x, nested(step["grad_output"]), case["gamma"]))
    return got


def error(step, name, value):
    got, expected = flat(value), flat(step[name]["data"] if isinstance(step[name], dict) else step[name])
    scale = step["grad_input_scale"] if name == "grad_input" else max(map(abs, expected)) or 1
    right = len(got) == len(expected) and all(map(math.isfinite, got))
    return max(abs(g - e) / scale for g, e in zip(got, expected)) if right else math.inf


strict, (base, file, convention, *datatype) = "--strict" in sys.argv, [a for a in sys.argv[1:] if a != "--strict"]
spec = importlib.util.spec_from_file_location("implementation", file)
mine = importlib.util.module_from_spec(spec)
spec.loader.exec_module(mine)
vectors = json.load(urllib.request.urlopen(f"{base}/api/v1/vectors?convention={convention}&datatype={(datatype or ['FP64'])[0]}"))
errors = [(case, number, step["mode"], name, error(step, name, value), case["tolerance" if strict else "working_tolerance"][kind])
          for case in vectors["cases"] for number, step in enumerate(case["steps"])
          if len(step["input"]["shape"]) in getattr(mine, "RANKS", (2, 3, 4))
          for (name, kind), value in results(mine, case, step) if name in step]
failed = [f"{case['name']} step {number} ({mode}): {name} is off by {off:.2g}, allowed {bound:.2g}"
          for case, number, mode, name, off, bound in errors if off > bound]
print(*failed, f"{len(errors)} checked, {len(failed)} failed: {convention} {vectors['datatype']}, "
      f"vectors {vectors['vectors_version']} {vectors['digest'][:12]}", sep="\n")
sys.exit(1 if failed or not errors else 0)
