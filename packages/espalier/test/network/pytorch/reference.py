"""An independent account of the network in PyTorch: loss, every gradient, ten SGD steps and ten Adam steps, as a fixture.

    apt-get install python3-torch && /usr/bin/python3 reference.py > fixture.json

It shares with the project nothing but the parameters' names and a formula for their initial values (see `initial`).
"""
import json
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
PAD, BOS, EOS = 0, 2, 3
SOURCES = [[4, 5, 6, 7], [8, 4], [9, 10, 5]]
TARGETS = [[4, 6, 5], [7, 8, 9, 10, 4], [5]]
VOCABULARY = 11
RATE, LIMIT = 0.5, 1.0
ADAM_RATE, ADAM_EPSILON = 0.05, 1e-8


def initial(index, size):
    """Deterministic values in (-0.5, 0.5) that any language computes alike."""
    return [0.5 * math.sin(1 + 0.7 * i + 13 * index) for i in range(size)]


def lay_out(rows, length, left):
    return torch.tensor([[PAD] * (length - len(r)) + r if left else r + [PAD] * (length - len(r)) for r in rows]).t()


class Network(nn.Module):
    def __init__(self, layers, n, attention, bidirectional, feeding, reverse):
        super().__init__()
        self.layers, self.n, self.attention, self.bidirectional = layers, n, attention, bidirectional
        self.feeding, self.reverse = feeding, reverse
        self.names, self.values = [], nn.ParameterList()
        add = self.add
        add("source_embedding.weight", VOCABULARY, n)
        add("target_embedding.weight", VOCABULARY, n)
        units = n // 2 if bidirectional else n
        for l in range(layers):
            for suffix in [f"l{l}", f"l{l}_reverse"][: 2 if bidirectional else 1]:
                add(f"encoder.weight_ih_{suffix}", 4 * units, n)
                add(f"encoder.weight_hh_{suffix}", 4 * units, units)
                add(f"encoder.bias_{suffix}", 4 * units)
        for l in range(layers):
            add(f"decoder.weight_ih_l{l}", 4 * n, 2 * n if feeding and l == 0 else n)
            add(f"decoder.weight_hh_l{l}", 4 * n, n)
            add(f"decoder.bias_l{l}", 4 * n)
        if attention == "general":
            add("attention.score.weight", n, n)
        if attention == "concat":
            add("attention.score.weight", n, 2 * n)
            add("attention.score.vector", n, 1)
        if attention != "none":
            add("attention.combine.weight", n, 2 * n)
        add("softmax.weight", VOCABULARY, n)
        add("softmax.bias", VOCABULARY)

    def add(self, name, *shape):
        values = torch.tensor(initial(len(self.names), math.prod(shape))).reshape(shape)
        self.names.append(name)
        self.values.append(nn.Parameter(values))

    def get(self, name):
        return self.values[self.names.index(name)]

    def cell(self, prefix, suffix, x, h, c):
        z = x @ self.get(f"{prefix}.weight_ih_{suffix}").t() + h @ self.get(f"{prefix}.weight_hh_{suffix}").t()
        i, f, g, o = (z + self.get(f"{prefix}.bias_{suffix}")).chunk(4, -1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

    def direction(self, suffix, words, units, backward):
        """One sentence, no padding: states in the order of `words`, and the last state."""
        h = c = torch.zeros(units)
        states = [None] * len(words)
        for t in reversed(range(len(words))) if backward else range(len(words)):
            h, c = self.cell("encoder", suffix, words[t], h, c)
            states[t] = h
        return torch.stack(states), h, c

    def encode(self, source):
        ids = (list(reversed(source)) if self.reverse else source) + [EOS]
        x = self.get("source_embedding.weight")[ids]
        last = []
        for l in range(self.layers):
            if self.bidirectional:
                a = self.direction(f"l{l}", x, self.n // 2, False)
                b = self.direction(f"l{l}_reverse", x, self.n // 2, True)
                x, h, c = (torch.cat(pair, -1) for pair in zip(a, b))
            else:
                x, h, c = self.direction(f"l{l}", x, self.n, False)
            last.append((h, c))
        return x, last

    def attend(self, h, states):
        if self.attention == "dot":
            scores = states @ h
        elif self.attention == "general":
            scores = (states @ self.get("attention.score.weight").t()) @ h
        else:
            joined = torch.cat([h.expand(len(states), -1), states], -1)
            scores = torch.tanh(joined @ self.get("attention.score.weight").t()) @ self.get("attention.score.vector")[:, 0]
        context = torch.softmax(scores, 0) @ states
        return torch.tanh(self.get("attention.combine.weight") @ torch.cat([context, h]))

    def loss(self, sentences=range(len(SOURCES))):
        """Sum of -log p over the batch, sentence by sentence."""
        total = torch.zeros(())
        for source, target in ((SOURCES[i], TARGETS[i]) for i in sentences):
            states, state = self.encode(source)
            fed = torch.zeros(self.n)
            for word, label in zip([BOS] + target, target + [EOS]):
                x = self.get("target_embedding.weight")[word]
                if self.feeding:
                    x = torch.cat([x, fed])
                for l in range(self.layers):
                    state[l] = self.cell("decoder", f"l{l}", x, *state[l])
                    x = state[l][0]
                out = x if self.attention == "none" else self.attend(x, states)
                fed = out
                logits = self.get("softmax.weight") @ out + self.get("softmax.bias")
                total = total - F.log_softmax(logits, 0)[label]
        return total


def case(layers, n, attention, bidirectional, feeding, reverse):
    network = Network(layers, n, attention, bidirectional, feeding, reverse)
    loss = network.loss()
    gradients = torch.autograd.grad(loss, list(network.values))
    result = {
        "options": {"layers": layers, "hidden": n, "attention": attention, "bidirectional": bidirectional,
                    "inputFeeding": feeding, "reverseSource": reverse},
        # Of each gradient its sum of squares and its sum weighted by position: together they miss no error that matters.
        "gradients": {name: [float((g * g).sum()), float((g.flatten() * torch.arange(g.numel()).cos()).sum())]
                      for name, g in zip(network.names, gradients)},
        "losses": [],
    }
    for _ in range(11):
        loss = network.loss()
        result["losses"].append(float(loss))
        gradients = [g / len(SOURCES) for g in torch.autograd.grad(loss, list(network.values))]
        norm = math.sqrt(sum(float((g * g).sum()) for g in gradients))
        with torch.no_grad():
            for value, gradient in zip(network.values, gradients):
                value -= RATE * min(1.0, LIMIT / norm) * gradient
    return result


def kept(index, size):
    """A mask that prunes every third weight or so, by a formula as the initial values."""
    return [0.0 if math.sin(2 + 1.3 * i + 7 * index) > 0.4 else 1.0 for i in range(size)]


def adam_case(layers, n, attention, bidirectional, feeding, reverse):
    """Ten steps of torch.optim.Adam: matrices masked, gradients of two batches accumulated, clipped to LIMIT.

    The paper's remark at the end of section 2, which folds the bias correction into the rate, leaves epsilon unscaled; PyTorch
    scales it. So PyTorch is given, at each step, the epsilon that makes both the same.
    """
    network = Network(layers, n, attention, bidirectional, feeding, reverse)
    masks = [torch.tensor(kept(i, v.numel())).reshape(v.shape) if v.dim() > 1 else torch.ones(v.shape)
             for i, v in enumerate(network.values)]
    with torch.no_grad():
        for value, mask in zip(network.values, masks):
            value *= mask
    optimizer = torch.optim.Adam(network.values, lr=ADAM_RATE)
    losses, norms = [], []
    for step in range(1, 12):
        optimizer.zero_grad()
        losses.append(0.0)
        for batch in ([0, 1], [2]):
            loss = network.loss(batch)
            loss.backward()
            losses[-1] += float(loss)
        for value, mask in zip(network.values, masks):
            value.grad *= mask / len(SOURCES)
        norms.append(math.sqrt(sum(float((v.grad * v.grad).sum()) for v in network.values)))
        for value in network.values:
            value.grad *= min(1.0, LIMIT / norms[-1])
        optimizer.param_groups[0]["eps"] = ADAM_EPSILON / math.sqrt(1 - 0.999 ** step)
        optimizer.step()
    assert all(bool((value[mask == 0] == 0).all()) for value, mask in zip(network.values, masks))
    return {
        "options": {"layers": layers, "hidden": n, "attention": attention, "bidirectional": bidirectional,
                    "inputFeeding": feeding, "reverseSource": reverse},
        "losses": losses, "norms": norms,
        "squares": {name: float((v * v).sum()) for name, v in zip(network.names, network.values)},
    }


print(json.dumps({
    "torch": torch.__version__, "sources": SOURCES, "targets": TARGETS, "vocabulary": VOCABULARY, "rate": RATE, "limit": LIMIT,
    "cases": [
        case(2, 6, "general", False, False, True),
        case(1, 4, "dot", True, False, False),
        case(2, 4, "concat", False, True, True),
        case(2, 4, "none", False, False, True),
        case(2, 4, "general", True, True, False),
    ],
    "adamRate": ADAM_RATE,
    "adam": [
        adam_case(2, 6, "general", False, False, True),
        adam_case(2, 4, "concat", True, True, False),
    ],
}, separators=(",", ":")))
