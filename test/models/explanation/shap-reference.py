"""Prints Shapley values by `shap` for shap.test.ts: python shap-reference.py > shap-reference.json (shap 0.51.0)

A scorecard is a line over the weights of evidence of its bins; the network has two hidden layers. Both give the log-odds
of the event in one month, and what is absent is at the baseline.
"""
import json

import numpy as np
import shap

draw = np.random.default_rng(7)


def single(shape, scale):
    return (scale * draw.standard_normal(shape)).astype(np.float32).astype(np.float64)


def forward(layers, x):
    for depth, (kernel, bias) in enumerate(layers):
        x = (np.maximum(x, 0) if depth else x) @ kernel + bias
    return x[:, 0]


def case(layers, baseline, rows):
    masker = shap.maskers.Independent(baseline.reshape(1, -1), max_samples=1)
    explainer = shap.explainers.Exact(lambda x: forward(layers, x), masker)
    values = explainer(rows)
    return {
        "layers": [{"kernel": kernel.ravel().tolist(), "bias": bias.tolist()} for kernel, bias in layers],
        "baseline": baseline.tolist(),
        "rows": rows.tolist(),
        "baselineLogit": float(forward(layers, baseline.reshape(1, -1))[0]),
        "values": values.values.tolist(),
    }


# Weights of evidence, ln(share of goods / share of bads), of four bins of each of six features; coefficients below 0.
woe = np.round(single((6, 4), 0.8), 3)
bins = draw.integers(0, 4, (5, 6))
rows = np.take_along_axis(woe[None].repeat(5, 0), bins[:, :, None], 2)[:, :, 0]
scorecard = case([(-np.abs(single((6, 1), 0.7)), np.array([-2.0]))], np.round(woe.mean(1), 3), rows)
network = case(
    [(single((8, 6), 0.5), single(6, 0.3)), (single((6, 4), 0.6), single(4, 0.3)), (single((4, 1), 0.8), np.array([-2.0]))],
    np.round(single(8, 0.3), 3),
    np.round(single((5, 8), 1.2), 3),
)
print(json.dumps({"shap": shap.__version__, "numpy": np.__version__, "scorecard": scorecard, "network": network}))
