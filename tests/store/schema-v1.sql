-- SPDX-License-Identifier: GPL-3.0-or-later
-- A database of schema version 1: settings, accounts, pins.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE settings (  key TEXT NOT NULL PRIMARY KEY,  value ANY) STRICT, WITHOUT ROWID;
INSERT INTO settings VALUES('resource','ferry-Ab12Cd');
CREATE TABLE accounts (  id INTEGER PRIMARY KEY AUTOINCREMENT,  jid TEXT NOT NULL UNIQUE,  host TEXT,  port INTEGER NOT NULL DEFAULT 0,  resource TEXT,  ca_file TEXT,  pin_sha256 TEXT,  enabled INTEGER NOT NULL DEFAULT 1);
INSERT INTO accounts VALUES(1,'ada@example.org',NULL,0,NULL,NULL,NULL,1);
INSERT INTO accounts VALUES(3,'ben@example.org','xmpp.example.org',5223,'desk',NULL,'aabb',0);
CREATE TABLE pins (  host TEXT NOT NULL,  sha256 TEXT NOT NULL,  added_us INTEGER NOT NULL,  PRIMARY KEY (host, sha256)) WITHOUT ROWID;
INSERT INTO pins VALUES('example.org','aabb',1763700000000000);
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('accounts',3);
COMMIT;
PRAGMA user_version=1;
