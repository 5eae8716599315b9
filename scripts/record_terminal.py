#!/usr/bin/env python3
"""Runs a command in a terminal and writes an animated SVG of what it shows; used for docs/images/run.svg.

    scripts/record_terminal.py OUT.svg 'sheafline run pipelines/omr-batch.yaml --input scans.zip'

It understands what the sink `console` writes: lines, colors, "up some lines" and "erase below". A viewer that asks for less
motion sees the last picture.
"""
import html
import os
import pty
import re
import struct
import sys
import termios
import time
import fcntl

COLUMNS, ROWS = 112, 24
MOST_FRAMES, PAUSE_S = 40, 4
WIDTH, HEIGHT, LEFT, TOP = 8.0, 19, 18, 30
COLORS = {"31": "#e5534b", "32": "#57ab5a", "33": "#c69026", "36": "#39a0c5"}
CODE = re.compile(r"\x1b\[(\d*(?:;\d+)*)([A-Za-z])")


class Screen:
    def __init__(self, first_line):
        self.lines = [[(first_line, "")], []]
        self.color = ""

    def write(self, text):
        for part in re.split(r"(\x1b\[[\d;]*[A-Za-z]|\n)", text):
            code = CODE.fullmatch(part)
            if part == "\n":
                self.lines.append([])
            elif code and code[2] == "m":
                self.color = COLORS.get(code[1], "")
            elif code and code[2] == "A":
                # The text that follows an "up" is always erased first, so the lines below can go at once.
                del self.lines[len(self.lines) - 1 - int(code[1] or 1):]
                self.lines.append([])
            elif not code and part.strip("\r"):
                self.lines[-1].append((part.replace("\r", ""), self.color))

    def picture(self):
        return tuple(tuple(line) for line in self.lines[-ROWS:])


def recorded(command):
    """[(seconds, picture)], one for each change."""
    screen, frames = Screen("$ " + command), []
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp("/bin/sh", ["/bin/sh", "-c", command])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    start, rest = time.monotonic(), b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            break
        if not data:
            break
        rest += data
        whole, _, rest = rest.rpartition(b"\n")
        if whole:
            screen.write(whole.decode() + "\n")
            frames.append((time.monotonic() - start, screen.picture()))
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status != 0:
        sys.exit(f"the command ended with status {status}")
    return frames


def thinned(frames):
    step = max(1, -(-len(frames) // MOST_FRAMES))
    return frames[::step] if frames[-1] in frames[::step] else frames[::step] + [frames[-1]]


def group(picture, style):
    lines = []
    for number, line in enumerate(picture):
        spans = "".join(f'<tspan fill="{color}">{html.escape(text)}</tspan>' if color else html.escape(text) for text, color in line)
        if spans:
            lines.append(f'<text x="{LEFT}" y="{TOP + number * HEIGHT}">{spans}</text>')
    return f'<g class="{style}">{"".join(lines)}</g>'


def svg(frames):
    total = frames[-1][0] + PAUSE_S
    height = TOP + HEIGHT * max(len(picture) for _, picture in frames)
    width = LEFT * 2 + COLUMNS * WIDTH
    styles, groups = [], []
    for number, (seconds, picture) in enumerate(frames):
        begin = 0 if number == 0 else 100 * seconds / total
        end = 100 if number + 1 == len(frames) else 100 * frames[number + 1][0] / total
        styles.append(f"@keyframes k{number}{{0%{{opacity:0}}{begin:.2f}%{{opacity:1}}{end:.2f}%{{opacity:0}}}}"
                      f".k{number}{{animation:k{number} {total:.1f}s step-end infinite}}")
        groups.append(group(picture, f"f k{number}" + (" last" if number + 1 == len(frames) else "")))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">'
            "<style>text{font:13px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;white-space:pre;fill:#adbac7}.f{opacity:0}.last{opacity:1}"
            + "".join(styles) + "@media(prefers-reduced-motion){.f{animation:none!important}}</style>"
            '<rect width="100%" height="100%" rx="8" fill="#22272e"/>' + "".join(groups) + "</svg>\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    frames = thinned(recorded(sys.argv[2]))
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        out.write(svg(frames))
    print(f"Wrote {sys.argv[1]}: {len(frames)} pictures")


main()
