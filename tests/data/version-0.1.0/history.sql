BEGIN TRANSACTION;
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
INSERT INTO batches VALUES('first','unpack','/srv/sheafline/pipes/unpack.yaml',replace('name: unpack\nparams:\n  input: {type: path, required: true}\nstages:\n  - {id: extract, uses: extract, with: {archive: "${{ params.input }}"}}\nsinks:\n  - {uses: jsonl, with: {file: "${{ batch.data_dir }}/events.jsonl"}}\n','\n',char(10)),'{"input":"/srv/sheafline/s.zip"}','','completed',1,'6fcde674-569b-4308-84b4-ba6635ea9d62','2026-11-28T04:16:13Z',1795839373901,4339001,'78fd5a19-4af4-4f2e-837b-03df4a52c120','2026-11-28T04:16:14Z',4,0,1000,2,0,0,0,1,'[]','completed',NULL,NULL,NULL);
CREATE TABLE events(
  event_id INTEGER PRIMARY KEY AUTOINCREMENT, batch_id TEXT NOT NULL, seq INTEGER NOT NULL, execution INTEGER NOT NULL,
  json TEXT NOT NULL);
INSERT INTO events VALUES(1,'first',1,1,'{"stage":"queued","message":"Batch created","progress_percentage":0.0,"sheets_total":0,"sheets_processed":0,"elapsed_seconds":0,"timestamp":"2026-11-28T04:16:13Z","batch_id":"first","seq":1,"execution":1,"sheets_failed":0,"overall_percentage":0.0}');
INSERT INTO events VALUES(2,'first',2,1,'{"stage":"extracting","message":"Extracting ZIP","progress_percentage":0.0,"sheets_total":0,"sheets_processed":0,"elapsed_seconds":0,"timestamp":"2026-11-28T04:16:14Z","batch_id":"first","seq":2,"stage_id":"extract","execution":1,"attempt":1,"sheets_failed":0,"overall_percentage":0.0}');
INSERT INTO events VALUES(3,'first',3,1,'{"stage":"extracting","message":"Extracted 2 files from ZIP","progress_percentage":100.0,"sheets_total":2,"sheets_processed":0,"elapsed_seconds":0,"timestamp":"2026-11-28T04:16:14Z","batch_id":"first","seq":3,"stage_id":"extract","execution":1,"attempt":1,"sheets_failed":0,"overall_percentage":99.9}');
INSERT INTO events VALUES(4,'first',4,1,'{"stage":"completed","message":"Batch completed successfully","progress_percentage":100.0,"sheets_total":2,"sheets_processed":0,"elapsed_seconds":0,"timestamp":"2026-11-28T04:16:14Z","batch_id":"first","seq":4,"execution":1,"sheets_failed":0,"overall_percentage":100.0}');
CREATE TABLE stage_runs(
  batch_id TEXT NOT NULL, execution INTEGER NOT NULL, position INTEGER NOT NULL, stage_id TEXT NOT NULL,
  stage TEXT NOT NULL, plugin TEXT NOT NULL, plugin_version TEXT NOT NULL, weight REAL NOT NULL,
  in_finally INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, crashes INTEGER NOT NULL DEFAULT 0,
  fingerprint TEXT, checkpoint BLOB, boot_id TEXT, started_at TEXT, started_ms INTEGER, finished_at TEXT,
  elapsed_seconds REAL, done REAL NOT NULL DEFAULT 0, total REAL NOT NULL DEFAULT 0,
  failed_before INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0, error TEXT,
  PRIMARY KEY(batch_id, execution, stage_id)) WITHOUT ROWID;
INSERT INTO stage_runs VALUES('first',1,1,'extract','extracting','extract','1.0.0',5.0,0,'completed',1,0,'e7357dc2500dc24b113fbd8a6e6863bdfa8403bf29ec69625b6b3a684119e382',NULL,'78fd5a19-4af4-4f2e-837b-03df4a52c120','2026-11-28T04:16:14Z',1795839374032,'2026-11-28T04:16:14Z',0.0060000000000000001249,479948.0,479948.0,0,0,NULL);
CREATE TABLE sheets(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, page INTEGER NOT NULL, path TEXT NOT NULL,
  state TEXT NOT NULL, attempt INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
  qr TEXT NOT NULL DEFAULT '', grp TEXT NOT NULL DEFAULT '', by_hand INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
INSERT INTO sheets VALUES('first',1,'scan-00001.jpg',1,'stages/extract/000001.jpg','waiting',0,'','','',0);
INSERT INTO sheets VALUES('first',2,'scan-00002.jpg',1,'stages/extract/000002.jpg','waiting',0,'','','',0);
CREATE TABLE readings(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, "values" TEXT NOT NULL, flags TEXT NOT NULL, confidence REAL NOT NULL,
  evidence TEXT NOT NULL, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE rows(
  batch_id TEXT NOT NULL, number INTEGER NOT NULL, row TEXT NOT NULL, PRIMARY KEY(batch_id, number)) WITHOUT ROWID;
CREATE TABLE skipped(batch_id TEXT NOT NULL, file TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE artifacts(
  batch_id TEXT NOT NULL, name TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL,
  PRIMARY KEY(batch_id, name)) WITHOUT ROWID;
CREATE TABLE removed(batch_id TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO removed VALUES('163e442b-887f-4bb3-b70c-e71b7d530846');
CREATE TABLE sinks(name TEXT PRIMARY KEY, cursor INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO sinks VALUES('163e442b-887f-4bb3-b70c-e71b7d530846/jsonl#1',10);
INSERT INTO sinks VALUES('first/jsonl#1',4);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('events',10);
CREATE INDEX batches_by_time ON batches(created_ms);
CREATE UNIQUE INDEX events_by_batch ON events(batch_id, seq);
CREATE INDEX skipped_by_batch ON skipped(batch_id);
COMMIT;
PRAGMA user_version=1;
