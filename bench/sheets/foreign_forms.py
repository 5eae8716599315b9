#!/usr/bin/env python3
"""Draws random answer forms, marks them and scans them. Shares no code with the reader.

    foreign_forms.py OUT [--forms 20] [--sheets 5] [--seed 1]

Each folder OUT/form-NN holds `template.yaml` (Sheafline's language), `sheet-N.jpg` and
`truth.json`: for each sheet the answers that a person reads, and the columns that a person would
ask about (`doubt`). Needs python3-pil and python3-numpy.
"""
import argparse
import io
import json
import math
import random
from pathlib import Path

import numpy
from PIL import Image, ImageDraw, ImageFilter, ImageFont

DRAWN_DPI = 400
PAGE = (210, 297)
FONT = "DejaVuSans-Bold.ttf"
SHAPES = ["circle", "circle", "circle", "square", "oval", "bracket"]
SCANS = ["scan", "scan", "fax", "copy", "photo", "bow", "slip"]
LETTERS = ["ABCDE", "ABCD", "0123456789", "VF"]


def px(mm):
    return mm * DRAWN_DPI / 25.4


class Form:
    """What is printed: rings, letters, corner squares; and the template that describes it."""

    def __init__(self, number, rng):
        self.number = number
        self.rng = rng
        self.shape = SHAPES[number % len(SHAPES)]
        self.radius = rng.uniform(1.7, 2.6)
        self.ring_px = rng.choice([1, 1, 2, 3, 4, 5])  # at 200 dpi
        self.ring_grey = rng.choice([0, 20, 60, 120, 160, 180])
        self.letter_grey = rng.choice([None, 0, 60, 120, 160])
        self.letter_share = rng.uniform(0.8, 1.3)
        self.values = LETTERS[number % 2 if number % 5 else 2 + number % 2]
        pitch = self.radius * rng.uniform(2.7, 3.4)
        self.pitch = (pitch, max(pitch, 6.5))
        rows = min(20, int(150 / self.pitch[1]))
        self.step = pitch * (1.3 if self.shape == "oval" else 1.0)
        across = len(self.values) * self.step
        columns = max(1, min(3, int(165 / (across + 8))))
        self.columns = [(30 + i * (across + 12), 95 + rng.uniform(-2, 2), rows) for i in range(columns)]
        self.count = rows * columns
        self.check_letters = number % 4 == 3  # one column of letters that occur once
        self.scan = SCANS[number % len(SCANS)]
        self.dpi = [100, 150, 200, 300][number % 4] if self.scan != "photo" else 200
        self.fiducials = [(12, 12), (198, 12), (198, 285), (12, 285)]
        self.half = self.radius * (1.35 if self.shape == "oval" else 1.0)

    def name(self):
        return f"{self.scan}-{self.shape}-{self.dpi}"

    def bubbles(self):
        number = 1
        for x, y, rows in self.columns:
            for row in range(rows):
                yield (f"q{number}",
                       [(v, x + i * self.step, y + row * self.pitch[1])
                        for i, v in enumerate(self.values)])
                number += 1
        if self.check_letters:
            yield "check", [(v, 30 + i * 2.9 * self.radius, 78) for i, v in enumerate("ABCDEFGHJKLMN")]

    def template(self):
        columns = ", ".join(f"{{origin: [{x:.3f}, {y:.3f}], count: {n}}}" for x, y, n in self.columns)
        size = f"radius: {self.radius:.3f}"
        if self.shape == "oval":
            size = f"width: {2 * self.half:.3f}, height: {2 * self.radius:.3f}"
        shape = f", shape: {self.shape}" if self.shape != "circle" else ""
        text = f"""sheet: form{self.number}
page: {{width: 210, height: 297}}
align:
  fiducials: {{shape: square, side: 6, centres: {json.dumps([list(c) for c in self.fiducials])}}}
  orientation: {{centre: [22, 12], side: 3}}
bubble: {{{size}{shape}}}
fields:
  - {{name: q, type: choice, count: {self.count}, first: 1, values: "{self.values}", columns: [{columns}], step: [0, {self.pitch[1]:.3f}], value_step: [{self.step:.3f}, 0]}}
"""
        if self.check_letters:
            text += (f"  - {{name: check, type: choice, values: ABCDEFGHJKLMN, origin: [30, 78], "
                     f"value_step: [{2.9 * self.radius:.3f}, 0]}}\n")
        return text

    def draw(self, marks):
        page = Image.new("L", (round(px(PAGE[0])), round(px(PAGE[1]))), 245)
        pen = ImageDraw.Draw(page)
        for x, y in self.fiducials:
            pen.rectangle([px(x - 3), px(y - 3), px(x + 3), px(y + 3)], fill=15)
        pen.rectangle([px(20.5), px(10.5), px(23.5), px(13.5)], fill=15)
        width = max(1, round(self.ring_px * DRAWN_DPI / 200))
        font = ImageFont.truetype(FONT, round(px(self.radius * self.letter_share)))
        for name, bubbles in self.bubbles():
            first = bubbles[0]
            pen.text((px(first[1]) - px(self.half) - px(1.5), px(first[2])), name.strip("q"), fill=30, anchor="rm",
                     font=ImageFont.truetype(FONT, round(px(2.4))))
            for value, x, y in bubbles:
                self.outline(pen, x, y, width)
                if self.letter_grey is not None:
                    pen.text((px(x), px(y)), value, fill=self.letter_grey, anchor="mm", font=font)
        for name, bubbles in self.bubbles():
            for value, x, y in bubbles:
                for kind in marks.get((name, value), []):
                    self.mark(pen, kind, x, y)
        return page

    def outline(self, pen, x, y, width):
        box = [px(x - self.half), px(y - self.radius), px(x + self.half), px(y + self.radius)]
        grow = width / 2
        box = [box[0] - grow, box[1] - grow, box[2] + grow, box[3] + grow]
        if self.shape in ("circle", "oval"):
            pen.ellipse(box, outline=self.ring_grey, width=width)
        elif self.shape == "square":
            pen.rectangle(box, outline=self.ring_grey, width=width)
        else:
            tick = px(self.half * 0.4)
            for left, inner in ((box[0], box[0] + tick), (box[2], box[2] - tick)):
                pen.line([inner, box[1], left, box[1], left, box[3], inner, box[3]], fill=self.ring_grey, width=width)

    def mark(self, pen, kind, x, y):
        rng = self.rng
        dx, dy = rng.gauss(0, 0.12), rng.gauss(0, 0.12)
        w, h = self.half * 0.9, self.radius * 0.9
        ink = rng.randint(25, 75)
        if kind == "full":
            for i in range(9):
                level = -h + 2 * h * i / 8
                reach = w * math.sqrt(max(0.05, 1 - (level / h) ** 2)) if self.shape in ("circle", "oval") else w
                pen.line([px(x + dx - reach), px(y + dy + level), px(x + dx + reach), px(y + dy + level + rng.gauss(0, 0.15))],
                         fill=ink, width=round(px(2 * h / 8 * 1.25)))
        elif kind == "pencil":
            pen.ellipse([px(x + dx - w), px(y + dy - h), px(x + dx + w), px(y + dy + h)], fill=rng.randint(95, 125))
        elif kind == "cross":
            for sign in (-1, 1):
                pen.line([px(x + dx - w), px(y + dy - sign * h), px(x + dx + w), px(y + dy + sign * h)], fill=ink, width=round(px(0.6)))
        elif kind == "circled":
            reach = rng.uniform(1.2, 1.5)
            pen.ellipse([px(x + dx - self.half * reach), px(y + dy - self.radius * reach),
                         px(x + dx + self.half * reach), px(y + dy + self.radius * reach)], outline=ink, width=round(px(0.5)))
        elif kind == "erased":
            pen.ellipse([px(x + dx - w), px(y + dy - h), px(x + dx + w), px(y + dy + h)], fill=215)


