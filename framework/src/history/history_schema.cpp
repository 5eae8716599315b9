#include "history/history_schema.h"

#include <array>

namespace sheafline {

namespace {

// Times are UTC texts. `*_boot_ms` is the time since the machine's start, which no clock change
// moves.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE batches(
  batch_id TEXT PRIMARY KEY, pipeline TEXT NOT NULL, pipeline_file TEXT NOT NULL, pipeline_text TEXT NOT NULL,
  params TEXT NOT NULL, user TEXT NOT NULL, state TEXT NOT NULL, execution INTEGER NOT NULL DEFAULT 1,
  owner TEXT NOT NULL, created_at TEXT NOT NULL, created_ms INTEGER NOT NULL, created_boot_ms INTEGER NOT NULL,
  boot_id TEXT NOT NULL, finished_at TEXT,
  seq INTEGER NOT NULL DEFAULT 0, elapsed_seconds INTEGER NOT NULL DEFAULT 0, overall_tenths INTEGER NOT NULL DEFAULT 0,
  sheets_total INTEGER NOT NULL DEFAULT 0, sheets_read INTEGER NOT NULL DEFAULT 0,
  sheets_quarantined INTEGER NOT NULL DEFAULT 0, sheets_discarded INTEGER NOT NULL DEFAULT 0,
  sheets_frozen INTEGER NOT NULL DEFAULT 0, columns TEXT NOT NULL DEFAULT '[]',
  outcome TEXT, error_code TEXT, error_message TEXT, error_stage TEXT);
CREATE INDEX batches_by_time ON batches(created_ms);
CREATE TABLE events(
  event_id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL, seq INTEGER NOT NULL, execution INTEGER NOT NULL,
  json TEXT NOT NULL);
CREATE UNIQUE INDEX events_by_batch ON events(batch_id, seq);
CREATE TABLE stage_runs(
  batch_id TEXT NOT NULL, execution INTEGER NOT NULL, position INTEGER NOT NULL, stage_id TEXT NOT NULL,
  stage TEXT NOT NULL, plugin TEXT NOT NULL, plugin_version TEXT NOT NULL, weight REAL NOT NULL,
  in_finally INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,
  fingerprint TEXT, checkpoint BLOB, boot_id TEXT, started_at TEXT, started_ms INTEGER, finished_at TEXT,
  elapsed_seconds REAL, done REAL NOT NULL DEFAULT 0, total REAL NOT NULL DEFAULT 0,
  failed_before INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, error TEXT,
  PRIMARY KEY(batch_id, execution, stage_id)) WITHOUT ROWID;
CREATE TABLE sheets(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, page INTEGER NOT NULL, path TEXT NOT NULL,
  state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  qr TEXT NOT NULL DEFAULT '', grp TEXT NOT NULL DEFAULT '', by_hand INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE readings(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, "values" TEXT NOT NULL, flags TEXT NOT NULL, confidence REAL NOT NULL,
  evidence TEXT NOT NULL, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE rows(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE skipped(batch_id TEXT NOT NULL, file TEXT NOT NULL, reason TEXT NOT NULL);
CREATE INDEX skipped_by_batch ON skipped(batch_id);
CREATE TABLE artifacts(
  batch_id TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL,
  PRIMARY KEY(batch_id, name)) WITHOUT ROWID;
CREATE TABLE removed(batch_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE sinks(name TEXT PRIMARY KEY, cursor INTEGER NOT NULL) WITHOUT ROWID;
)sql";

// Cursors of removed batches stayed behind.
constexpr const char* kVersion2 =
    "DELETE FROM sinks WHERE instr(name, '/') > 0 AND NOT EXISTS(SELECT 1 FROM batches WHERE "
    "batch_id = substr(name, 1, instr(name, '/') - 1))";

// One row for each flag of a sheet that was read. Those of stored readings, and those of the whole
// sheet that only rows have, are filled in. A sheet's flags read "q7:faint;q9:multiple".
constexpr const char* kVersion3 = R"sql(
CREATE TABLE doubts(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, field TEXT NOT NULL, flag TEXT NOT NULL,
  confidence REAL NOT NULL, PRIMARY KEY(batch_id, number, field, flag)) WITHOUT ROWID;
ALTER TABLE batches ADD COLUMN sheets_doubtful INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN answers_doubtful INTEGER NOT NULL DEFAULT 0;
WITH RECURSIVE parts(batch_id, number, of_row, part, rest) AS (
  SELECT batch_id, number, 0, '', flags || ';' FROM readings JOIN sheets USING(batch_id, number)
    WHERE state = 'read' AND flags <> ''
  UNION ALL
  SELECT batch_id, number, 1, '', json_extract(row, '$[7]') || ';' FROM rows
    JOIN sheets USING(batch_id, number)
    WHERE state = 'read' AND instr(row, 'sheet:') > 0 AND json_valid(row)
  UNION ALL
  SELECT batch_id, number, of_row, substr(rest, 1, instr(rest, ';') - 1),
    substr(rest, instr(rest, ';') + 1) FROM parts WHERE rest <> ''),
flags(batch_id, number, of_row, field, flag) AS (
  SELECT batch_id, number, of_row,
    CASE WHEN instr(part, ':') > 0
      THEN substr(part, 1, length(rtrim(part, replace(part, ':', ''))) - 1) ELSE 'sheet' END,
    substr(part, length(rtrim(part, replace(part, ':', ''))) + 1)
  FROM parts WHERE part <> '')
INSERT OR IGNORE INTO doubts SELECT f.batch_id, f.number, f.field, f.flag,
  max(0.0, min(1.0, coalesce(
    (SELECT CAST(json_extract(e.value, '$.confidence') AS REAL)
     FROM json_each(CASE WHEN json_valid(r.evidence) THEN r.evidence ELSE '{}' END, '$.fields') e
     WHERE e.key = f.field AND e.type = 'object'), r.confidence, 0.0)))
  FROM flags f JOIN readings r USING(batch_id, number)
  WHERE f.flag <> 'by_hand' AND (f.of_row = 0 OR f.field = 'sheet');
UPDATE batches SET
  sheets_doubtful = (SELECT count(DISTINCT number) FROM doubts d
    WHERE d.batch_id = batches.batch_id),
  answers_doubtful = (SELECT count(*) FROM (SELECT DISTINCT number, field FROM doubts d
    WHERE d.batch_id = batches.batch_id AND field <> 'sheet'));
)sql";

// What people decide, and the readings with their decisions in them. `applies` and `kept` are what
// a failed apply restores.
constexpr const char* kVersion4 = R"sql(
CREATE TABLE decisions(
  batch_id TEXT NOT NULL, decision_id INTEGER NOT NULL, sheet INTEGER NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL,
  value TEXT NOT NULL, undoes INTEGER NOT NULL, before TEXT NOT NULL, before_flag TEXT NOT NULL, user TEXT NOT NULL,
  decided_at TEXT NOT NULL, reason TEXT NOT NULL, request TEXT NOT NULL, state TEXT NOT NULL, execution INTEGER NOT NULL,
  undone_by INTEGER NOT NULL, PRIMARY KEY(batch_id, decision_id)) WITHOUT ROWID;
CREATE INDEX decisions_by_sheet ON decisions(batch_id, sheet);
CREATE TABLE settled(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, "values" TEXT NOT NULL, flags TEXT NOT NULL, confidence REAL NOT NULL,
  evidence TEXT, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE applies(batch_id TEXT PRIMARY KEY, state TEXT NOT NULL, outcome TEXT) WITHOUT ROWID;
CREATE TABLE kept(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL, reason TEXT NOT NULL,
  qr TEXT NOT NULL, grp TEXT NOT NULL, by_hand INTEGER NOT NULL, "values" TEXT, flags TEXT, confidence REAL, evidence TEXT,
  settled_values TEXT, settled_flags TEXT, settled_confidence REAL, settled_evidence TEXT, row TEXT, row_execution INTEGER,
  PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
ALTER TABLE rows ADD COLUMN execution INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stage_runs ADD COLUMN changes_only INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN reviewing_since TEXT;
)sql";

// How many entries the archive has, and how many of them are ignored.
constexpr const char* kVersion5 = R"sql(
ALTER TABLE batches ADD COLUMN entries_total INTEGER;
ALTER TABLE batches ADD COLUMN entries_ignored INTEGER NOT NULL DEFAULT 0;
UPDATE batches SET entries_ignored =
  (SELECT count(*) FROM skipped s WHERE s.batch_id = batches.batch_id);
)sql";

// What people call a batch. Batches of earlier versions have the name of their file, unless it is
// the server's copy. How long a stage worked: `active_since_ms` is the time since the machine's
// start up to which it is counted, while the stage works.
constexpr const char* kVersion6 = R"sql(
ALTER TABLE batches ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN file_name TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
UPDATE batches SET file_name = replace(p.input, rtrim(p.input, replace(p.input, '/', '')), '')
  FROM (SELECT batch_id AS id, json_extract(params, '$.input') AS input FROM batches
        WHERE json_valid(params)) p
  WHERE p.id = batches.batch_id AND p.input IS NOT NULL AND p.input NOT LIKE '%/archive.zip';
UPDATE batches SET name = file_name;
ALTER TABLE stage_runs ADD COLUMN active_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stage_runs ADD COLUMN active_since_ms INTEGER;
UPDATE stage_runs SET active_ms = coalesce(elapsed_seconds, 0) * 1000;
)sql";

// With whom a batch is shared; `*` is everybody. `share_revision` rises with each share that ends.
constexpr const char* kVersion7 = R"sql(
CREATE TABLE shares(
  batch_id TEXT NOT NULL, user TEXT NOT NULL COLLATE NOCASE, shared_by TEXT NOT NULL, shared_at TEXT NOT NULL,
  PRIMARY KEY(batch_id, user)) WITHOUT ROWID;
CREATE INDEX shares_by_user ON shares(user);
CREATE TABLE share_revision(number INTEGER NOT NULL);
INSERT INTO share_revision VALUES(0);
CREATE TRIGGER share_ended AFTER DELETE ON shares BEGIN UPDATE share_revision SET number = number + 1; END;
)sql";

// Another key may add a column, which a failed apply takes away again.
constexpr const char* kVersion8 = "ALTER TABLE applies ADD COLUMN columns TEXT";

// Which owner of the batch wrote a file: the epoch of its lease, 0 without one. `held_artifacts`
// are the files of an apply that has not succeeded yet.
constexpr const char* kVersion9 = R"sql(
ALTER TABLE artifacts ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
CREATE TABLE held_artifacts(
  batch_id TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL,
  epoch INTEGER NOT NULL, PRIMARY KEY(batch_id, name)) WITHOUT ROWID;
)sql";

constexpr std::array kMigrations{kVersion1, kVersion2, kVersion3, kVersion4, kVersion5,
                                 kVersion6, kVersion7, kVersion8, kVersion9};
static_assert(kMigrations.size() == kHistoryVersion);

constexpr int kPageSizeBytes = 8192;

}  // namespace

DatabaseFormat historyFormat() {
    return {.what = "the history",
            .migrations = kMigrations,
            .remedy =
                "restore a copy of the file, or start once with --set-aside-history, which "
                "keeps the damaged file as history.db.corrupt-TIME and begins with an empty "
                "history",
            .page_size_bytes = kPageSizeBytes};
}

}  // namespace sheafline
