"""Writes docs/figures/effect.md from what `gevor bench effect` printed:

bin/gevor bench effect --seeds 200 > a.json
bin/gevor bench effect --seeds 200 --first-seed 5001 > b.json
python bench/effect/figures.py "2026-11-22, go1.26" a.json b.json > docs/figures/effect.md
"""

import json
import sys

made, files = sys.argv[1], sys.argv[2:]
print(f"""# Figures of effects

`gevor bench effect`, {made}; written by `bench/effect/figures.py`. The figures do not depend on the machine; 200 seeds of nine
kinds of region take about 15 seconds on one core.

Each seed is a region of 7 to 30 comparable districts, one district with a measure and three neighbours, drawn twice: with an
effect of 2.0 to 3.0 times the noise, and with a measure that does nothing (a placebo area). Noise is the standard deviation of
one period of the district around its own course; for counts that of the logarithm of the rate, chance included. All share
shocks with memory and have levels of their own (`internal/demo/courses.go`); each kind breaks something that an estimator
might take for granted. The estimator is told roles, composition and courses, never which kind of region it is in, and runs
with its defaults (`effect.Defaults`). "Cannot be told" includes regions with too few comparable places.

Wanted: intervals of 90 % that hold the truth in 85 to 95 of 100, false "improved" at most 10 %, "cannot be told" at most 30 %.
200 regions have a standard error of 2.1 percentage points at 90 %; with the effect and without are the same region, so they
do not add up to 400.
""")
for path in files:
    run = json.load(open(path))
    n, first = run["seeds"], run["first_seed"]
    print(f"## Seeds {first} to {first + n - 1}\n\n`gevor bench effect --seeds {n} --first-seed {first}`\n")
    print("| Region | covers: difference | synthetic | interrupted | control | half width, noises | improved | cannot be told | no change | false improved | false worsened | neighbours: worsened |")
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    pct = lambda x: "–" if x is None else f"{100 * x:.1f} %"
    for r in run["regions"]:
        p, q, near = r["verdicts_with_effect"], r["verdicts_without"], r["neighbours_with_effect"]
        share = lambda d, k: pct(d.get(k, 0) / n)
        print("| " + " | ".join([
            r["region"], pct(r["coverage_difference"]), pct(r["coverage_synthetic"]), pct(r.get("coverage_interrupted")), pct(r["coverage_plain_difference"]),
            f"{r['half_width_in_noises']:.2f}", share(p, "improved"), share(p, "cannot be told"), share(p, "no change visible"),
            share(q, "improved"), share(q, "worsened"), share(near, "worsened")]) + " |")
    print()
print("## The kinds of region\n")
for r in run["regions"]:
    print(f"- **{r['region']}**: {r['says']}.")
print("""
## How to read it

"difference" decides; "synthetic" may contradict it; "interrupted" stands beside for counts. "control" is the usual difference in
differences that takes every period for an observation of its own, with the same data: it is what these kinds of region do to an
estimator that trusts them. "improved", "cannot be told" and "no change" are verdicts where the planted effect is 2.0 to 3.0 noises;
"no change" is wrong there. "false improved" and "false worsened" are verdicts where the measure does nothing. "neighbours:
worsened" is right in the kind "spill-over" alone.

Weak: with seven comparable places "cannot be told" is more than wanted in one of the two draws; a third of it is the refusal to
compare with fewer than four places of like composition. The synthetic control is off where the measure goes where it had just got worse, because it does not know that; for that
reason it never decides. Comparable places that have a part of the effect themselves, unknown to anybody, make the estimate too
small; intervals bear that as long as places differ enough anyway. Counts of districts of very unlike size are compared as if they
varied alike, which makes intervals of small districts a little short. A measure's area of several districts is one course, which
varies less than the single places it is held against: its intervals are wider than they need be.

The first table is of the seeds on which the design was settled; the second was drawn once, afterwards, and is the one to believe. Not measured here: real
measures, several measures at once, composition that changes because of the measure, missing figures.""")
