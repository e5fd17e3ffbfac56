"""Posterior of the BYM2 model by NUTS, as the reference of TestBYM2AgainstMCMC.

    python bench/peers/bym2_mcmc.py DATA OUT [SAMPLES]

DATA is the folder of the real data (its pennsylvania/ is read), OUT is spatial/testdata. Writes the invented data set
bym2_islands.csv/.gal (two parts, an area without neighbours, low counts, one area without expected cases) and the
posterior summaries bym2_pennsylvania_ref.csv and bym2_islands_ref.csv.

Shares nothing with the Go code: the structure matrix is treated densely by its eigenvectors, the prior of phi comes
from its eigenvalues, and the posterior is sampled.
"""

import csv
import sys
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.diagnostics import effective_sample_size, gelman_rubin
from numpyro.infer import MCMC, NUTS

numpyro.enable_x64()


def structure(neighbours):
    """Basis B with u = B z, z standard normal, and the positive eigenvalues of the scaled structure matrix."""
    n = len(neighbours)
    part = [-1] * n
    parts = []
    for i in range(n):
        if part[i] >= 0:
            continue
        stack, members = [i], []
        part[i] = len(parts)
        while stack:
            a = stack.pop()
            members.append(a)
            for b in neighbours[a]:
                if part[b] < 0:
                    part[b] = part[i]
                    stack.append(b)
        parts.append(sorted(members))
    columns, values = [], []
    for members in parts:
        if len(members) == 1:
            e = np.zeros(n)
            e[members[0]] = 1
            columns.append(e)
            values.append(1.0)
            continue
        at = {a: k for k, a in enumerate(members)}
        q = np.zeros((len(members), len(members)))
        for a in members:
            q[at[a], at[a]] = len(neighbours[a])
            for b in neighbours[a]:
                q[at[a], at[b]] = -1
        scale = np.exp(np.mean(np.log(np.diag(np.linalg.pinv(q)))))
        lam, vec = np.linalg.eigh(q * scale)
        for k in range(1, len(members)):
            e = np.zeros(n)
            e[members] = vec[:, k] / np.sqrt(lam[k])
            columns.append(e)
            values.append(lam[k])
    return np.array(columns).T, np.array(values)


def prior_rate(lam, u, alpha):
    g = 1 / lam - 1

    def d(phi):
        return np.sqrt(np.sum(phi * g - np.log1p(phi * g)))

    at, top = d(u), d(1 - 1e-9)
    lo, hi = 1e-9, 100.0
    for _ in range(200):
        mid = (lo + hi) / 2
        if np.expm1(-mid * at) / np.expm1(-mid * top) < alpha:
            lo = mid
        else:
            hi = mid
    return lo, top


def model(y, e, x, basis, lam, rate, top):
    n = len(y)
    g = 1 / lam - 1
    sigma = numpyro.sample("sigma", dist.Exponential(-np.log(0.01) / 1.0))
    logit = numpyro.sample("logit", dist.ImproperUniform(dist.constraints.real, (), ()))
    phi = jax.nn.sigmoid(logit)
    two_kld = jnp.sum(phi * g - jnp.log1p(phi * g))
    d = jnp.sqrt(two_kld)
    # dd/dphi = (1/2d) * sum(g - g/(1+phi g)) = (1/2d) * sum(phi g^2/(1+phi g));  dphi/dlogit = phi(1-phi)
    slope = jnp.sum(phi * g * g / (1 + phi * g)) / (2 * d)
    numpyro.factor("phi prior", jnp.log(rate) - rate * d + jnp.log(slope) + jnp.log(phi) + jnp.log1p(-phi))
    b0 = numpyro.sample("b0", dist.ImproperUniform(dist.constraints.real, (), ()))
    v = numpyro.sample("v", dist.Normal(0, 1).expand([n]))
    z = numpyro.sample("z", dist.Normal(0, 1).expand([basis.shape[1]]))
    eta = b0 + sigma * (jnp.sqrt(1 - phi) * v + jnp.sqrt(phi) * (basis @ z))
    if x is not None:
        b1 = numpyro.sample("b1", dist.Normal(0, 1 / np.sqrt(0.001)))
        # sampled around the mean of the covariate, reported on its own scale
        eta = eta + b1 * (x - x.mean())
    numpyro.deterministic("eta", eta)
    numpyro.factor("data", jnp.sum(y * eta - e * jnp.exp(eta)))


