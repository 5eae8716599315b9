#include "history/postgres/postgres_schema.h"

#include <array>

namespace sheafline::postgres {

namespace {

// The functions of SQLite that the statements use. json_each() with one argument lists an array,
// with two the members of an object.
constexpr const char* kFunctions = R"sql(
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT strpos(whole, part) $$;
CREATE FUNCTION json_valid(document TEXT) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
  BEGIN PERFORM document::jsonb; RETURN document IS NOT NULL; EXCEPTION WHEN OTHERS THEN RETURN false; END $$;
CREATE FUNCTION json_extract(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT jsonb_path_query_first(document::jsonb, path::jsonpath) #>> '{}' $$;
CREATE FUNCTION json_type(document TEXT, path TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE jsonb_typeof(jsonb_path_query_first(document::jsonb, path::jsonpath))
    WHEN 'number' THEN 'real' WHEN 'string' THEN 'text'
    ELSE jsonb_typeof(jsonb_path_query_first(document::jsonb, path::jsonpath)) END $$;
CREATE FUNCTION json_array_length(document TEXT) RETURNS INTEGER LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT jsonb_array_length(document::jsonb) $$;
CREATE FUNCTION json_each(document TEXT) RETURNS TABLE(key BIGINT, value TEXT) LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT e.place - 1, e.item #>> '{}'
    FROM jsonb_array_elements(document::jsonb) WITH ORDINALITY AS e(item, place) $$;
CREATE FUNCTION json_each(document TEXT, path TEXT) RETURNS TABLE(key TEXT, value TEXT, type TEXT)
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT e.key, e.value #>> '{}', jsonb_typeof(e.value)
    FROM (SELECT jsonb_path_query_first(document::jsonb, path::jsonpath) AS found) f,
      jsonb_each(CASE WHEN jsonb_typeof(f.found) = 'object' THEN f.found ELSE '{}' END) e $$;
CREATE FUNCTION joined(texts TEXT, part TEXT, separator TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN texts IS NULL THEN part ELSE texts || separator || part END $$;
CREATE AGGREGATE group_concat(TEXT, TEXT) (SFUNC = joined, STYPE = TEXT);
)sql";

// As history.db of version 8. TEXT has the order of bytes, as in SQLite. `rowid` is the order in
// which rows were added.
constexpr const char* kTables = R"sql(
CREATE TABLE batches(
  rowid BIGINT GENERATED ALWAYS AS IDENTITY, batch_id TEXT COLLATE "C" PRIMARY KEY, pipeline TEXT COLLATE "C" NOT NULL, pipeline_file TEXT COLLATE "C" NOT NULL,
  pipeline_text TEXT COLLATE "C" NOT NULL, params TEXT COLLATE "C" NOT NULL, "user" TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, execution BIGINT NOT NULL DEFAULT 1,
  owner TEXT COLLATE "C" NOT NULL, created_at TEXT COLLATE "C" NOT NULL, created_ms BIGINT NOT NULL, created_boot_ms BIGINT NOT NULL,
  boot_id TEXT COLLATE "C" NOT NULL, finished_at TEXT COLLATE "C", seq BIGINT NOT NULL DEFAULT 0, elapsed_seconds BIGINT NOT NULL DEFAULT 0,
  overall_tenths BIGINT NOT NULL DEFAULT 0, sheets_total BIGINT NOT NULL DEFAULT 0, sheets_read BIGINT NOT NULL DEFAULT 0,
  sheets_quarantined BIGINT NOT NULL DEFAULT 0, sheets_discarded BIGINT NOT NULL DEFAULT 0,
  sheets_frozen BIGINT NOT NULL DEFAULT 0, columns TEXT COLLATE "C" NOT NULL DEFAULT '[]', outcome TEXT COLLATE "C", error_code TEXT COLLATE "C",
  error_message TEXT COLLATE "C", error_stage TEXT COLLATE "C", sheets_doubtful BIGINT NOT NULL DEFAULT 0, answers_doubtful BIGINT NOT NULL DEFAULT 0,
  reviewing_since TEXT COLLATE "C", entries_total BIGINT, entries_ignored BIGINT NOT NULL DEFAULT 0, name TEXT COLLATE "C" NOT NULL DEFAULT '',
  file_name TEXT COLLATE "C" NOT NULL DEFAULT '', labels TEXT COLLATE "C" NOT NULL DEFAULT '{}') WITH (fillfactor = 50);
CREATE INDEX batches_by_time ON batches(created_ms);
CREATE TABLE events(
  event_id BIGINT PRIMARY KEY, batch_id TEXT COLLATE "C" NOT NULL, seq BIGINT NOT NULL, execution BIGINT NOT NULL, json TEXT COLLATE "C" NOT NULL);
CREATE UNIQUE INDEX events_by_batch ON events(batch_id, seq);
CREATE TABLE last_event(number BIGINT NOT NULL);
INSERT INTO last_event VALUES(0);
CREATE TABLE stage_runs(
  batch_id TEXT COLLATE "C" NOT NULL, execution BIGINT NOT NULL, position BIGINT NOT NULL, stage_id TEXT COLLATE "C" NOT NULL, stage TEXT COLLATE "C" NOT NULL,
  plugin TEXT COLLATE "C" NOT NULL, plugin_version TEXT COLLATE "C" NOT NULL, weight DOUBLE PRECISION NOT NULL, in_finally BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL, attempt BIGINT NOT NULL DEFAULT 0, crashes BIGINT NOT NULL DEFAULT 0, fingerprint TEXT COLLATE "C",
  checkpoint BYTEA, boot_id TEXT COLLATE "C", started_at TEXT COLLATE "C", started_ms BIGINT, finished_at TEXT COLLATE "C", elapsed_seconds DOUBLE PRECISION,
  done DOUBLE PRECISION NOT NULL DEFAULT 0, total DOUBLE PRECISION NOT NULL DEFAULT 0,
  failed_before BIGINT NOT NULL DEFAULT 0, failed BIGINT NOT NULL DEFAULT 0, error TEXT COLLATE "C",
  changes_only BIGINT NOT NULL DEFAULT 0, active_ms BIGINT NOT NULL DEFAULT 0, active_since_ms BIGINT,
  PRIMARY KEY(batch_id, execution, stage_id)) WITH (fillfactor = 50);
CREATE TABLE sheets(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, file TEXT COLLATE "C" NOT NULL, page BIGINT NOT NULL, path TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL, attempt BIGINT NOT NULL DEFAULT 0, reason TEXT COLLATE "C" NOT NULL DEFAULT '', qr TEXT COLLATE "C" NOT NULL DEFAULT '',
  grp TEXT COLLATE "C" NOT NULL DEFAULT '', by_hand BIGINT NOT NULL DEFAULT 0, PRIMARY KEY(batch_id, number)) WITH (fillfactor = 70);
CREATE TABLE readings(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, "values" TEXT COLLATE "C" NOT NULL, flags TEXT COLLATE "C" NOT NULL,
  confidence DOUBLE PRECISION NOT NULL, evidence TEXT COLLATE "C" NOT NULL, PRIMARY KEY(batch_id, number));
CREATE TABLE rows(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, row TEXT COLLATE "C" NOT NULL, execution BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY(batch_id, number));
CREATE TABLE skipped(
  rowid BIGINT GENERATED ALWAYS AS IDENTITY, batch_id TEXT COLLATE "C" NOT NULL, file TEXT COLLATE "C" NOT NULL, reason TEXT COLLATE "C" NOT NULL);
CREATE INDEX skipped_by_batch ON skipped(batch_id, rowid);
CREATE TABLE artifacts(
  batch_id TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, size BIGINT NOT NULL, sha256 TEXT COLLATE "C" NOT NULL, created_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY(batch_id, name));
CREATE TABLE removed(batch_id TEXT COLLATE "C" PRIMARY KEY);
CREATE TABLE sinks(name TEXT COLLATE "C" PRIMARY KEY, cursor BIGINT NOT NULL) WITH (fillfactor = 50);
CREATE TABLE doubts(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, field TEXT COLLATE "C" NOT NULL, flag TEXT COLLATE "C" NOT NULL,
  confidence DOUBLE PRECISION NOT NULL, PRIMARY KEY(batch_id, number, field, flag));
CREATE TABLE decisions(
  batch_id TEXT COLLATE "C" NOT NULL, decision_id BIGINT NOT NULL, sheet BIGINT NOT NULL, field TEXT COLLATE "C" NOT NULL, kind TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL, undoes BIGINT NOT NULL, before TEXT COLLATE "C" NOT NULL, before_flag TEXT COLLATE "C" NOT NULL, "user" TEXT COLLATE "C" NOT NULL,
  decided_at TEXT COLLATE "C" NOT NULL, reason TEXT COLLATE "C" NOT NULL, request TEXT COLLATE "C" NOT NULL, state TEXT COLLATE "C" NOT NULL, execution BIGINT NOT NULL,
  undone_by BIGINT NOT NULL, PRIMARY KEY(batch_id, decision_id));
CREATE INDEX decisions_by_sheet ON decisions(batch_id, sheet);
CREATE TABLE settled(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, "values" TEXT COLLATE "C" NOT NULL, flags TEXT COLLATE "C" NOT NULL,
  confidence DOUBLE PRECISION NOT NULL, evidence TEXT COLLATE "C", PRIMARY KEY(batch_id, number));
CREATE TABLE applies(batch_id TEXT COLLATE "C" PRIMARY KEY, state TEXT COLLATE "C" NOT NULL, outcome TEXT COLLATE "C", columns TEXT COLLATE "C");
CREATE TABLE kept(
  batch_id TEXT COLLATE "C" NOT NULL, number BIGINT NOT NULL, state TEXT COLLATE "C" NOT NULL, attempt BIGINT NOT NULL, reason TEXT COLLATE "C" NOT NULL,
  qr TEXT COLLATE "C" NOT NULL, grp TEXT COLLATE "C" NOT NULL, by_hand BIGINT NOT NULL, "values" TEXT COLLATE "C", flags TEXT COLLATE "C", confidence DOUBLE PRECISION,
  evidence TEXT COLLATE "C", settled_values TEXT COLLATE "C", settled_flags TEXT COLLATE "C", settled_confidence DOUBLE PRECISION, settled_evidence TEXT COLLATE "C",
  row TEXT COLLATE "C", row_execution BIGINT, PRIMARY KEY(batch_id, number));
CREATE TABLE shares(
  batch_id TEXT COLLATE "C" NOT NULL, "user" TEXT COLLATE nocase NOT NULL, shared_by TEXT COLLATE "C" NOT NULL, shared_at TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY(batch_id, "user"));
CREATE INDEX shares_by_user ON shares("user");
CREATE TABLE share_revision(number BIGINT NOT NULL);
INSERT INTO share_revision VALUES(0);
CREATE FUNCTION share_ended() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN UPDATE sheafline.share_revision SET number = number + 1; RETURN NULL; END $$;
CREATE TRIGGER share_ended AFTER DELETE ON shares FOR EACH ROW EXECUTE FUNCTION share_ended();
)sql";

// As version 9 of history.db.
constexpr const char* kArtifactEpochs = R"sql(
ALTER TABLE artifacts ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;
CREATE TABLE held_artifacts(
  batch_id TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, size BIGINT NOT NULL, sha256 TEXT COLLATE "C" NOT NULL,
  created_at TEXT COLLATE "C" NOT NULL, epoch BIGINT NOT NULL, PRIMARY KEY(batch_id, name));
)sql";

// Which server runs a batch ("batch/ID") or feeds a sink ("sink/NAME"). A row stays when the lease
// ends, so that its epoch rises forever. lease_until is -infinity once it was given back.
constexpr const char* kLeases = R"sql(
CREATE TABLE leases(
  name TEXT COLLATE "C" PRIMARY KEY, owner TEXT COLLATE "C" NOT NULL, epoch BIGINT NOT NULL,
  lease_until TIMESTAMPTZ NOT NULL, reason TEXT COLLATE "C" NOT NULL DEFAULT '') WITH (fillfactor = 50);
CREATE INDEX leases_by_owner ON leases(owner);
CREATE INDEX leases_by_end ON leases(lease_until);
CREATE TABLE turns("user" TEXT COLLATE "C" PRIMARY KEY, served_at TIMESTAMPTZ NOT NULL);
CREATE TABLE servers(
  owner TEXT COLLATE "C" PRIMARY KEY, name TEXT COLLATE "C" NOT NULL, since TIMESTAMPTZ NOT NULL, lease_until TIMESTAMPTZ NOT NULL);
CREATE INDEX batches_unfinished ON batches(state) WHERE state NOT IN ('completed', 'failed', 'cancelled');
-- Of PL/pgSQL, because each of its statements sees what was committed before it: the leases are read
-- when the rows are locked.
CREATE FUNCTION lock_batches(ids TEXT)
  RETURNS TABLE(id TEXT, writer TEXT, holder TEXT, number BIGINT, valid BIGINT) LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM 1 FROM batches b WHERE b.batch_id IN (SELECT e.value FROM json_each(ids) e)
      ORDER BY b.batch_id FOR NO KEY UPDATE;
    RETURN QUERY SELECT b.batch_id, b.owner, coalesce(l.owner, ''), coalesce(l.epoch, 0::bigint),
        CASE WHEN l.lease_until > clock_timestamp() THEN 1::bigint ELSE 0::bigint END
      FROM batches b LEFT JOIN leases l ON l.name = 'batch/' || b.batch_id
      WHERE b.batch_id IN (SELECT e.value FROM json_each(ids) e);
  END $$;
)sql";

// The last commit of each connection; see CommitMark.
constexpr const char* kCommits = R"sql(
CREATE TABLE commits(
  connection TEXT COLLATE "C" PRIMARY KEY, number BIGINT NOT NULL, at TIMESTAMPTZ NOT NULL) WITH (fillfactor = 50);
)sql";

