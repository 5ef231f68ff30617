-- What optimizers remember of a layer's gamma and beta, apart from the row that every training step writes.
CREATE TABLE optimizers (
    incarnation TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES layers (incarnation) ON DELETE CASCADE,
    gamma_kind TEXT, -- SGD or ADAM; null before the first step, as all columns of a vector
    gamma_steps BIGINT,
    gamma_first BYTEA, -- vectors are little-endian binary64
    gamma_second BYTEA,
    beta_kind TEXT,
    beta_steps BIGINT,
    beta_first BYTEA,
    beta_second BYTEA,
    checksum BIGINT NOT NULL -- CRC32C of all columns before it
);

ALTER TABLE optimizers
    ALTER COLUMN gamma_first SET STORAGE EXTERNAL,
    ALTER COLUMN gamma_second SET STORAGE EXTERNAL,
    ALTER COLUMN beta_first SET STORAGE EXTERNAL,
    ALTER COLUMN beta_second SET STORAGE EXTERNAL;