def run(name, ids, y, e, x, neighbours, out, samples):
    basis, lam = structure(neighbours)
    rate, top = prior_rate(lam, 0.5, 0.5)
    start = {"sigma": 0.3, "logit": 0.0, "b0": float(np.log(y.sum() / e.sum())), "v": np.zeros(len(y)), "z": np.zeros(basis.shape[1])}
    if x is not None:
        start["b1"] = 0.0
    mcmc = MCMC(NUTS(model, target_accept_prob=0.9, init_strategy=numpyro.infer.init_to_value(values=start)),
                num_warmup=2000, num_samples=samples, num_chains=4, chain_method="sequential", progress_bar=False)
    mcmc.run(jax.random.PRNGKey(20261122), jnp.array(y), jnp.array(e), None if x is None else jnp.array(x), jnp.array(basis), jnp.array(lam), rate, top)
    s = {k: np.array(v) for k, v in mcmc.get_samples(group_by_chain=True).items()}
    figures = {"precision": s["sigma"] ** -2.0, "mix": 1 / (1 + np.exp(-s["logit"])), "intercept": s["b0"]}
    if x is not None:
        figures["covariate"] = s["b1"]
        figures["intercept"] = s["b0"] - s["b1"] * x.mean()
    for i, area in enumerate(ids):
        figures[f"risk {area}"] = np.exp(s["eta"][:, :, i])
    with open(out / f"bym2_{name}_ref.csv", "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["name", "mean", "sd", "lower", "median", "upper", "above1", "ess", "rhat"])
        for k, v in figures.items():
            flat = v.ravel()
            q = np.quantile(flat, [0.025, 0.5, 0.975])
            w.writerow([k] + [f"{a:.6g}" for a in (flat.mean(), flat.std(), *q, (flat > 1).mean(), effective_sample_size(v), gelman_rubin(v))])
    print(name, {k: (v.mean(), effective_sample_size(v)) for k, v in list(figures.items())[:4]}, flush=True)


def read_gal(path):
    rows = [line.split() for line in open(path)]
    ids = [r[0] for r in rows[1::2]]
    at = {a: k for k, a in enumerate(ids)}
    return ids, [[at[b] for b in r] for r in rows[2::2]]


def islands(out):
    """Two grids that do not touch, and one area alone."""
    r = np.random.default_rng(7)
    places = [(0, a, b) for a in range(6) for b in range(6)] + [(1, a, b) for a in range(3) for b in range(4)] + [(2, 0, 0)]
    n = len(places)
    neighbours = [[j for j, q in enumerate(places) if q[0] == p[0] and abs(q[1] - p[1]) + abs(q[2] - p[2]) == 1] for p in places]
    field = np.array([0.5 * np.sin(a) + 0.15 * b - 0.4 for _, a, b in places])
    e = np.round(r.gamma(2, 4, n) + 1, 1)
    e[10] = 0
    y = r.poisson(e * np.exp(field + r.normal(0, 0.25, n)))
    ids = [f"a{i}" for i in range(n)]
    with open(out / "bym2_islands.csv", "w", newline="") as f:
        w = csv.writer(f, lineterminator="\n")
        w.writerow(["id", "cases", "expected"])
        w.writerows(zip(ids, y, e))
    with open(out / "bym2_islands.gal", "w") as f:
        f.write(f"{n}\n")
        for i, row in enumerate(neighbours):
            f.write(f"{ids[i]} {len(row)}\n{' '.join(ids[j] for j in row)}\n")
    return ids, y.astype(float), e, None, neighbours


def pennsylvania(data):
    at = Path(data) / "pennsylvania"
    rows = list(csv.DictReader(open(at / "pennLC_ref_expected.csv")))
    smoking = {r["county"]: float(r["smoking"]) for r in csv.DictReader(open(at / "pennLC_smoking.csv"))}
    _, neighbours = read_gal(at / "pennLC.gal")
    ids = [r["county"] for r in rows]
    return ids, np.array([float(r["cases"]) for r in rows]), np.array([float(r["expected"]) for r in rows]), np.array([smoking[c] for c in ids]), neighbours


if __name__ == "__main__":
    out = Path(sys.argv[2])
    samples = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
    run("islands", *islands(out), out, samples)
    run("pennsylvania", *pennsylvania(sys.argv[1]), out, samples)
