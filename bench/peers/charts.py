# SPDX-License-Identifier: MIT
"""Horizontal bars on a logarithmic axis, as SVG."""
import math
from html import escape

COLOURS = ("#d62728", "#7a4fbf", "#b79ae0", "#1f77b4", "#8fc1e3", "#2ca02c", "#9ad79a", "#8c8c8c")
BAR, GAP, LEFT, WIDTH, TOP = 5, 7, 90, 620, 64


def bars(title, labels, series):
    """`series` has a list by name, a number or None a label; bars go from 1 to the number."""
    values = [value for row in series.values() for value in row if value]
    low = math.floor(min(0, math.log10(min(values))))
    high = max(low + 1, math.ceil(math.log10(max(values))))
    group = BAR * len(series) + GAP
    height = TOP + group * len(labels) + 24

    def across(value):
        return LEFT + WIDTH * (math.log10(value) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LEFT + WIDTH + 30}" height="{height}" font-family="sans-serif"'
        ' font-size="11">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="18" font-size="13">{escape(title)}</text>',
    ]
    for at, name in enumerate(series):
        x, y = LEFT + 160 * (at % 4), 34 + 13 * (at // 4)
        parts.append(f'<rect x="{x}" y="{y - 8}" width="9" height="9" fill="{COLOURS[at]}"/>')
        parts.append(f'<text x="{x + 13}" y="{y}">{escape(name)}</text>')
    for power in range(low, high + 1):
        x = across(10.0**power)
        colour = "#444" if power == 0 else "#ddd"
        parts.append(f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 20}" stroke="{colour}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 7}" text-anchor="middle">{10.0**power:g}</text>')
    for row, label in enumerate(labels):
        top = TOP + group * row
        middle = top + (group - GAP) / 2 + 4
        parts.append(f'<text x="{LEFT - 8}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>')
        for at, row_values in enumerate(series.values()):
            if row_values[row]:
                begin, end = sorted((across(1), across(row_values[row])))
                parts.append(
                    f'<rect x="{begin:.1f}" y="{top + BAR * at}" width="{max(end - begin, 1.5):.1f}" height="{BAR}"'
                    f' fill="{COLOURS[at]}"/>'
                )
    return "\n".join([*parts, "</svg>"]) + "\n"