def choose_marks(form, rng):
    marks, answers, doubt = {}, {}, []
    circled_sheet = rng.random() < 0.12
    for name, bubbles in form.bubbles():
        value = rng.choice(bubbles)[0]
        roll = rng.random()
        answers[name] = value
        if name == "check":
            marks[name, value] = ["full"]
        elif circled_sheet:
            marks[name, value] = ["circled"]
            doubt.append(name)
        elif roll < 0.16:
            answers[name] = ""
        elif roll < 0.20:
            other = rng.choice([b[0] for b in bubbles if b[0] != value])
            marks[name, value] = ["full"]
            marks[name, other] = ["full"]
            answers[name] = "".join(b[0] for b in bubbles if b[0] in (value, other))
            doubt.append(name)
        elif roll < 0.23:
            marks[name, value] = ["circled"]
            doubt.append(name)
        elif roll < 0.27:
            marks[name, value] = ["cross"]
        elif roll < 0.35:
            marks[name, value] = ["pencil"]
        else:
            marks[name, value] = ["full"]
    return marks, answers, doubt


def displaced(page, move):
    """Each pixel taken from where `move` says: dx, dy in pixels for x, y from -1 to 1."""
    pixels = numpy.asarray(page)
    rows, columns = pixels.shape
    v, u = numpy.mgrid[0:rows, 0:columns].astype(numpy.float32)
    dx, dy = move(2 * u / columns - 1, 2 * v / rows - 1)
    x = numpy.clip(numpy.rint(u + dx), 0, columns - 1).astype(int)
    y = numpy.clip(numpy.rint(v + dy), 0, rows - 1).astype(int)
    return Image.fromarray(pixels[y, x])


