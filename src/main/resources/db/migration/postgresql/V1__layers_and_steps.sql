-- Names sort by byte, as in SQLite and in Java.
CREATE TABLE layers (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    incarnation TEXT COLLATE "C" NOT NULL UNIQUE,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL, -- microseconds since 1970-01-01T00:00Z, as every time here
    updated_at BIGINT NOT NULL,
    convention TEXT NOT NULL,
    features BIGINT,
    batches BIGINT,
    config TEXT NOT NULL, -- JSON; an absent knob is the convention's
    gamma BYTEA, -- vectors are little-endian binary64
    beta BYTEA,
    running_mean BYTEA,
    running_var BYTEA,
    checksum BIGINT NOT NULL -- CRC32C of all columns before it
);

-- Steps made with an idempotency key, oldest first: pruned from that end.
CREATE TABLE steps (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    incarnation TEXT COLLATE "C" NOT NULL REFERENCES layers (incarnation) ON DELETE CASCADE,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    convention TEXT NOT NULL,
    config TEXT NOT NULL,
    batch_count BIGINT NOT NULL,
    alpha DOUBLE PRECISION NOT NULL,
    batches BIGINT,
    context_id TEXT,
    gamma BYTEA,
    beta BYTEA,
    batch_mean BYTEA NOT NULL,
    batch_var BYTEA NOT NULL,
    running_mean BYTEA,
    running_var BYTEA,
    checksum BIGINT NOT NULL,
    UNIQUE (incarnation, idempotency_key)
);

CREATE TABLE secrets (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret BYTEA NOT NULL
);

-- Random mantissas do not compress: trying costs time at every step.
ALTER TABLE layers
    ALTER COLUMN gamma SET STORAGE EXTERNAL,
    ALTER COLUMN beta SET STORAGE EXTERNAL,
    ALTER COLUMN running_mean SET STORAGE EXTERNAL,
    ALTER COLUMN running_var SET STORAGE EXTERNAL;
ALTER TABLE steps
    ALTER COLUMN gamma SET STORAGE EXTERNAL,
    ALTER COLUMN beta SET STORAGE EXTERNAL,
    ALTER COLUMN batch_mean SET STORAGE EXTERNAL,
    ALTER COLUMN batch_var SET STORAGE EXTERNAL,
    ALTER COLUMN running_mean SET STORAGE EXTERNAL,
    ALTER COLUMN running_var SET STORAGE EXTERNAL;