// What all servers must agree on: the store, and the key that signs tokens.
constexpr const char* kSettings = R"sql(
CREATE TABLE settings(key TEXT COLLATE "C" PRIMARY KEY, value TEXT COLLATE "C" NOT NULL);
)sql";

// As accounts.db of version 4, audit.db and idempotency.db. Every change of an account locks the
// row of `revision` first, so that several servers cannot remove the last admin together.
constexpr const char* kAccounts = R"sql(
CREATE TABLE users(
  name TEXT COLLATE nocase PRIMARY KEY, role TEXT COLLATE "C" NOT NULL, password_hash TEXT COLLATE "C" NOT NULL,
  disabled BIGINT NOT NULL DEFAULT 0, removed BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
  must_change BIGINT NOT NULL DEFAULT 0, max_bytes BIGINT, max_uploads BIGINT);
CREATE TABLE sessions(
  session TEXT COLLATE "C" PRIMARY KEY, "user" TEXT COLLATE nocase NOT NULL REFERENCES users(name), generation BIGINT NOT NULL DEFAULT 0,
  opened_at BIGINT NOT NULL, refreshed_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, address TEXT COLLATE "C" NOT NULL DEFAULT '');
CREATE INDEX sessions_of_user ON sessions("user", opened_at);
CREATE TABLE api_tokens(
  id TEXT COLLATE "C" PRIMARY KEY, hash TEXT COLLATE "C" NOT NULL UNIQUE, "user" TEXT COLLATE nocase NOT NULL REFERENCES users(name),
  name TEXT COLLATE "C" NOT NULL, scopes TEXT COLLATE "C" NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL,
  last_used_at BIGINT NOT NULL DEFAULT 0);
