"""Public engines beside this one, in interleaved pairs; see bench/peers/run.

    compare.py WORK DATA OUT

WORK holds the programs engine and engine-simd, DATA the real cities; OUT gets the table. Every pair measures this
project first and the other right after it, so that whatever else the machine does meets both. A ratio is the other's
time over ours: above 1 this project is faster.
"""

import csv
import datetime
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np

work, data, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
rounds = int(os.environ["PAIRS"])
inputs = os.environ["INPUTS"].split()
rows, missing, notes = [], {}, []
FAR = 2**31 - 1  # what the hierarchy says of nodes that nothing joins


class Engine:
    """This project's side, held open on one input."""

    def __init__(self, build, folder, *args):
        self.dir = work / folder
        self.dir.mkdir(exist_ok=True)
        self.p = subprocess.Popen([work / build, "-dir", self.dir, *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.about = self.say()

    def say(self):
        line = self.p.stdout.readline()
        if not line:
            raise RuntimeError("the engine ended")
        return json.loads(line)

    def ask(self, task):
        self.p.stdin.write(task + "\n")
        self.p.stdin.flush()
        return self.say()["seconds"]

    def read(self, name, kind):
        return np.fromfile(self.dir / name, dtype=kind)

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def timed(do):
    begin = time.perf_counter()
    got = do()
    return time.perf_counter() - begin, got


def beside(module, package, what, do):
    """Runs a peer where it is here; where it is not, or fails, the end of the table says so."""
    if importlib.util.find_spec(module) is None:
        missing[package] = "no ready-made package for this machine and Python"
        return
    try:
        do()
    except Exception as err:  # another's failure must not take the rest of the table along
        missing[f"{package}, {what}"] = f"failed with {type(err).__name__}: {str(err).splitlines()[0][:120] if str(err) else ''}"
        print(f"{package}, {what}: {err!r}", file=sys.stderr)


def version(package):
    return f"{package} {importlib.metadata.version(package)}"


def pairs(name, peer, ours, theirs, per, agree):
    """Measures in turn and adds a row. theirs gives seconds and an answer; agree says of it how far it is ours."""
    a, b, got = [], [], None
    for _ in range(rounds):
        a.append(ours())
        took, got = theirs()
        b.append(took)
    ratio = sorted(y / x for x, y in zip(a, b))
    row = (name, peer, np.median(a), np.median(b), np.median(ratio), ratio[0], ratio[-1], per, agree(got))
    rows.append(row)
    write()  # a run that is cut short leaves what it had
    print("%s | %s: ours %.3g s, theirs %.3g s, ratio %.1f (%.1f-%.1f), %s" % (row[0], row[1], *row[2:7], row[8]), flush=True)


def same(x, y):
    return f"{np.mean(x == y):.2%} equal"


def close_to(ours, theirs):
    """Times under other rules of the road: how many are told, and how theirs relate to ours."""
    both = (ours > 0) & (theirs > 0)
    r = theirs[both] / ours[both]
    rank = np.corrcoef(np.argsort(np.argsort(ours[both])), np.argsort(np.argsort(theirs[both])))[0, 1]
    return f"theirs/ours median {np.median(r):.2f}, rank correlation {rank:.3f}, {both.mean():.1%} told by both"


def seconds_of(table):
    return np.array([[-1 if v is None else v for v in r] for r in table], dtype=float).ravel()


# Streets


def graphs(name, e, wide):
    """The same graph for everybody: answers must be equal."""
    first, head, weight = (e.read(f, "<u4") for f in ("first.u32", "head.u32", "weight.u32"))
    tail = np.repeat(np.arange(len(first) - 1, dtype=np.uint32), np.diff(first))
    origins, targets = e.read("from.u32", "<u4"), e.read("to.u32", "<u4")
    about = f"{name}: {len(first) - 1:,} nodes"
    e.ask("contract"), e.ask("nodes"), wide.ask("contract"), wide.ask("nodes")
    ours = e.read("nodes.u32", "<u4").reshape(len(origins), len(targets)).astype(np.int64)
    same_wide = (wide.read("nodes.u32", "<u4") == ours.ravel()).all()
    notes.append(f"{name}: both builds give {'the same' if same_wide else 'DIFFERENT'} integers.")

    def routingkit():
        import routingkit_cch as rk

        lat, lon = e.read("lat.f32", "<f4"), e.read("lon.f32", "<f4")
        lists = [x.tolist() for x in (tail, head, weight, lat, lon)]

        def prepare():
            order = rk.compute_order_inertial(len(first) - 1, lists[0], lists[1], lists[3], lists[4])
            return rk.CCHMetric(rk.CCH(order, lists[0], lists[1], False), lists[2])

        kept = []

        def prepared():
            took, m = timed(prepare)
            kept[:] = [m]
            return took, m

        pairs(about + ", preparation", version("routingkit-cch"), lambda: e.ask("contract"), prepared, None, lambda _: "not a number: see the next row")
        few = min(len(origins), 50)
        to = targets.tolist()

        def table():
            pinned = rk.CCHOneToMany(kept[0], to)
            return [pinned.distances_from(int(o)) for o in origins[:few]]

        def scaled():
            took, got = timed(table)
            return took * len(origins) / few, got

        def agree(got):
            return same(ours[:few].ravel(), np.array([[FAR if v is None else v for v in r] for r in got]).ravel())

        for label, engine in (("", e), (", wide build", wide)):
            pairs(about + ", one to many" + label, version("routingkit-cch"), lambda engine=engine: engine.ask("nodes"), scaled, len(origins) * len(targets), agree)

    beside("routingkit_cch", "routingkit-cch", name, routingkit)

    def dijkstras():
        import igraph

        g = igraph.Graph(n=len(first) - 1, edges=np.column_stack([tail, head]).tolist(), directed=True)
        few = 4 if len(first) > 300_000 else 16

        def dijkstra():
            took, got = timed(lambda: g.distances(source=origins[:few].tolist(), target=targets.tolist(), weights=weight.tolist()))
            return took * len(origins) / few, got

        pairs(about + ", one to many", version("igraph"), lambda: e.ask("nodes"), dijkstra, len(origins) * len(targets),
              lambda got: same(ours[:few].ravel(), np.where(np.isinf(got), FAR, got).astype(np.int64).ravel()))

    beside("igraph", "igraph", name, dijkstras)

    def pandanas():
        import pandana
        import pandas as pd

        nodes = pd.DataFrame({"x": e.read("lon.f32", "<f4"), "y": e.read("lat.f32", "<f4")})
        net = pandana.Network(nodes.x, nodes.y, pd.Series(tail.astype(int)), pd.Series(head.astype(int)), pd.DataFrame({"ms": weight.astype(float)}), twoway=False)
        few = 1
        joined = ours[:few].ravel() != FAR  # of pairs without a path it says so at length, and slowly
        a, b = np.repeat(origins[:few], len(targets))[joined], np.tile(targets, few)[joined]

        def ch():
            took, got = timed(lambda: net.shortest_path_lengths(a, b, imp_name="ms"))
            return took * ours.size / len(a), got

        def agree(got):
            return same(ours[:few].ravel()[joined], np.rint(got).astype(np.int64))

        pairs(about + ", pair by pair", version("pandana"), lambda: e.ask("nodes"), ch, len(origins) * len(targets), agree)

    if len(first) < 400_000:
        beside("pandana", "pandana", name, pandanas)

def cities(name, e, wide, pbf):
    """The same extract and places for everybody; each has rules of the road of its own, so answers are near, not equal."""
    lat, lon = e.read("lat.f32", "<f4").astype(float), e.read("lon.f32", "<f4").astype(float)
    origins, targets = e.read("from.u32", "<u4"), e.read("to.u32", "<u4")
    spots = [(float(lon[v]), float(lat[v])) for v in np.concatenate([origins, targets])]
    n, m = len(origins), len(targets)
    for mode, profile, costing in (("car", "car", "auto"), ("walk", "foot", "pedestrian")):
        e.ask(mode), wide.ask(mode)
        ours = e.read(mode + ".i32", "<i4").reshape(n, m).astype(float)
        if not (wide.read(mode + ".i32", "<i4") == ours.ravel()).all():
            notes.append(f"{name}, {mode}: the builds give DIFFERENT seconds.")
        def osrms():
            import osrm

            home = Path(osrm.__file__).parent
            folder = work / f"osrm-{name}-{mode}"
            folder.mkdir(exist_ok=True)
            base = folder / "net.osrm"
            for cmd in (["osrm-extract", "-p", home / "share/profiles" / (profile + ".lua"), "-o", base, pbf], ["osrm-contract", base]):
                subprocess.run([home / "bin" / cmd[0], *cmd[1:]], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            engine = osrm.OSRM(storage_config=str(base), algorithm="CH", use_shared_memory=False, max_locations_distance_table=n + m)
            ask = osrm.TableParameters(coordinates=spots, sources=list(range(n)), destinations=list(range(n, n + m)), annotations=["duration"])

            def table():
                return timed(lambda: engine.Table(ask))

            def agree(got):
                return close_to(ours.ravel(), seconds_of([list(r) for r in got["durations"]]))

            for label, x in (("", e), (", wide build", wide)):
                pairs(f"{name}, {mode} table{label}", version("osrm-bindings"), lambda x=x: x.ask(mode), table, n * m, agree)

        beside("osrm", "osrm-bindings", f"{name}, {mode}", osrms)

        def valhallas():
            import valhalla

            tiles = work / f"valhalla-{name}"
            fresh = not tiles.exists()
            tiles.mkdir(exist_ok=True)
            conf = valhalla.get_config(tile_extract="", tile_dir=str(tiles), verbose=False)
            for limits in (conf["service_limits"][costing],):
                limits["max_matrix_location_pairs"] = n * m
                limits["max_matrix_distance"] = 1_000_000
            conf["mjolnir"]["concurrency"] = 2
            file = work / f"valhalla-{name}.json"
            file.write_text(json.dumps(conf))
            if fresh:
                subprocess.run([Path(valhalla.__file__).parent / "bin/valhalla_build_tiles", "-c", file, pbf], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            actor = valhalla.Actor(str(file))
            few, some = 3, min(m, 300)
            where = [{"lon": x, "lat": y} for x, y in spots]
            query = json.dumps({"sources": where[:few], "targets": where[n : n + some], "costing": costing, "verbose": False})

            def matrix():
                took, got = timed(lambda: actor.matrix(query))
                return took * (n + m) / (few + some), got  # it expands once around each place

            def agree(got):
                got = json.loads(got) if isinstance(got, str) else got
                return close_to(ours[:few, :some].ravel(), seconds_of(got["sources_to_targets"]["durations"]))

            pairs(f"{name}, {mode} table", version("pyvalhalla"), lambda: e.ask(mode), matrix, n * m, agree)

        beside("valhalla", "pyvalhalla", f"{name}, {mode}", valhallas)

def streets():
    files = {"aachen": data / "aachen/aachen.osm.pbf", "porto": data / "porto/porto_portugal.osm.pbf", "tiled": data / "porto/porto_portugal.osm.pbf"}
    files["demo"] = next((work / "region").glob("**/*.pbf"), None) if (work / "region").exists() else None
    for name, pbf in files.items():
        if name not in inputs:
            continue
        more = ("-tiles", 4, "-origins", 320, "-targets", 20000) if name == "tiled" else ()
        e = Engine("engine", name, "-pbf", pbf, *more)
        wide = Engine("engine-simd", name + "-wide", "-pbf", pbf, *more)
        label = {"tiled": "Porto 4 × 4", "demo": f"demo region of {int(os.environ.get('PEOPLE', 300000)):,}"}.get(name, name.capitalize())
        graphs(label, e, wide)
        if name != "tiled":
            cities(label, e, wide, pbf)
        e.close(), wide.close()


# Timetables


def fill(file):
    """Gives every call a time, evenly between those that are told: ferrobus reads no feed with gaps."""
    with open(file, encoding="utf-8-sig", newline="") as f:
        calls = sorted(csv.DictReader(f), key=lambda c: (c["trip_id"], int(c["stop_sequence"])))
    clock = [None if not c["arrival_time"] else sum(int(x) * y for x, y in zip(c["arrival_time"].split(":"), (3600, 60, 1))) for c in calls]
    told = [i for i, t in enumerate(clock) if t is not None]
    for a, b in zip(told, told[1:]):
        for i in range(a + 1, b):
            clock[i] = clock[a] + (clock[b] - clock[a]) * (i - a) // (b - a)
    with open(file, "w", newline="") as f:
        w = csv.DictWriter(f, ["trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"], extrasaction="ignore")
        w.writeheader()
        for c, t in zip(calls, clock):
            if not c["departure_time"]:
                c["arrival_time"] = c["departure_time"] = f"{t // 3600:02}:{t // 60 % 60:02}:{t % 60:02}"
            w.writerow(c)


def timetables():
    folder = data / "porto-alegre"
    e = Engine("engine", "transit", "-transit", folder, "-workers", os.cpu_count())
    n = e.about["places"]
    took = [e.ask("job") for _ in range(rounds)]
    notes.append(f"Porto Alegre, 120 departures and five percentiles, {n:,} × {n:,}: {np.median(took):.2f} s here on {os.cpu_count()} processors.")
    def ferrobuses():
        import ferrobus

        feeds = []
        for name in ("poa_eptc", "poa_trensurb"):
            to = work / name
            zipfile.ZipFile(folder / (name + ".zip")).extractall(to)
            fill(to / "stop_times.txt")
            feeds.append(str(to))
        model = ferrobus.create_transit_model(str(folder / "poa_osm.pbf"), feeds, datetime.date(2019, 5, 13), 800)
        places = list(csv.DictReader(open(folder / "poa_hexgrid.csv")))
        found, which = [], []
        for i, p in enumerate(places):
            try:
                found.append(ferrobus.create_transit_point(float(p["lat"]), float(p["lon"]), model, 1800, 50))
                which.append(i)
            except Exception:  # a place that it cannot link has no row
                continue
        e.ask("one")
        ours = e.read("transit60.i32", "<i4").reshape(n, n).astype(float)[np.ix_(which, which)].ravel()
        pairs(f"Porto Alegre, one departure, {n:,} × {n:,}, {os.cpu_count()} processors", version("ferrobus"), lambda: e.ask("one"),
              lambda: timed(lambda: ferrobus.travel_time_matrix(model, found, e.about["departure"], 4)), n * n,
              lambda got: close_to(ours, seconds_of(got)))
        one = [r for r in rows if r[1].startswith("ferrobus")][-1][3]
        notes.append(f"ferrobus has no matrix over a window; 120 of its single departures would take {120 * one:.0f} s, {120 * one / np.median(took):.0f} times ours, without percentiles.")

    beside("ferrobus", "ferrobus", "Porto Alegre", ferrobuses)

    e.close()


def write():
    load = os.getloadavg()
    model = next(l.split(": ")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name"))
    with open(out, "w") as f:
        print("# Figures beside public engines\n", file=f)
        print(f"Written by `make bench-peers` (INPUTS=\"{' '.join(inputs)}\" PAIRS={rounds}) on {datetime.date.today()}, version {os.environ['VERSION']},", file=f)
        print(f"{os.cpu_count()} processors ({model}), load {started:.2f} at start and {load[0]:.2f} at the end.\n", file=f)
        print("Each pair measures this project and the other one right after it; a ratio is their time over ours, the median of the", file=f)
        print("pairs with the least and the greatest. One processor each unless a row says more. Where the other is asked for a part", file=f)
        print("of the sources only, its time is scaled to all. Times are of the call alone, without turning answers into Python's.\n", file=f)
        print("| Input and task | Beside | Ours | Theirs | Ours a pair | Ratio (least–greatest) | Answers |", file=f)
        print("|---|---|---|---|---|---|---|", file=f)
        for name, peer, a, b, ratio, least, most, per, agree in rows:
            each = f"{a / per * 1e9:.1f} ns" if per else "–"
            print(f"| {name} | {peer} | {a:.3g} s | {b:.3g} s | {each} | {ratio:.1f} ({least:.1f}–{most:.1f}) | {agree} |", file=f)
        print(file=f)
        for n in notes:
            print(f"- {n}", file=f)
        for package, why in sorted(missing.items()):
            print(f"- {package} was not run: {why}.", file=f)


started = os.getloadavg()[0]
if "transit" in inputs:
    timetables()
streets()
write()
