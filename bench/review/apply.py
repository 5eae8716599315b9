"""Called by apply.sh: repeats the sheets of the batch `b` in data/history.db, decides, applies, and measures."""

import csv
import os
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

ARTIFACTS = Path("data/batches/b/artifacts")


def repeat_sheets(sheets):
    """Gives the batch `sheets` sheets with the rows of those that it has."""
    db = sqlite3.connect("data/history.db")
    have = db.execute("SELECT count(*) FROM sheets").fetchone()[0]
    db.execute("CREATE TEMP TABLE copies AS WITH RECURSIVE n(i) AS (SELECT ?1 + 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) "
               "SELECT i AS number, (i - 1) % ?1 + 1 AS source FROM n", (have, sheets))
    for table in ("sheets", "readings", "rows", "doubts"):
        columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in ("batch_id", "number")]
        values = {name: f't."{name}"' for name in columns}
        if table == "sheets":
            values["file"] = "printf('scan-%05d.jpg', c.number)"
        if table == "rows":
            values["row"] = "json_set(t.row, '$[1]', CAST(c.number AS TEXT), '$[2]', printf('scan-%05d.jpg', c.number))"
        names = ", ".join(f'"{name}"' for name in columns)
        db.execute(f"INSERT INTO {table}(batch_id, number, {names}) SELECT 'b', c.number, {', '.join(values.values())} "
                   f"FROM copies c JOIN {table} t ON t.number = c.source")
    for state in ("read", "quarantined", "discarded"):
        db.execute(f"UPDATE batches SET sheets_{state} = (SELECT count(*) FROM sheets WHERE state = '{state}')")
    db.execute("UPDATE batches SET sheets_total = ?1, entries_total = ?1, "
               "sheets_doubtful = (SELECT count(DISTINCT number) FROM doubts), "
               "answers_doubtful = (SELECT count(*) FROM (SELECT DISTINCT number, field FROM doubts WHERE field <> 'sheet'))",
               (sheets,))
    db.commit()
    db.close()


def write_decisions(sheets, count):
    """`count` decisions about answers of sheets that were read."""
    db = sqlite3.connect("data/history.db")
    read = [row[0] for row in db.execute("SELECT number FROM sheets WHERE state = 'read' ORDER BY number")]
    db.close()
    with open("decisions.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["sheet", "field", "value"])
        for i in range(count):
            out.writerow([read[i * len(read) // count], f"q{i % 60 + 1}", "ABCDE"[i % 5]])


def io_counts():
    """What this process and the children that it has waited for have read and written."""
    return {name: int(value) for name, value in (line.split(": ") for line in open("/proc/self/io"))}


def cpu_seconds():
    """Of this process and the children that it has waited for."""
    return sum(os.times()[:4])


def measured(name, work):
    """Runs `work`; prints seconds and bytes, and returns both."""
    before = io_counts()
    cpu_before = cpu_seconds()
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    cpu = cpu_seconds() - cpu_before
    after = io_counts()
    used = {key: after[key] - before[key] for key in after}
    print(f"{name:16}{seconds:7.2f} s   {cpu:6.2f} s of CPU   read {used['rchar'] / 1e6:7.1f} MB   wrote {used['wchar'] / 1e6:7.1f} MB   "
          f"to disk {used['write_bytes'] / 1e6:7.1f} MB")
    return seconds, used["rchar"] + used["wchar"]


def program(*arguments):
    done = subprocess.run([sys.argv[1], *arguments, "--data-dir", "data"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)


def write_alone(name, content):
    """As the program makes a file durable."""
    temporary = Path(name + ".tmp")
    with open(temporary, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(name)
    folder = os.open(".", os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def main():
    sheets, count = int(sys.argv[2]), int(sys.argv[3])
    repeat_sheets(sheets)
    # The first apply writes all rows of the CSV and of the table; only the later ones count.
    write_decisions(sheets, 1)
    program("decide", "b", "--file", "decisions.csv", "--apply")
    write_decisions(sheets, count)
    print(f"{sheets} sheets, {count} decisions, load {os.getloadavg()[0]:.1f}")
    measured("decide --file", lambda: program("decide", "b", "--file", "decisions.csv"))
    seconds, moved = measured("decide --apply", lambda: program("decide", "b", "--apply"))
    table = (ARTIFACTS / "demo.csv").read_bytes()
    rows = table.count(b"\n") - 1
    by_hand = table.count(b":by_hand")
    alone_seconds, alone = measured("the CSV alone", lambda: write_alone("alone.csv", table))
    print(f"ratio: {seconds / alone_seconds:.0f} times the seconds, {moved / alone:.1f} times the bytes; "
          f"the CSV has {rows} rows, {by_hand} answers by hand, {len(table) / 1e6:.1f} MB")
    if rows != sheets or by_hand < count:
        sys.exit("the CSV does not have all sheets and decisions")


main()
