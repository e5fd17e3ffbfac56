"""Writes effect/testdata/reference.json: estimates of effects by public implementations.

python -m venv v && v/bin/pip install statsmodels==0.15.0 scipy==1.17.1 pysyncon==1.7.0
v/bin/python bench/effect/reference.py > effect/testdata/reference.json

Differences: statsmodels OLS of the places' changes on slope and composition, prediction interval of a new observation
(90 %) at the area's own. Synthetic control: pysyncon's weights for a fixed V (the unit matrix), and scipy's SLSQP where
there is a ridge. Interrupted time series: statsmodels GLM, Poisson with log link and offset; standard errors with
Pearson's scale and, with Bartlett weights and the small-sample correction, HAC.
"""

import json
import sys

import numpy as np
import pysyncon
import scipy
import scipy.optimize
import statsmodels
import statsmodels.api as sm

rng = np.random.default_rng(20261122)
out = {"made_with": f"statsmodels {statsmodels.__version__}, pysyncon {pysyncon.__version__ if hasattr(pysyncon, '__version__') else '1.7.0'}, scipy {scipy.__version__}, numpy {np.__version__}"}


def slope(v):
    return np.polyfit(np.arange(len(v)), v, 1)[0]


def panels():
    for places, before, after, traits in [(6, 10, 4, 0), (9, 12, 6, 1), (16, 8, 3, 2), (20, 16, 8, 3)]:
        t = np.arange(before + after)
        values = rng.normal(0, 1, (places + 1, before + after)) + np.outer(rng.normal(0, 0.1, places + 1), t) + rng.normal(0, 3, (places + 1, 1))
        values[0, before:] -= 1.5
        yield values.round(4), rng.normal(0, 0.4, (places + 1, traits)).round(4), before


out["differences"] = []
for values, traits, start in panels():
    places = len(values) - 1
    room = max(0, (places - 4) // 4)
    change = values[:, start:].mean(1) - values[:, :start].mean(1)
    x = np.column_stack([[slope(v[:start]) for v in values], traits])[:, :room]
    x = np.column_stack([np.ones(places + 1), x])
    fit = sm.OLS(change[1:], x[1:]).fit()
    p = fit.get_prediction(x[:1]).summary_frame(alpha=0.1).iloc[0]
    centred = values - values[:, :start].mean(1, keepdims=True)
    y, z = centred[0, :start], centred[1:, :start]
    steps = np.diff(z, axis=1)
    ridge = steps.var(axis=0, ddof=1).mean() * np.sqrt(values.shape[1] - start) * start
    best = scipy.optimize.minimize(
        lambda w: ((y - w @ z) ** 2).sum() + ridge * (w**2).sum(), np.full(places, 1 / places),
        jac=lambda w: -2 * z @ (y - w @ z) + 2 * ridge * w, method="SLSQP", bounds=[(0, 1)] * places,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1, "jac": lambda w: np.ones(places)}, options={"ftol": 1e-15, "maxiter": 5000},
    )
    gap = centred[0, start:].mean() - best.x @ centred[1:, start:].mean(1)
    out["differences"].append({
        "values": values.tolist(), "traits": traits.tolist(), "start": start,
        "change": change[0] - p["mean"], "low": change[0] - p["obs_ci_upper"], "high": change[0] - p["obs_ci_lower"],
        "weights": best.x.tolist(), "synthetic": gap,
    })

out["weights"] = []
for places, periods in [(4, 12), (8, 20), (15, 40)]:
    z = rng.normal(0, 1, (places, periods)).round(4)
    mix = rng.dirichlet(np.full(places, 0.5))
    y = (mix @ z + rng.normal(0, 0.3, periods)).round(4)
    w, _ = pysyncon.Synth.w_optimize(V_mat=np.eye(periods), X0=z.T, X1=y, qp_options={"maxiter": 5000, "ftol": 1e-14})
    out["weights"].append({"area": y.tolist(), "places": z.tolist(), "weights": np.asarray(w).tolist(), "objective": float(((y - w @ z) ** 2).sum())})

out["interrupted"] = []
for n, start, mean in [(12, 7, 40), (24, 16, 15), (60, 40, 120)]:
    t = np.arange(n)
    people = (2000 * rng.uniform(0.95, 1.05, n)).round()
    rate = mean / 2000 * np.exp(0.2 * t / n - 0.4 * (t >= start) + 0.1 * rng.normal(size=n))
    cases = rng.poisson(people * rate)
    x = np.column_stack([np.ones(n), (t - (n - 1) / 2) / n, t >= start]).astype(float)
    model = sm.GLM(cases, x, family=sm.families.Poisson(), offset=np.log(people))
    fit = model.fit(scale="X2", tol=1e-12)
    lags = int(np.ceil(n**0.25))
    hac = model.fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, tol=1e-12)
    out["interrupted"].append({"cases": cases.tolist(), "people": people.tolist(), "start": start, "step": fit.params[2], "dispersion": fit.scale,
                               "se_quasi": fit.bse[2], "se_hac": hac.bse[2]})

json.dump(out, sys.stdout, indent=1)
print()
