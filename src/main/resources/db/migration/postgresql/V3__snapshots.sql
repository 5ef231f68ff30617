-- Versions of layers that were put aside: the columns of layers behind those of the snapshot. A layer counts those that were
-- ever taken of it, so that an id never comes again.
ALTER TABLE layers ADD COLUMN snapshots_taken BIGINT NOT NULL DEFAULT 0;

CREATE TABLE snapshots (
    incarnation TEXT COLLATE "C" NOT NULL REFERENCES layers (incarnation) ON DELETE CASCADE,
    id BIGINT NOT NULL,
    label TEXT,
    taken_at BIGINT NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    convention TEXT NOT NULL,
    features BIGINT,
    batches BIGINT,
    config TEXT NOT NULL,
    gamma BYTEA,
    beta BYTEA,
    running_mean BYTEA,
    running_var BYTEA,
    checksum BIGINT NOT NULL,
    PRIMARY KEY (incarnation, id)
);

-- What a step of Batch Renorm was measured against: the running statistics before it. Part of the checksum where they are
-- there, so rows from before keep theirs.
ALTER TABLE steps ADD COLUMN prior_mean BYTEA;
ALTER TABLE steps ADD COLUMN prior_var BYTEA;

-- Random mantissas do not compress: trying costs time at every step.
ALTER TABLE snapshots
    ALTER COLUMN gamma SET STORAGE EXTERNAL,
    ALTER COLUMN beta SET STORAGE EXTERNAL,
    ALTER COLUMN running_mean SET STORAGE EXTERNAL,
    ALTER COLUMN running_var SET STORAGE EXTERNAL;
ALTER TABLE steps
    ALTER COLUMN prior_mean SET STORAGE EXTERNAL,
    ALTER COLUMN prior_var SET STORAGE EXTERNAL;