CREATE INDEX api_tokens_of_user ON api_tokens("user");
CREATE TABLE revision(number BIGINT NOT NULL);
INSERT INTO revision VALUES(0);
CREATE FUNCTION account_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN UPDATE sheafline.revision SET number = number + 1; RETURN NULL; END $$;
CREATE FUNCTION user_removed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN DELETE FROM sheafline.api_tokens WHERE "user" = new.name; RETURN NULL; END $$;
CREATE TRIGGER session_ended AFTER DELETE ON sessions FOR EACH ROW EXECUTE FUNCTION account_changed();
CREATE TRIGGER api_token_removed AFTER DELETE ON api_tokens FOR EACH ROW EXECUTE FUNCTION account_changed();
CREATE TRIGGER user_changed AFTER UPDATE OF disabled, role ON users FOR EACH ROW EXECUTE FUNCTION account_changed();
CREATE TRIGGER user_removed AFTER UPDATE OF removed ON users FOR EACH ROW WHEN (new.removed = 1) EXECUTE FUNCTION user_removed();
CREATE TABLE audit(
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at BIGINT NOT NULL, "user" TEXT COLLATE nocase NOT NULL, address TEXT COLLATE "C" NOT NULL,
  action TEXT COLLATE "C" NOT NULL, subject TEXT COLLATE "C" NOT NULL, detail TEXT COLLATE "C" NOT NULL, status BIGINT NOT NULL);
