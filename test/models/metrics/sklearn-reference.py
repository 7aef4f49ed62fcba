"""Prints reference values of scikit-learn for metrics.test.ts: /usr/bin/python3 sklearn-reference.py > sklearn-reference.json"""
import json
import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score, roc_curve

cases = []
for seed, n, digits in [(1, 40, 1), (2, 200, 2), (3, 500, 6)]:
    draw = np.random.default_rng(seed)
    logit = draw.normal(-1, 1.3, n)
    event = (draw.random(n) < 1 / (1 + np.exp(-logit))).astype(int)
    pd = np.clip(np.round(1 / (1 + np.exp(-0.7 * logit - 0.2)), digits), 0, 1)
    inner = np.clip(pd, 1e-6, 1 - 1e-6)
    x = np.log(inner / (1 - inner)).reshape(-1, 1)
    line = LogisticRegression(penalty=None, tol=1e-12, max_iter=10000).fit(x, event)
    fpr, tpr, _ = roc_curve(event, pd, drop_intermediate=False)
    weight = draw.integers(0, 4, n)
    cases.append(dict(
        pd=pd.tolist(), event=event.tolist(), weight=weight.tolist(),
        auc=roc_auc_score(event, pd), averagePrecision=average_precision_score(event, pd),
        brier=brier_score_loss(event, pd), logLoss=log_loss(event, pd, eps=np.finfo(float).eps),
        ks=float(np.max(np.abs(tpr - fpr))), slope=float(line.coef_[0, 0]), intercept=float(line.intercept_[0]),
        innerPd=inner.tolist(),
        weightedAuc=roc_auc_score(event, pd, sample_weight=weight),
        weightedAveragePrecision=average_precision_score(event, pd, sample_weight=weight),
        weightedBrier=brier_score_loss(event, pd, sample_weight=weight),
    ))
print(json.dumps(dict(scikitLearn=sklearn.__version__, cases=cases)))
