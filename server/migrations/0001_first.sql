-- Ids, keys and digests are raw bytes; times are milliseconds of Unix time.

CREATE TABLE provider (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    provider BLOB NOT NULL,
    log BLOB NOT NULL,
    -- The public root key that this database was made with: a wrong key file is noticed at start.
    root BLOB NOT NULL,
    -- The count of the server's own entries.
    n INTEGER NOT NULL,
    -- Which receipt and outbox keys are in use, and since when.
    receipt_key INTEGER NOT NULL,
    outbox_key INTEGER NOT NULL,
    keys_from INTEGER NOT NULL
) STRICT;

-- The head of each service's chain; read and written in the transaction that inserts.
CREATE TABLE chains (
    service BLOB PRIMARY KEY,
    log BLOB NOT NULL,
    seq INTEGER NOT NULL,
    link BLOB NOT NULL,
    received INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE entries (
    place INTEGER PRIMARY KEY,
    service BLOB NOT NULL,
    seq INTEGER NOT NULL,
    received INTEGER NOT NULL,
    first_received INTEGER NOT NULL,
    carrier BLOB,
    flags INTEGER NOT NULL,
    link BLOB NOT NULL,
    digest BLOB NOT NULL,
    id BLOB NOT NULL,
    head BLOB NOT NULL,
    sig BLOB NOT NULL,
    -- NULL together once erased.
    salt BLOB,
    body TEXT,
    -- Taken from head and body for the filter, the counter and the fold of staff.
    kind TEXT NOT NULL,
    about BLOB,
    author BLOB NOT NULL,
    addressed BLOB,
    key BLOB NOT NULL,
    n INTEGER NOT NULL,
    UNIQUE (service, seq),
    UNIQUE (digest),
    UNIQUE (id)
) STRICT;
CREATE INDEX entries_by_count ON entries (key, n);

CREATE TABLE quarantine (
    digest BLOB PRIMARY KEY,
    -- The bytes as they came.
    bytes BLOB NOT NULL,
    id BLOB,
    author BLOB,
    service BLOB,
    device BLOB NOT NULL,
    code TEXT NOT NULL,
    reason TEXT NOT NULL,
    first_received INTEGER NOT NULL,
    received INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX quarantine_by_device ON quarantine (device);

-- What was erased, so that it never comes back by a second offer.
CREATE TABLE erased (
    id BLOB PRIMARY KEY,
    digest BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    device BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- in_use, retired or lost.
    state TEXT NOT NULL,
    registered INTEGER NOT NULL,
    contact INTEGER NOT NULL,
    -- What the device last said it still holds.
    waiting INTEGER NOT NULL,
    waiting_oldest INTEGER
) STRICT, WITHOUT ROWID;

-- Author keys. highest: the greatest count the device has reported under that key.
CREATE TABLE keys (
    key BLOB PRIMARY KEY,
    public BLOB NOT NULL,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    enrolled INTEGER NOT NULL,
    certificate BLOB NOT NULL,
    highest INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX keys_by_user ON keys (user, device);

-- Derived from staff entries as they are appended; passwords are no entries.
CREATE TABLE users (
    user BLOB PRIMARY KEY,
    username TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE passwords (
    username TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Roles with their history, so that a right at an earlier moment can be judged.
CREATE TABLE roles (
    service BLOB NOT NULL,
    user BLOB NOT NULL,
    role TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    ended_at INTEGER,
    PRIMARY KEY (user, service, role, granted_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE services (
    service BLOB PRIMARY KEY,
    code TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The newest version of each thing that import lists.
CREATE TABLE subjects (
    kind TEXT NOT NULL,
    subject BLOB NOT NULL,
    service BLOB NOT NULL,
    place INTEGER NOT NULL,
    listed INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;

-- token: the digest of what the cookie carries.
CREATE TABLE sessions (
    token BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    started INTEGER NOT NULL,
    seen INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
