"""Fills the history of a server that does not run, by copies of what it has: much faster than pipelines would.

fill_history.py HISTORY sheets BATCH COUNT    the batch gets COUNT sheets, copies of its own
fill_history.py HISTORY batches BATCH COUNT   COUNT more batches like this one, each a minute older than the one before
"""
import sqlite3
import sys


def columns(history, table):
    return ['"' + row[1] + '"' for row in history.execute(f"PRAGMA table_info({table})")]


def copy_sheets(history, batch, count):
    own = history.execute("SELECT sheets_total FROM batches WHERE batch_id = ?", (batch,)).fetchone()[0]
    copies = count // own
    for table in ("sheets", "readings", "rows", "doubts"):
        names = columns(history, table)
        values = ["number + :step" if name == '"number"' else name for name in names]
        if table == "rows":  # a row begins with the batch and the number of its sheet
            values = ["json_set(row, '$[1]', CAST(number + :step AS TEXT))" if name == '"row"' else value for name, value in zip(names, values)]
        sql = f"INSERT INTO {table}({', '.join(names)}) SELECT {', '.join(values)} FROM {table} WHERE batch_id = :batch AND number <= :own"
        for copy in range(1, copies):
            history.execute(sql, {"step": copy * own, "batch": batch, "own": own})
    for name in ("sheets_total", "sheets_read", "sheets_quarantined", "sheets_discarded", "sheets_doubtful", "answers_doubtful", "entries_total"):
        history.execute(f"UPDATE batches SET {name} = {name} * ? WHERE batch_id = ?", (copies, batch))


def copy_batches(history, batch, count):
    new_id = "printf('%08x-0000-4000-8000-000000000000', n)"
    numbers = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "
    for table in ("stage_runs", "events", "sheets"):
        names = [name for name in columns(history, table) if name != '"event_id"']
        change = {'"batch_id"': new_id, '"json"': f"replace(json, batch_id, {new_id})"}
        values = [change.get(name, name) for name in names]
        history.execute(numbers + f"INSERT INTO {table}({', '.join(names)}) SELECT {', '.join(values)} FROM {table}, numbers WHERE batch_id = ?", (count, batch))
    names = columns(history, "batches")
    change = {'"batch_id"': new_id, '"name"': "printf('Class %d', n)", '"created_ms"': "created_ms - n * 60000",
              '"created_at"': "strftime('%Y-%m-%dT%H:%M:%SZ', (created_ms - n * 60000) / 1000, 'unixepoch')"}
    values = [change.get(name, name) for name in names]
    history.execute(numbers + f"INSERT INTO batches({', '.join(names)}) SELECT {', '.join(values)} FROM batches, numbers WHERE batch_id = ?", (count, batch))


def main():
    path, what, batch, count = sys.argv[1:]
    history = sqlite3.connect(path)
    with history:
        {"sheets": copy_sheets, "batches": copy_batches}[what](history, batch, int(count))
    history.close()


main()
