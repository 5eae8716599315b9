BEGIN TRANSACTION;
CREATE TABLE users(
  name TEXT PRIMARY KEY COLLATE NOCASE, role TEXT NOT NULL, password_hash TEXT NOT NULL,
  disabled INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL) STRICT;
INSERT INTO users VALUES('admin','admin','$argon2id$v=19$m=65536,t=2,p=1$6jDMh0deoh7sctxj1DxCLA$u3hS3swwx56junJ85sprL3dBWuZnCdIzGU8ZpWDyO5M',0,0,1795839374);
INSERT INTO users VALUES('ann','operator','$argon2id$v=19$m=65536,t=2,p=1$VKZjcJgSR/802hF7RbcpTg$Fz1L6fR636EFWuot6PwIIAPPuYEJGKtAQZMRB3t01mw',0,0,1795839375);
CREATE TABLE sessions(
  session TEXT PRIMARY KEY, user TEXT NOT NULL COLLATE NOCASE REFERENCES users(name), generation INTEGER NOT NULL DEFAULT 0,
  opened_at INTEGER NOT NULL, refreshed_at INTEGER NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE revision(number INTEGER NOT NULL) STRICT;
INSERT INTO revision VALUES(1);
CREATE TABLE ended(
  number INTEGER PRIMARY KEY AUTOINCREMENT, session TEXT NOT NULL, until INTEGER NOT NULL) STRICT;
INSERT INTO ended VALUES(1,'4314cd8cae03f3a68ca38519bb98fa6d8229d88758cd3c539fb1947caa3c3ffd',1795911435);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('ended',1);
CREATE INDEX sessions_of_user ON sessions(user, opened_at);
CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN UPDATE revision SET number = number + 1; END;
CREATE TRIGGER session_noted AFTER DELETE ON sessions BEGIN
  INSERT INTO ended(session, until) VALUES(old.session, old.expires_at + 43260); END;
COMMIT;
PRAGMA user_version=2;
