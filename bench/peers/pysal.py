"""Reference values with public Python packages for tests in spatial.

    python bench/peers/pysal.py spatial/testdata

Writes the invented areas pysal_areas.csv and pysal_areas.gal, and what the packages say of them: pysal_values.csv
(name,value) and pysal_rates.csv (smoothed rates by area). Concentration and slope index, which those packages lack,
come from numpy by other formulas than those of the Go code (covariance, lstsq).
"""

import csv
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")

import esda
import geopandas as gpd
import numpy as np
import pandas as pd
from esda.smoothing import Empirical_Bayes, Spatial_Empirical_Bayes
from inequality.gini import Gini
from inequality.theil import Theil, TheilD
from libpysal.weights import W, lat2W
from scipy.stats import rankdata
from segregation.singlegroup import Dissim, Isolation, Interaction
from shapely.geometry import box

out = Path(sys.argv[1])
rng = np.random.default_rng(11)
rows, cols = 5, 7
n = rows * cols
w0 = lat2W(rows, cols, rook=False)
# one area loses all its neighbours
alone = n - 1
neighbours = {i: [j for j in sorted(w0.neighbors[i]) if j != alone] if i != alone else [] for i in range(n)}

people = np.round(rng.gamma(1.5, 900, n) + 20)
value = np.round(rng.lognormal(1.5, 0.6, n), 3)
rank = np.round(rng.normal(0, 1, n), 1)  # with ties
group = np.array([["north", "middle", "south"][i // (2 * cols)] for i in range(n)])
cases = rng.poisson(people * rng.gamma(20, 0.01 / 20, n)).astype(float)
minority = np.floor(people * rng.beta(1, 6, n))

with open(out / "pysal_areas.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["id", "people", "value", "rank", "group", "cases", "minority"])
    for i in range(n):
        w.writerow([i, int(people[i]), value[i], rank[i], group[i], int(cases[i]), int(minority[i])])
with open(out / "pysal_areas.gal", "w") as f:
    f.write(f"{n}\n")
    for i in range(n):
        f.write(f"{i} {len(neighbours[i])}\n{' '.join(map(str, neighbours[i]))}\n")

values = {"gini": Gini(value).g, "theil": Theil(value).T}
d = TheilD(value, group)
values["theil_between"] = float(np.ravel(d.bg)[0])
values["theil_within"] = float(np.ravel(d.wg)[0])
# people behind each value: the same packages on the spread-out population
spread = np.repeat(value, people.astype(int))
values["gini_people"] = Gini(spread).g
d = TheilD(spread, np.repeat(group, people.astype(int)))
values["theil_people"] = float(np.ravel(d.T)[0])
values["theil_people_between"] = float(np.ravel(d.bg)[0])

frame = gpd.GeoDataFrame({"minority": minority, "people": people, "rest": people - minority},
                         geometry=[box(i % cols, i // cols, i % cols + 1, i // cols + 1) for i in range(n)])
values["dissimilarity"] = Dissim(frame, "minority", "people").statistic
values["isolation"] = Isolation(frame, "minority", "people").statistic
values["exposure"] = Interaction(frame, "minority", "people").statistic

# concentration index as twice the covariance of value and mean rank over people one by one
r = np.repeat(rank, people.astype(int))
ridit = (rankdata(r, "average") - 0.5) / len(r)
c = 2 * np.cov(spread, ridit, bias=True)[0, 1] / spread.mean()
values["concentration"] = c
lo, hi = 0.0, 30.0
values["concentration_wagstaff"] = c * spread.mean() * (hi - lo) / ((hi - spread.mean()) * (spread.mean() - lo))
values["concentration_erreygers"] = 4 * spread.mean() * c / (hi - lo)
# slope index by weighted least squares over areas
area_ridit = np.array([((people * (rank < a)).sum() + (people * (rank == a)).sum() / 2) / people.sum() for a in rank])
design = np.column_stack([np.ones(n), area_ridit]) * np.sqrt(people)[:, None]
beta, rest, _, _ = np.linalg.lstsq(design, value * np.sqrt(people), rcond=None)
values["slope_index"] = beta[1]
values["slope_error"] = np.sqrt(rest[0] / (n - 2) * np.linalg.inv(design.T @ design)[1, 1])
values["relative_index"] = (beta[0] + beta[1]) / beta[0]

weights = W(neighbours, silence_warnings=True, id_order=list(range(n)))
np.random.seed(1)
for style in ("R", "B"):
    weights.transform = style
    m = esda.Moran(value, weights, transformation=style, permutations=0)
    g = esda.Geary(value, weights, transformation=style, permutations=0)
    values |= {f"moran_{style}": m.I, f"moran_{style}_var_norm": m.VI_norm, f"moran_{style}_var_rand": m.VI_rand,
               f"geary_{style}": g.C, f"geary_{style}_var_norm": g.VC_norm, f"geary_{style}_var_rand": g.VC_rand}

with open(out / "pysal_values.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["name", "value"])
    for k, v in values.items():
        w.writerow([k, repr(float(v))])

weights.transform = "O"
eb = Empirical_Bayes(cases, people).r
local = Spatial_Empirical_Bayes(cases, people, weights).r
with open(out / "pysal_rates.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["id", "marshall", "local"])
    for i in range(n):
        w.writerow([i, repr(float(np.ravel(eb)[i])), repr(float(np.ravel(local)[i]))])
