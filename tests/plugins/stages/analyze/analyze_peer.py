"""Computes the figures of an exam with numpy and scipy and compares them with an analysis.json.

analyze_peer.py ROWS.csv KEY.csv ANALYSIS.json [CLASS_COLUMN]: prints every difference; status 1 if there is one.
The key has the columns question, answer, points, wrong and blank, with one line for each right answer.
"""
import csv
import json
import math
import sys

import numpy
from scipy import stats


def read_key(path):
    key = {}
    for line in csv.DictReader(open(path)):
        question = key.setdefault(line["question"], {"right": {}, "wrong": float(line["wrong"]), "blank": float(line["blank"])})
        question["right"][line["answer"]] = float(line["points"])
    return key


def points(question, value):
    if value in question["right"]:
        return question["right"][value]
    return question["blank"] if value == "" else question["wrong"]


def correlation(a, b):
    if len(a) < 2 or numpy.ptp(a) == 0 or numpy.ptp(b) < 1e-9:
        return None
    return stats.pearsonr(a, b)[0]


def alpha(matrix):
    k = matrix.shape[1]
    if k < 2 or matrix.shape[0] < 2 or numpy.ptp(matrix.sum(axis=1)) == 0:
        return None
    return k / (k - 1) * (1 - matrix.var(axis=0, ddof=1).sum() / matrix.sum(axis=1).var(ddof=1))


def scores(matrix):
    total = matrix.sum(axis=1)
    deviation = total.std(ddof=1) if len(total) > 1 else None
    reliability = alpha(matrix)
    return {
        "sheets": len(total),
        "mean": total.mean(),
        "standard_deviation": deviation,
        "lowest": total.min(),
        "lower_quartile": numpy.quantile(total, 0.25),
        "median": numpy.median(total),
        "upper_quartile": numpy.quantile(total, 0.75),
        "highest": total.max(),
        "reliability": reliability,
        "standard_error": None if reliability is None else deviation * math.sqrt(1 - reliability),
    }


def groups_of(total):
    """The fifth of each score, by the middle of its rank; equal scores share one."""
    middle = stats.rankdata(total, method="average") - 0.5
    return numpy.minimum((middle * 5 / len(total)).astype(int), 4)


def question_figures(matrix, answers, index, question):
    own = matrix[:, index]
    rest = matrix.sum(axis=1) - own
    most = max(list(question["right"].values()) + [question["wrong"], question["blank"]])
    blank = numpy.array([answer == "" for answer in answers])
    figures = {
        "most_points": most,
        "mean": own.mean(),
        "standard_deviation": own.std(ddof=1) if len(own) > 1 else None,
        "difficulty": own.mean() / most,
        "right_share": (own >= most).mean(),
        "blank_share": blank.mean(),
        "item_rest": correlation(own, rest),
        "item_total": correlation(own, matrix.sum(axis=1)),
        "reliability_without": alpha(numpy.delete(matrix, index, axis=1)),
    }
    choices = {}
    groups = groups_of(matrix.sum(axis=1))
    for value in set(answers):
        chosen = numpy.array([answer == value for answer in answers])
        mixed = chosen.any() and not chosen.all()
        choices[value] = {
            "count": int(chosen.sum()),
            "share": chosen.mean(),
            "mean_rest": rest[chosen].mean(),
            "points": points(question, value),
            # scipy has the correlation of a yes or no by its own name.
            "discrimination": stats.pointbiserialr(chosen, rest)[0] if mixed and numpy.ptp(rest) > 1e-9 else None,
        }
        if len(answers) >= 20:
            choices[value]["share_by_group"] = [
                chosen[groups == group].mean() if (groups == group).any() else None for group in range(5)
            ]
    return figures, choices


class Comparison:
    def __init__(self):
        self.differences = []
        self.compared = 0

    def equal(self, place, ours, theirs):
        self.compared += 1
        if isinstance(theirs, list):
            for number, each in enumerate(theirs):
                self.equal(f"{place}[{number}]", ours[number], each)
        elif theirs is None or ours is None:
            if ours is not theirs:
                self.differences.append(f"{place}: {ours} and {theirs}")
        elif abs(ours - theirs) > 2e-6:
            self.differences.append(f"{place}: {ours} and {theirs}")

    def members(self, place, ours, theirs):
        for name, value in theirs.items():
            self.equal(f"{place}.{name}", ours[name], value)


def main():
    key = read_key(sys.argv[2])
    rows = [row for row in csv.DictReader(open(sys.argv[1])) if row["status"] == "read"]
    analysis = json.load(open(sys.argv[3]))
    matrix = numpy.array([[points(key[name], row[name]) for name in key] for row in rows])
    comparison = Comparison()
    comparison.members("exam", analysis["exam"], scores(matrix))
    histogram = analysis["exam"]["histogram"]
    total = matrix.sum(axis=1)
    for bar in histogram:
        within = (total > bar["from"] - 1e-7) & (total < bar["to"] - 1e-7)
        comparison.equal(f"bar {bar['from']}", bar["count"], int(within.sum()))
    comparison.equal("questions", len(analysis["questions"]), len(key))
    for index, (name, question) in enumerate(key.items()):
        ours = analysis["questions"][index]
        figures, choices = question_figures(matrix, [row[name] for row in rows], index, question)
        comparison.members(name, ours, figures)
        listed = {answer["value"]: answer for answer in ours["answers"]}
        for value, expected in choices.items():
            comparison.members(f"{name} {value!r}", listed[value], expected)
        comparison.equal(f"{name} answers", sum(answer["count"] for answer in ours["answers"]), len(rows))
    if len(sys.argv) > 4:
        names = sorted({row[sys.argv[4]] for row in rows})
        comparison.equal("classes", len(analysis["classes"]), len(names))
        for ours, name in zip(analysis["classes"], names):
            members = numpy.array([row[sys.argv[4]] == name for row in rows])
            comparison.members(f"class {name}", ours, scores(matrix[members]))
    print("\n".join(comparison.differences[:20]))
    print(f"{comparison.compared} figures compared, {len(comparison.differences)} differ")
    sys.exit(1 if comparison.differences else 0)


main()
