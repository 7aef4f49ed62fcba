"""Trains the peers of `npm run bench -- accuracy` on features that `harbinger features export` wrote.

usage: peers.py FEATURES.csv PARTS.csv OUT MODELS HORIZONS CONFIGURATIONS [FEATURES_LEFT_OUT]

PARTS.csv has, in the order of the features' rows, `part` (0 = learn, 1 = predict, 2 = neither), `inner` (0-9, whole
borrowers) and `contractMonths` (how many months can be seen: as many as the contract leaves and, of rows to learn from,
no month of the test). At horizon h a row has a label if h months can be seen, and its event came within them or all of
them were seen. For each model and horizon the predictions of part 1 are written to OUT/MODEL-h.f64, and what was chosen to OUT/MODEL-h.json.

Tuning looks at the learning part alone: random configurations are compared by log-loss on three of its ten inner
parts, after early stopping there. `xgboost` and `lightgbm` learn anew on all of it; `xgboost-bag` is five members, each
stopping early on two inner parts of its own, and the mean of their log-odds.
"""

import json
import os
import sys
import time

import numpy as np
import pandas

features_file, parts_file, out, models, horizons, configurations = sys.argv[1:7]
left_out = set(sys.argv[7].split(",")) if len(sys.argv) > 7 else set()
KEYS = ["borrowerId", "accountId", "month", "observedMonths", "eventMonth"]


def read_features():
    """Numbers as they are, categories as one column per level; empty cells are missing."""
    table = pandas.read_csv(features_file, keep_default_na=False, na_values=[""], low_memory=False)
    matrix = []
    for name in table.columns:
        cells = table[name]
        if name in KEYS or name in left_out or cells.isna().all():
            continue
        if pandas.api.types.is_numeric_dtype(cells):
            matrix.append(cells.to_numpy(np.float32))
        else:
            matrix.extend((cells == level).to_numpy(np.float32) for level in sorted(cells.dropna().unique()))
    observed = table["observedMonths"].to_numpy(np.int64)
    event = table["eventMonth"].to_numpy(np.int64)
    return np.column_stack(matrix), observed, event


def log_loss(y, p):
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


def configuration(rng):
    return {
        "depth": int(rng.integers(3, 7)),
        "eta": float(np.exp(rng.uniform(np.log(0.03), np.log(0.12)))),
        "child": float(np.exp(rng.uniform(np.log(1), np.log(60)))),
        "rows": float(rng.uniform(0.6, 0.95)),
        "columns": float(rng.uniform(0.4, 0.9)),
        "l2": float(np.exp(rng.uniform(np.log(0.5), np.log(60)))),
    }


def fit_xgboost(x, y, chosen, x_stop=None, y_stop=None, rounds=2000):
    import xgboost

    parameters = {
        "objective": "binary:logistic", "eval_metric": "logloss", "tree_method": "hist", "nthread": THREADS, "seed": 1,
        "max_depth": chosen["depth"], "eta": chosen["eta"], "min_child_weight": chosen["child"],
        "subsample": chosen["rows"], "colsample_bytree": chosen["columns"], "lambda": chosen["l2"],
    }
    train = xgboost.DMatrix(x, label=y)
    if x_stop is None:
        model = xgboost.train(parameters, train, rounds)
        return (lambda z: model.predict(xgboost.DMatrix(z))), rounds
    model = xgboost.train(parameters, train, rounds, evals=[(xgboost.DMatrix(x_stop, label=y_stop), "stop")],
                          early_stopping_rounds=30, verbose_eval=False)
    best = model.best_iteration + 1
    return (lambda z: model.predict(xgboost.DMatrix(z), iteration_range=(0, best))), best


