// The view “Inside a batch” as a program: the same numbers with PyTorch, with NumPy, and from this service with curl.

import { API } from "./api.js";
import { key } from "./key.js";

/** By language: a function of the request of explain. */
export const PROGRAMS = { PyTorch: pytorch, NumPy: numpy, curl };

function python(value) {
  return JSON.stringify(value).replaceAll(",", ", ").replaceAll("], [", "],\n    [");
}

function pytorch({ input, grad_output: dy, mode, epsilon, momentum, gamma, beta, running_mean: mean, running_var: variance }) {
  const refused = mode === "train" && input.length === 1 ? "# PyTorch refuses to train on a single value per channel.\n" : "";
  return `import torch

x = torch.tensor(${python(input)}, dtype=torch.float64, requires_grad=True)
dy = torch.tensor(${python(dy)}, dtype=torch.float64)

bn = torch.nn.BatchNorm1d(${gamma.length}, eps=${epsilon}, momentum=${momentum}, dtype=torch.float64)
with torch.no_grad():
    bn.weight.copy_(torch.tensor(${python(gamma)}))
    bn.bias.copy_(torch.tensor(${python(beta)}))
    bn.running_mean.copy_(torch.tensor(${python(mean)}, dtype=torch.float64))
    bn.running_var.copy_(torch.tensor(${python(variance)}, dtype=torch.float64))

${refused}bn.${mode === "train" ? "train" : "eval"}()
y = bn(x)
y.backward(dy)
print("y", y)
print("dx", x.grad)
print("dgamma", bn.weight.grad)
print("dbeta", bn.bias.grad)
print("running_mean", bn.running_mean)
print("running_var", bn.running_var)
`;
}

function numpy({ input, grad_output: dy, mode, epsilon, momentum, gamma, beta, running_mean: mean, running_var: variance }) {
  const train = mode === "train";
  return `import numpy as np

x = np.array(${python(input)}, dtype=np.float64)
dy = np.array(${python(dy)}, dtype=np.float64)
gamma, beta = np.array(${python(gamma)}), np.array(${python(beta)})
running_mean, running_var = np.array(${python(mean)}), np.array(${python(variance)})
eps, momentum, m = ${epsilon}, ${momentum}, len(x)

mean, var = ${train ? "x.mean(axis=0), x.var(axis=0)" : "running_mean, running_var"}
std = np.sqrt(var + eps)
xhat = (x - mean) / std
y = gamma * xhat + beta

dbeta = dy.sum(axis=0)
dgamma = (dy * xhat).sum(axis=0)
dx = gamma / std * ${train ? "(dy - dbeta / m - xhat * dgamma / m)" : "dy"}
${train ? `
running_mean = running_mean + momentum * (mean - running_mean)
running_var = running_var + momentum * (var * m / max(1, m - 1) - running_var)
` : ""}
for name in ["mean", "var", "xhat", "y", "dbeta", "dgamma", "dx", "running_mean", "running_var"]:
    print(name, globals()[name].tolist())
`;
}

function curl(request) {
  const authorization = key() ? ' -H "Authorization: Bearer $BATCHNORM_KEY"' : "";
  return `curl -sS${authorization} '${API}/explain' -H 'Content-Type: application/json' -d @- <<'END'
${JSON.stringify(request)}
END
`;
}
