"""A bar chart of each comparison, as SVG without dates, so that equal figures give equal files."""
import statistics

OURS, OTHERS = "#4457b5", "#b6bdd0"


def chart(comparison, values, folder):
    try:
        import matplotlib
    except ImportError:
        return None
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "sheafline", "svg.fonttype": "none", "font.size": 9})
    import matplotlib.pyplot as plots

    rows = [(name, row) for name, row in comparison.rows.items() if name in values and len(values[name]) > 1]
    if not rows:
        return None
    figure, axes = plots.subplots(len(rows), 1, figsize=(7, sum(0.5 + 0.3 * len(values[name]) for name, _ in rows)), squeeze=False)
    for (name, row), axis in zip(rows, axes[:, 0]):
        subjects = sorted(values[name], key=lambda subject: subject != "Sheafline", reverse=True)
        middles = [statistics.median(values[name][subject]) for subject in subjects]
        axis.barh(subjects, middles, color=[OURS if subject == "Sheafline" else OTHERS for subject in subjects])
        for position, middle in enumerate(middles):
            axis.text(middle, position, f" {middle:,.0f}" if middle >= 100 else f" {middle:.3g}", va="center")
        better = "more" if row.higher_is_better else "less"
        axis.set_title(f"{name} ({row.unit}, {better} is better)", loc="left", fontsize=9)
        axis.set_xlim(0, max(middles) * 1.15 or 1)
        axis.spines[["top", "right", "bottom"]].set_visible(False)
        axis.tick_params(bottom=False, labelbottom=False, left=False)
    figure.tight_layout()
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / (comparison.title.lower().replace(",", "").replace(" ", "-") + ".svg")
    figure.savefig(target, metadata={"Date": None})
    plots.close(figure)
    return target
