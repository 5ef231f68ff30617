#!/usr/bin/env python3
"""Draws what service_against_python.py --csv measured, as SVG, with nothing but Python.

    python3 examples/benchmarks/plot.py benchmarks.csv docs/benchmarks

Writes elements.svg (milliseconds against elements) and connections.svg (requests/s against connections), both axes
logarithmic: a straight line of slope one is a cost that grows with the elements.
"""
import csv
import math
import os
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 70, 20, 40, 50
OURS, THEIRS = "#0b6e4f", "#c0392b"


class Axis:
    """Values to places along one side, by their logarithms."""

    def __init__(self, values, start, end):
        self.low, self.high = math.log10(min(values)), math.log10(max(values))
        self.start, self.end = start, end

    def place(self, value):
        return self.start + (math.log10(value) - self.low) / (self.high - self.low) * (self.end - self.start)

    def decades(self):
        return [10.0 ** d for d in range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)]


def text(x, y, content, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{content}</text>'


def short(value):
    return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k" if value >= 1e3 else f"{value:g}"


def line(points, color, dashes):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="{dashes}"/>{dots}'


def chart(title, across, up, series, ticks=None):
    """series: (label, color, dashes, [(x, y), ...])"""
    everything = [p for s in series for p in s[3]]
    xs = Axis([p[0] for p in everything], LEFT, WIDTH - RIGHT)
    ys = Axis([p[1] for p in everything], HEIGHT - BOTTOM, TOP + 14 * len(series))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', text(WIDTH / 2, 20, title, more='font-weight="bold"'),
           text(WIDTH / 2, HEIGHT - 10, across), text(0, 0, up, more=f'transform="translate(16 {HEIGHT / 2}) rotate(-90)"')]
    for x in ticks or xs.decades():
        out.append(f'<line x1="{xs.place(x):.1f}" x2="{xs.place(x):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(text(xs.place(x), HEIGHT - BOTTOM + 18, short(x)))
    for y in ys.decades():
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{ys.place(y):.1f}" y2="{ys.place(y):.1f}" stroke="#ddd"/>')
        out.append(text(LEFT - 6, ys.place(y) + 4, short(y), "end"))
    for number, (label, color, dashes, points) in enumerate(series):
        out.append(line([(xs.place(x), ys.place(y)) for x, y in points], color, dashes))
        y = TOP + 12 + 14 * number
        out.append(f'<line x1="{LEFT + 8}" x2="{LEFT + 36}" y1="{y - 4}" y2="{y - 4}" stroke="{color}" stroke-width="2" '
                   f'stroke-dasharray="{dashes}"/>' + text(LEFT + 42, y, label, "start"))
    return "\n".join(out) + "\n</svg>\n"


def both(rows, part, label, name, dashes):
    points = [(float(x), float(own), float(other)) for p, l, x, own, other in rows if (p, l) == (part, label)]
    return [(f"this service, {name}", OURS, dashes, [(x, own) for x, own, _ in points]),
            (f"Python, {name}", THEIRS, dashes, [(x, other) for x, _, other in points])]


def main():
    source, folder = sys.argv[1:]
    with open(source, newline="") as file:
        rows = list(csv.reader(file))
    os.makedirs(folder, exist_ok=True)
    charts = {
        "elements.svg": chart("Inference, .npy, one connection", "elements (log)", "milliseconds (log)",
                              both(rows, "elements", ".npy forward-infer", ".npy", "none")),
        "connections.svg": chart("Inference, 64x256", "connections (log)", "requests/s (log)",
                                 both(rows, "load", ".npy forward-infer", ".npy", "none")
                                 + both(rows, "load", "17 digits forward-infer", "JSON", "5 4"), [1, 4, 16, 64])}
    for name, svg in charts.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(svg)


main()