def perspective(page, rng):
    w, h = page.size
    big = Image.new("L", (int(w * 1.25), int(h * 1.2)), rng.randint(30, 80))
    ox, oy = int(w * 0.12), int(h * 0.1)
    big.paste(page, (ox, oy))
    jitter = [(rng.uniform(-0.04, 0.04) * w, rng.uniform(-0.04, 0.04) * h) for _ in range(4)]
    src = [(0, 0), (big.width, 0), (big.width, big.height), (0, big.height)]
    dst = [(x + j[0], y + j[1]) for (x, y), j in zip(src, jitter)]
    rows, right = [], []
    for (x, y), (u, v) in zip(src, dst):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    coefficients = numpy.linalg.solve(numpy.array(rows), numpy.array(right))
    return big.transform(big.size, Image.PERSPECTIVE, list(coefficients), Image.BICUBIC, fillcolor=50)


def scan(page, form, rng):
    scale = form.dpi / DRAWN_DPI
    if form.scan == "copy":  # a copy: darkened, blurred, speckled
        for _ in range(2):
            page = page.filter(ImageFilter.GaussianBlur(px(0.12)))
            page = page.point(lambda g: max(0, min(255, int((g - 128) * 1.5 + 128))))
    if form.scan == "bow":
        reach = px(rng.choice([-1, 1]) * rng.uniform(1.5, 3.0))
        page = displaced(page, lambda u, v: (0 * u, reach * (1 - u * u)))
    if form.scan == "slip":
        reach, at = px(rng.uniform(0.3, 0.5) * form.radius), rng.uniform(-0.2, 0.3)
        page = displaced(page, lambda u, v: (reach / (1 + numpy.exp(-(v - at) * 60)) * (abs(v) < 0.8), 0 * v))
    if form.scan == "photo":
        page = perspective(page, rng)
    page = page.rotate(rng.gauss(0, 0.7), Image.BICUBIC, fillcolor=200 if form.scan == "photo" else 245)
    page = page.resize((round(page.width * scale), round(page.height * scale)), Image.LANCZOS)
    pixels = numpy.asarray(page).astype(numpy.float32)
    noise = numpy.random.default_rng(rng.randrange(1 << 30))
    if form.scan == "photo":
        shade = 1 - 0.35 * numpy.linspace(0, 1, pixels.shape[1])[None, :] * numpy.linspace(0.3, 1, pixels.shape[0])[:, None]
        pixels = pixels * shade
    pixels += noise.normal(0, 4 if form.scan != "copy" else 9, pixels.shape)
    page = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    if form.scan == "fax":
        page = page.point(lambda g: 255 if g > 150 else 0)
    for _ in range(rng.choice([0, 0, 0, 2]) if form.scan != "photo" else 0):
        page = page.rotate(90, expand=True)
    stored = io.BytesIO()
    page.convert("L").save(stored, "JPEG", quality=rng.choice([60, 80, 92]), dpi=(form.dpi, form.dpi))
    return stored.getvalue()


def write_forms(description, forms, sheets, seed, form_of, scan_of):
    """The command line of a generator: a folder for each form, with its template, its sheets and the truth."""
    options = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("out", type=Path)
    options.add_argument("--forms", type=int, default=forms)
    options.add_argument("--sheets", type=int, default=sheets)
    options.add_argument("--seed", type=int, default=seed)
    given = options.parse_args()
    for number in range(given.forms):
        rng = random.Random(given.seed * 1000 + number)
        form = form_of(number, rng)
        folder = given.out / f"form-{number:02d}-{form.name()}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "template.yaml").write_text(form.template())
        truth = {}
        for sheet in range(given.sheets):
            marks, answers, doubt = choose_marks(form, rng)
            (folder / f"sheet-{sheet}.jpg").write_bytes(scan_of(form.draw(marks), form, rng))
            truth[f"sheet-{sheet}.jpg"] = {"answers": answers, "doubt": doubt}
        (folder / "truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    write_forms(__doc__, 20, 5, 1, Form, scan)
