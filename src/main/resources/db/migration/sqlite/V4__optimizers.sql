-- What optimizers remember of a layer's gamma and beta, apart from the row that every training step writes.
CREATE TABLE optimizers (
    incarnation TEXT NOT NULL PRIMARY KEY REFERENCES layers (incarnation) ON DELETE CASCADE,
    gamma_kind TEXT, -- SGD or ADAM; null before the first step, as all columns of a vector
    gamma_steps INTEGER,
    gamma_first BLOB, -- vectors are little-endian binary64
    gamma_second BLOB,
    beta_kind TEXT,
    beta_steps INTEGER,
    beta_first BLOB,
    beta_second BLOB,
    checksum INTEGER NOT NULL -- CRC32C of all columns before it
) STRICT;
