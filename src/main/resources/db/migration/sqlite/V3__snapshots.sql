-- Versions of layers that were put aside: the columns of layers behind those of the snapshot. A layer counts those that were
-- ever taken of it, so that an id never comes again.
ALTER TABLE layers ADD COLUMN snapshots_taken INTEGER NOT NULL DEFAULT 0;

CREATE TABLE snapshots (
    incarnation TEXT NOT NULL REFERENCES layers (incarnation) ON DELETE CASCADE,
    id INTEGER NOT NULL,
    label TEXT,
    taken_at INTEGER NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    convention TEXT NOT NULL,
    features INTEGER,
    batches INTEGER,
    config TEXT NOT NULL,
    gamma BLOB,
    beta BLOB,
    running_mean BLOB,
    running_var BLOB,
    checksum INTEGER NOT NULL,
    PRIMARY KEY (incarnation, id)
) STRICT;

-- What a step of Batch Renorm was measured against: the running statistics before it. Part of the checksum where they are
-- there, so rows from before keep theirs.
ALTER TABLE steps ADD COLUMN prior_mean BLOB;
ALTER TABLE steps ADD COLUMN prior_var BLOB;
