"""The contestant PyTorch, on one thread. Argument: the work as JSON (contestant.ts).

Speaks the protocol of protocol.ts. The work is that of workload.ts.
"""

import json
import os
import re
import sys
import time

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np  # noqa: E402
import torch  # noqa: E402


def unit(count, stream):
    """Numbers 0 to count - 1 of a stream, in [0, 1), as `unit` of workload.ts."""
    x = np.arange(count, dtype=np.uint32) + np.uint32(stream * 0x1000000)
    x = (x ^ (x >> 16)) * np.uint32(0x85EBCA6B)
    x = (x ^ (x >> 13)) * np.uint32(0xC2B2AE35)
    return (x ^ (x >> 16)).astype(np.float64) / 0x100000000


def uniform(shape, bound, stream):
    values = (2 * unit(int(np.prod(shape)), stream) - 1) * bound
    return torch.tensor(values.reshape(shape).astype(np.float32))


def create_lstm(work):
    """Parameters, and what computes the loss."""
    steps, batch, hidden, inputs, classes = (work[key] for key in ("steps", "batch", "hidden", "inputs", "classes"))
    bound = 1 / hidden**0.5
    lstm = torch.nn.LSTM(inputs, hidden)
    head = torch.nn.Linear(hidden, classes)
    with torch.no_grad():
        lstm.weight_ih_l0.copy_(uniform((4 * hidden, inputs), bound, 4))
        lstm.weight_hh_l0.copy_(uniform((4 * hidden, hidden), bound, 5))
        lstm.bias_ih_l0.copy_(uniform((4 * hidden,), bound, 6))
        lstm.bias_hh_l0.copy_(uniform((4 * hidden,), bound, 7))
        head.weight.copy_(uniform((classes, hidden), bound, 8))
        head.bias.copy_(uniform((classes,), bound, 9))
    x = uniform((steps, batch, inputs), 1, 1)
    targets = torch.tensor(np.floor(unit(steps * batch, 3) * classes).astype(np.int64))

    def loss_of():
        y, _ = lstm(x)
        return torch.nn.functional.cross_entropy(head(y.reshape(-1, hidden)), targets)

    return [*lstm.parameters(), *head.parameters()], loss_of


def create_model(work):
    """The same of a model with attention (model-cases.ts), its weights those of `modelWeights` in workload.ts."""
    scope = {"torch": torch, "nn": torch.nn}
    exec(work["definitions"], scope)
    model = scope["Model"]()
    named = sorted(model.named_parameters(), key=lambda entry: entry[0])
    with torch.no_grad():
        for k, (name, parameter) in enumerate(named):
            if re.search(r"norm\d?\.weight$", name):
                parameter.fill_(1)
            else:
                parameter.copy_(uniform(tuple(parameter.shape), 0.08, 10 + k))
    batch, classes, strides = (work[key] for key in ("batch", "classes", "strides"))

    def symbols(steps, stride):
        return (torch.arange(steps * batch) * stride % classes).reshape(steps, batch)

    tokens = symbols(work["steps"], strides["tokens"])
    source = [symbols(work["sourceSteps"], strides["source"])] if work["sourceSteps"] else []
    targets = symbols(work["steps"], strides["targets"]).flatten()

    def loss_of():
        return torch.nn.functional.cross_entropy(model(*source, tokens).reshape(-1, classes), targets)

    return [parameter for _, parameter in named], loss_of


def create_step(work):
    parameters, loss_of = create_model(work) if "definitions" in work else create_lstm(work)
    optimizer = torch.optim.Adam(
        parameters, lr=work["learningRate"], betas=(work["beta1"], work["beta2"]), eps=work["eps"]
    )

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, work["clipNorm"])
        optimizer.step()
        return loss.item()

    return step


def blas():
    """What multiplies matrices: the library that is loaded for it, or what PyTorch was built with."""
    try:
        with open("/proc/self/maps") as maps:
            loaded = sorted(set(re.findall(r"[^/\n]+/lib(?:open)?(?:blas|mkl)[^/\n]*\.so[^/\n]*", maps.read())))
    except OSError:
        loaded = []
    built = re.search(r"BLAS_INFO=(\w+)", torch.__config__.show())
    return loaded[0] if loaded else built.group(1) if built else "its own BLAS"


def say(message):
    print(json.dumps(message), flush=True)


def main():
    torch.set_num_threads(1)
    work = json.loads(sys.argv[1])
    step = create_step(work)
    losses = [step() for _ in range(work["firstSteps"])]
    say({"about": f"PyTorch {torch.__version__} with {blas()}, 1 thread", "losses": losses})
    for line in sys.stdin:
        until = float(line)
        start = time.perf_counter()
        steps = 0
        seconds = 0.0
        fastest = float("inf")
        while True:
            step()
            steps += 1
            before = seconds
            seconds = time.perf_counter() - start
            fastest = min(fastest, seconds - before)
            if seconds >= until:
                break
        say({"steps": steps, "milliseconds": seconds * 1000, "fastest": fastest * 1000})


main()