def fit_lightgbm(x, y, chosen, x_stop=None, y_stop=None, rounds=2000):
    import lightgbm

    parameters = {
        "objective": "binary", "metric": "binary_logloss", "num_threads": THREADS, "seed": 1, "verbose": -1,
        "max_depth": chosen["depth"] + 2, "num_leaves": 2 ** chosen["depth"], "learning_rate": chosen["eta"],
        "min_data_in_leaf": int(20 + 4 * chosen["child"]), "bagging_fraction": chosen["rows"], "bagging_freq": 1,
        "feature_fraction": chosen["columns"], "lambda_l2": chosen["l2"],
    }
    train = lightgbm.Dataset(x, label=y)
    if x_stop is None:
        model = lightgbm.train(parameters, train, rounds)
        return (lambda z: model.predict(z)), rounds
    model = lightgbm.train(parameters, train, rounds, valid_sets=[lightgbm.Dataset(x_stop, label=y_stop)],
                           callbacks=[lightgbm.early_stopping(30, verbose=False)])
    best = model.best_iteration
    return (lambda z: model.predict(z, num_iteration=best)), best


def tune(fit, x, y, inner, seed):
    """Best of random configurations on inner parts 7-9, and its number of rounds."""
    hold = inner >= 7
    if not (0 < y[hold].sum() < hold.sum() and 0 < y[~hold].sum()):
        raise SystemExit("peers.py: the inner parts have one class only")
    rng = np.random.default_rng(seed)
    best = None
    for _ in range(int(configurations)):
        chosen = configuration(rng)
        predict, rounds = fit(x[~hold], y[~hold], chosen, x[hold], y[hold])
        loss = log_loss(y[hold], predict(x[hold]))
        if best is None or loss < best[0]:
            best = (loss, chosen, rounds)
    return best


def logistic(x, y, z):
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler(),
                          LogisticRegression(C=0.1, max_iter=300))
    model.fit(x, y)
    return model.predict_proba(z)[:, 1], {"C": 0.1}


def run(name, x, y, inner, z):
    if name == "logistic":
        return logistic(x, y, z)
    fit = fit_lightgbm if name == "lightgbm" else fit_xgboost
    key = "lightgbm" if name == "lightgbm" else "xgboost"
    if key not in TUNED:
        TUNED[key] = tune(fit, x, y, inner, 1)
    loss, chosen, rounds = TUNED[key]
    if name != "xgboost-bag":
        predict, _ = fit(x, y, chosen, rounds=max(1, int(rounds / 0.7 ** 0.5)))
        return predict(z), {"loss": loss, "rounds": rounds, **chosen}
    logits = np.zeros(len(z))
    for member in range(5):
        stop = inner // 2 == member
        predict, _ = fit(x[~stop], y[~stop], chosen, x[stop], y[stop])
        p = np.clip(predict(z), 1e-9, 1 - 1e-9)
        logits += np.log(p / (1 - p)) / 5
    return 1 / (1 + np.exp(-logits)), {"loss": loss, "rounds": rounds, **chosen}


THREADS = int(os.environ.get("PEER_THREADS", "2"))
x, observed, event = read_features()
parts = np.loadtxt(parts_file, delimiter=",", skiprows=1, dtype=np.int64)
if len(parts) != len(x):
    raise SystemExit(f"peers.py: {len(x)} rows of features, {len(parts)} of parts")
for horizon in [int(text) for text in horizons.split(",")]:
    known = (((event > 0) & (event <= horizon)) | (observed >= horizon)) & (parts[:, 2] >= horizon)
    y = ((event > 0) & (event <= horizon)).astype(np.float64)
    learn = (parts[:, 0] == 0) & known
    predicted = parts[:, 0] == 1
    TUNED = {}
    for name in models.split(","):
        started = time.time()
        p, chosen = run(name, x[learn], y[learn], parts[learn, 1], x[predicted])
        np.asarray(p, dtype=np.float64).tofile(os.path.join(out, f"{name}-{horizon}.f64"))
        with open(os.path.join(out, f"{name}-{horizon}.json"), "w") as file:
            json.dump({"seconds": time.time() - started, "learned": int(learn.sum()), "chosen": chosen}, file)
        print(f"{name} at {horizon}: {time.time() - started:.1f} s", file=sys.stderr, flush=True)
