-- Scalars stand before vectors: a list then reads the first page of a row and none of its overflow pages.
CREATE TABLE layers (
    name TEXT NOT NULL PRIMARY KEY,
    incarnation TEXT NOT NULL UNIQUE,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL, -- microseconds since 1970-01-01T00:00Z, as every time here
    updated_at INTEGER NOT NULL,
    convention TEXT NOT NULL,
    features INTEGER,
    batches INTEGER,
    config TEXT NOT NULL, -- JSON; an absent knob is the convention's
    gamma BLOB, -- vectors are little-endian binary64
    beta BLOB,
    running_mean BLOB,
    running_var BLOB,
    checksum INTEGER NOT NULL -- CRC32C of all columns before it
) STRICT;

-- Steps made with an idempotency key, oldest first: pruned from that end.
CREATE TABLE steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incarnation TEXT NOT NULL REFERENCES layers (incarnation) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    convention TEXT NOT NULL,
    config TEXT NOT NULL,
    batch_count INTEGER NOT NULL,
    alpha REAL NOT NULL,
    batches INTEGER,
    context_id TEXT,
    gamma BLOB,
    beta BLOB,
    batch_mean BLOB NOT NULL,
    batch_var BLOB NOT NULL,
    running_mean BLOB,
    running_var BLOB,
    checksum INTEGER NOT NULL,
    UNIQUE (incarnation, idempotency_key)
) STRICT;

CREATE TABLE secrets (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret BLOB NOT NULL
) STRICT;
