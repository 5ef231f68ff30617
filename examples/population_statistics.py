#!/usr/bin/env python3
"""Gives a layer the exact statistics of a whole data set, which a database computes where the data is.

Every shard (a partition in Spark, a node of a distributed database, a file) answers one row of plain SQL aggregates:
how many rows it has, the mean of each feature, and the sum of squared deviations from that mean. The service merges
them exactly, and installs them as the running statistics of a layer. No row leaves its shard: the way for data that
is larger than one machine. Here the shards are a column of one SQLite table; the statements are the same elsewhere.

    python3 examples/population_statistics.py                        (the service on this machine)
    python3 examples/population_statistics.py http://10.0.0.7:8080   (elsewhere)
"""
import json
import math
import os
import sqlite3
import sys
import urllib.error
import urllib.request
import uuid

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "breast_cancer.csv")
SHARDS = 7


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as e:
        raise SystemExit(f"{url} answered {e.code}: {e.read().decode(errors='replace')}")
    except OSError as e:
        raise SystemExit(f"no service answers at {url}: {e}")


def load():
    """The data set as a table of SQLite, and as a list of rows to check against."""
    with open(DATA, encoding="ascii") as lines:
        features = int(next(lines).split(",")[1])
        rows = [[float(number) for number in line.split(",")[:features]] for line in lines]
    database = sqlite3.connect(":memory:")
    columns = ", ".join(f"x{f} REAL NOT NULL" for f in range(features))
    database.execute(f"CREATE TABLE measurements (shard INTEGER NOT NULL, {columns})")
    marks = ", ".join("?" * (features + 1))
    # Shards of quite different sizes, as they are in life.
    database.executemany(f"INSERT INTO measurements VALUES ({marks})",
                         ([int(math.sqrt(i * i % 49)) % SHARDS] + row for i, row in enumerate(rows)))
    return database, rows, features


def moments(database, features):
    """One row a shard: a count, and for each feature a mean and an M2, in two passes, so that nothing cancels."""
    means = ", ".join(f"avg(x{f}) AS m{f}" for f in range(features))
    mean = ", ".join(f"m{f}" for f in range(features))
    m2 = ", ".join(f"sum((x{f} - m{f}) * (x{f} - m{f}))" for f in range(features))
    statement = f"""
        WITH means AS (SELECT shard, count(*) AS n, {means} FROM measurements GROUP BY shard)
        SELECT shard, n, {mean}, {m2} FROM measurements JOIN means USING (shard) GROUP BY shard"""
    return [{"count": row[1], "mean": row[2:2 + features], "m2": row[2 + features:]}
            for row in database.execute(statement)]


def main():
    url = (sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080").rstrip("/") + "/api/v1"
    database, rows, features = load()
    parts = moments(database, features)
    print(f"{len(rows)} rows of {features} features in {len(parts)} shards of "
          + ", ".join(str(part["count"]) for part in parts))

    merged = post(url + "/statistics/merge", {"parts": parts})
    name = "population-" + uuid.uuid4().hex[:8]
    post(url + "/layers", {"name": name, "features": features, "running_variance": "biased", "epsilon": 0})
    layer = post(f"{url}/layers/{name}/statistics",
                 {"mode": "install", "count": merged["count"], "mean": merged["mean"], "m2": merged["m2"]})

    columns = list(zip(*rows))
    exact = [math.fsum(column) / len(rows) for column in columns]
    variance = [math.fsum((x - m) ** 2 for x in column) / len(rows) for column, m in zip(columns, exact)]
    error = max(max(abs(got - want) / abs(want) for got, want in zip(layer["running_mean"], exact)),
                max(abs(got - want) / want for got, want in zip(layer["running_var"], variance)))
    print(f"layer {name} has the statistics of all rows; the largest relative error is {error:.1e}")

    output = post(f"{url}/layers/{name}/forward-infer", {"input": rows})["output"]
    worst = max(abs(math.fsum(y * y for y in column) / len(rows) - 1) for column in zip(*output))
    print(f"normalized with them, every feature has variance 1 within {worst:.1e}")
    if error > 1e-13 or worst > 1e-12:
        raise SystemExit("that is more than rounding explains")


if __name__ == "__main__":
    main()