CREATE INDEX audit_by_subject ON audit(subject, id);
CREATE INDEX audit_by_user ON audit("user", id);
CREATE INDEX audit_by_action ON audit(action, id);
CREATE TABLE idempotency_keys(
  "user" TEXT COLLATE "C" NOT NULL, key TEXT COLLATE "C" NOT NULL, request_hash TEXT COLLATE "C" NOT NULL, batch_id TEXT COLLATE "C" NOT NULL,
  claimed_at BIGINT NOT NULL, PRIMARY KEY("user", key));
)sql";

// An upload whose bytes are in the store: each request may reach another server. `epoch` rises with
// each lock, and `wanted` asks the server that has it to let go.
constexpr const char* kUploads = R"sql(
CREATE TABLE uploads(
  id TEXT COLLATE "C" PRIMARY KEY, owner TEXT COLLATE "C" NOT NULL, length BIGINT, at_most BIGINT NOT NULL, metadata TEXT COLLATE "C" NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, state TEXT COLLATE "C" NOT NULL DEFAULT 'open',
  durable BIGINT NOT NULL DEFAULT 0, holder TEXT COLLATE "C" NOT NULL DEFAULT '', epoch BIGINT NOT NULL DEFAULT 0,
  held_until TIMESTAMPTZ NOT NULL DEFAULT '-infinity', wanted BIGINT NOT NULL DEFAULT 0) WITH (fillfactor = 50);
)sql";

// Failed sign-ins on all servers; see accounts/throttle/attempt_log.h.
constexpr const char* kAttempts = R"sql(
CREATE TABLE sign_in_attempts(
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind BIGINT NOT NULL, key TEXT COLLATE "C" NOT NULL, at_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL);
CREATE INDEX sign_in_attempts_by_key ON sign_in_attempts(key, kind);
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts(until_ms);
)sql";

const std::array<std::string, 2> kMigrations{std::string(kFunctions) + kTables,
                                             std::string(kArtifactEpochs) + kLeases + kCommits +
                                                 kSettings + kAccounts + kUploads + kAttempts};

}  // namespace

int newestSchema() { return static_cast<int>(kMigrations.size()); }

std::string migration(int version) { return kMigrations.at(static_cast<std::size_t>(version)); }

}  // namespace sheafline::postgres
