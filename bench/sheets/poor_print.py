#!/usr/bin/env python3
"""Draws forms with a small grid of digits in poor print, marks them and scans them.

    poor_print.py OUT [--forms 40] [--sheets 3] [--seed 11]

Toner has faded or left specks, outlines lie askew, and scans are noisy or in black and white; pens
are as usual. The folders are like those of foreign_forms.py, from which marks and forms are taken.
"""
import io
import random

import numpy
from PIL import Image, ImageDraw

from foreign_forms import DRAWN_DPI, Form, write_forms


class PoorForm(Form):
    def __init__(self, number, rng):
        super().__init__(number, rng)
        self.digits = 1 + number % 5
        self.shape = rng.choice(["circle", "circle", "square", "oval", "bracket"])
        self.half = self.radius * (1.35 if self.shape == "oval" else 1)
        self.dpi = rng.choice([100, 150, 150, 200, 300])
        self.check_letters = False
        self.noise = rng.choice([8, 15, 22, 30])
        self.specks = rng.choice([0, 0, 0.002, 0.006])
        self.faded = rng.choice([0, 0, 0.1, 0.25, 0.4])
        self.wobble = rng.choice([0, 0.05, 0.12])  # mm
        self.black_and_white = rng.random() < 0.2
        rows = min(self.columns[0][2], 8)
        self.count = rows
        self.step = max(self.step, 2.6 * self.half)
        self.digit_step = max(6.0, 2.6 * self.half)
        self.digit_pitch = max(5.0, 2.35 * self.radius)
        self.columns = [(30, 115, rows)]

    def name(self):
        return f"{self.digits}-{self.shape}-{self.dpi}"

    def bubbles(self):
        yield from super().bubbles()
        for digit in range(self.digits):
            yield f"id_{digit + 1}", [(str(value), 30 + digit * self.digit_step, 34 + value * self.digit_pitch)
                                      for value in range(10)]

    def template(self):
        return super().template() + (
            f'  - {{name: id_, type: digits, count: {self.digits}, values: "0123456789", origin: [30, 34], '
            f"step: [{self.digit_step:.3f}, 0], value_step: [0, {self.digit_pitch:.3f}]}}\n")

    def outline(self, pen, x, y, width):
        super().outline(pen, x + self.rng.gauss(0, self.wobble), y + self.rng.gauss(0, self.wobble), width)

    def draw(self, marks):
        """The print loses toner; what a pen drew later does not."""
        pixels = numpy.asarray(super().draw({})).astype(numpy.float32)
        noise = numpy.random.default_rng(self.rng.randrange(1 << 30))

        def blotches(values, size):
            return numpy.kron(values, numpy.ones((size, size)))[:pixels.shape[0], :pixels.shape[1]]

        if self.faded:
            values = noise.normal(0, 1, (pixels.shape[0] // 4 + 1, pixels.shape[1] // 4 + 1))
            pixels = numpy.where(blotches(values, 4) < numpy.quantile(values, self.faded),
                                 245 - (245 - pixels) * 0.3, pixels)
        if self.specks:
            values = noise.random((pixels.shape[0] // 3 + 1, pixels.shape[1] // 3 + 1)) < self.specks
            pixels = numpy.where(blotches(values, 3) > 0, 60, pixels)
        page = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
        pen = ImageDraw.Draw(page)
        for name, bubbles in self.bubbles():
            for value, x, y in bubbles:
                for kind in marks.get((name, value), []):
                    self.mark(pen, kind, x, y)
        return page


def scan(page, form, rng):
    noise = numpy.random.default_rng(rng.randrange(1 << 30))
    page = page.rotate(rng.gauss(0, 0.7), Image.BICUBIC, fillcolor=245)
    scale = form.dpi / DRAWN_DPI
    page = page.resize((round(page.width * scale), round(page.height * scale)), Image.LANCZOS)
    pixels = numpy.asarray(page).astype(numpy.float32) + noise.normal(0, form.noise, (page.height, page.width))
    page = Image.fromarray(numpy.clip(pixels, 0, 255).astype(numpy.uint8))
    if form.black_and_white:
        page = page.point(lambda grey: 255 if grey > 150 else 0)
    stored = io.BytesIO()
    page.save(stored, "JPEG", quality=rng.choice([60, 80, 92]), dpi=(form.dpi, form.dpi))
    return stored.getvalue()


if __name__ == "__main__":
    write_forms(__doc__, 40, 3, 11, PoorForm, scan)
