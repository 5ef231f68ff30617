"""PyTorch's gradcheck, of the service's backward as an autograd function."""
import torch

from service import Layer


class Remote(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, base, training, axis):
        running = {} if training else {"running_mean": torch.linspace(-1, 1, len(gamma)).double().numpy(),
                                       "running_var": torch.linspace(0.5, 2, len(gamma)).double().numpy()}
        ctx.layer = Layer(base, convention="pytorch", channel_axis=axis, gamma=gamma.detach().numpy(),
                          beta=beta.detach().numpy(), **running)
        ctx.forward = ctx.layer.train(x.detach().numpy()) if training else ctx.layer.infer(x.detach().numpy())
        return torch.from_numpy(ctx.forward["output"])

    @staticmethod
    def backward(ctx, dy):
        got = ctx.layer.backward(ctx.forward, dy.numpy())
        return *(torch.from_numpy(got[name]) for name in ("grad_input", "grad_gamma", "grad_beta")), None, None, None


def run(base, report):
    torch.manual_seed(0)
    suite = report("PyTorch gradcheck of the service's backward")
    for shape, axis in (((5, 3), 1), ((3, 2, 4), 1), ((2, 3, 2, 2), 1), ((2, 2, 2, 3), -1)):
        for training in (True, False):
            suite.cases += 1
            x = torch.randn(shape, dtype=torch.float64, requires_grad=True)
            gamma, beta = (torch.randn(shape[axis], dtype=torch.float64, requires_grad=True) for _ in range(2))
            try:
                torch.autograd.gradcheck(Remote.apply, (x, gamma, beta, base, training, axis))
            except torch.autograd.gradcheck.GradcheckError as error:
                suite.failures.append(f"{shape} {'train' if training else 'eval'}: {error}")
    return [suite]
