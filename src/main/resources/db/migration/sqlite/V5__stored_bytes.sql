-- Bytes of a row: its vectors, and 512 for everything else. Triggers keep their sums in the same transaction, also for rows that
-- a deleted layer takes with it, so a quota costs the read of one row.
ALTER TABLE layers ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE snapshots ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE optimizers ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;

UPDATE layers SET bytes = 512 + coalesce(length(gamma), 0) + coalesce(length(beta), 0)
    + coalesce(length(running_mean), 0) + coalesce(length(running_var), 0);
UPDATE snapshots SET bytes = 512 + coalesce(length(gamma), 0) + coalesce(length(beta), 0)
    + coalesce(length(running_mean), 0) + coalesce(length(running_var), 0);
UPDATE optimizers SET bytes = 512 + coalesce(length(gamma_first), 0) + coalesce(length(gamma_second), 0)
    + coalesce(length(beta_first), 0) + coalesce(length(beta_second), 0);
UPDATE steps SET bytes = 512 + coalesce(length(gamma), 0) + coalesce(length(beta), 0) + length(batch_mean) + length(batch_var)
    + coalesce(length(running_mean), 0) + coalesce(length(running_var), 0)
    + coalesce(length(prior_mean), 0) + coalesce(length(prior_var), 0);

CREATE TABLE stored_bytes (
    shard INTEGER PRIMARY KEY,
    registry INTEGER NOT NULL, -- layers, snapshots, optimizers
    keys INTEGER NOT NULL -- steps
) STRICT;

INSERT INTO stored_bytes SELECT 0,
    (SELECT coalesce(sum(bytes), 0) FROM layers) + (SELECT coalesce(sum(bytes), 0) FROM snapshots)
        + (SELECT coalesce(sum(bytes), 0) FROM optimizers),
    (SELECT coalesce(sum(bytes), 0) FROM steps);

CREATE TRIGGER layers_inserted AFTER INSERT ON layers
    BEGIN UPDATE stored_bytes SET registry = registry + NEW.bytes; END;
CREATE TRIGGER layers_deleted AFTER DELETE ON layers
    BEGIN UPDATE stored_bytes SET registry = registry - OLD.bytes; END;
-- Only for the statement that names the column: training steps do not.
CREATE TRIGGER layers_updated AFTER UPDATE OF bytes ON layers
    BEGIN UPDATE stored_bytes SET registry = registry + NEW.bytes - OLD.bytes; END;
CREATE TRIGGER snapshots_inserted AFTER INSERT ON snapshots
    BEGIN UPDATE stored_bytes SET registry = registry + NEW.bytes; END;
CREATE TRIGGER snapshots_deleted AFTER DELETE ON snapshots
    BEGIN UPDATE stored_bytes SET registry = registry - OLD.bytes; END;
CREATE TRIGGER optimizers_inserted AFTER INSERT ON optimizers
    BEGIN UPDATE stored_bytes SET registry = registry + NEW.bytes; END;
CREATE TRIGGER optimizers_deleted AFTER DELETE ON optimizers
    BEGIN UPDATE stored_bytes SET registry = registry - OLD.bytes; END;
CREATE TRIGGER steps_inserted AFTER INSERT ON steps
    BEGIN UPDATE stored_bytes SET keys = keys + NEW.bytes; END;
CREATE TRIGGER steps_deleted AFTER DELETE ON steps
    BEGIN UPDATE stored_bytes SET keys = keys - OLD.bytes; END;
