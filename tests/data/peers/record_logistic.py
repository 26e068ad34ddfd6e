"""Weights of scikit-learn's LogisticRegression on soft targets, for the tests.

    pip install scikit-learn==1.9.1
    python tests/data/peers/record_logistic.py > tests/data/peers/logistic.json

Soft targets are rows that stand there once a class, with the probability of the class as weight.
"""

import json

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

ROWS = [[1.0, 0.0, 0.5], [0.0, 1.0, 0.0], [0.5, -0.5, 1.0], [2.0, 0.0, 0.0], [0.0, -1.0, 1.5], [0.0, 0.0, 0.0]]
TARGETS = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.9, 0.05, 0.05], [0.0, 0.1, 0.9], [0.2, 0.5, 0.3]]
WEIGHTS = [1.0, 1.0, 0.5, 2.0, 1.0, 0.3]
STRENGTH = 0.8

n, k = len(ROWS), len(TARGETS[0])
# The constant is a feature like others, and held back like others.
rows = np.hstack([np.array(ROWS), np.ones((n, 1))])
model = LogisticRegression(C=STRENGTH, fit_intercept=False, tol=1e-12, max_iter=100_000)
model.fit(
    np.repeat(rows, k, axis=0),
    np.tile(np.arange(k), n),
    sample_weight=(np.array(WEIGHTS)[:, None] * np.array(TARGETS)).ravel(),
)
print(
    json.dumps(
        {
            "scikit-learn": sklearn.__version__,
            "rows": ROWS,
            "targets": TARGETS,
            "weights": WEIGHTS,
            "strength": STRENGTH,
            "coefficients": model.coef_.tolist(),
            "probabilities": model.predict_proba(rows).tolist(),
        },
        indent=1,
    )
)
