-- Bytes of a row: its vectors, and 512 for everything else. Triggers keep their sums in the same transaction, also for rows that
-- a deleted layer takes with it, so a quota costs the read of a few rows.
ALTER TABLE layers ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE snapshots ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE optimizers ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN bytes BIGINT NOT NULL DEFAULT 0;

UPDATE layers SET bytes = 512 + coalesce(octet_length(gamma), 0) + coalesce(octet_length(beta), 0)
    + coalesce(octet_length(running_mean), 0) + coalesce(octet_length(running_var), 0);
UPDATE snapshots SET bytes = 512 + coalesce(octet_length(gamma), 0) + coalesce(octet_length(beta), 0)
    + coalesce(octet_length(running_mean), 0) + coalesce(octet_length(running_var), 0);
UPDATE optimizers SET bytes = 512 + coalesce(octet_length(gamma_first), 0) + coalesce(octet_length(gamma_second), 0)
    + coalesce(octet_length(beta_first), 0) + coalesce(octet_length(beta_second), 0);
UPDATE steps SET bytes = 512 + coalesce(octet_length(gamma), 0) + coalesce(octet_length(beta), 0) + octet_length(batch_mean) + octet_length(batch_var)
    + coalesce(octet_length(running_mean), 0) + coalesce(octet_length(running_var), 0)
    + coalesce(octet_length(prior_mean), 0) + coalesce(octet_length(prior_var), 0);

-- One row for each of 64 groups of connections: transactions of different replicas seldom wait for one another. Each statement
-- counts once.
CREATE TABLE stored_bytes (
    shard INTEGER PRIMARY KEY,
    registry BIGINT NOT NULL DEFAULT 0, -- layers, snapshots, optimizers
    keys BIGINT NOT NULL DEFAULT 0 -- steps
) WITH (fillfactor = 10);

INSERT INTO stored_bytes (shard) SELECT generate_series(0, 63);
UPDATE stored_bytes SET
    registry = (SELECT coalesce(sum(bytes), 0) FROM layers) + (SELECT coalesce(sum(bytes), 0) FROM snapshots)
        + (SELECT coalesce(sum(bytes), 0) FROM optimizers),
    keys = (SELECT coalesce(sum(bytes), 0) FROM steps)
    WHERE shard = 0;

CREATE FUNCTION count_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    delta BIGINT;
BEGIN
    SELECT coalesce(sum(bytes), 0) INTO delta FROM changed;
    IF TG_OP = 'DELETE' THEN
        delta := -delta;
    END IF;
    IF delta = 0 THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'steps' THEN
        UPDATE stored_bytes SET keys = keys + delta WHERE shard = pg_backend_pid() % 64;
    ELSE
        UPDATE stored_bytes SET registry = registry + delta WHERE shard = pg_backend_pid() % 64;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION count_changed_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE stored_bytes SET registry = registry + NEW.bytes - OLD.bytes WHERE shard = pg_backend_pid() % 64;
    RETURN NULL;
END $$;

-- Only for the statement that names the column: training steps do not.
CREATE TRIGGER layers_updated AFTER UPDATE OF bytes ON layers FOR EACH ROW EXECUTE FUNCTION count_changed_bytes();
CREATE TRIGGER layers_inserted AFTER INSERT ON layers REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER layers_deleted AFTER DELETE ON layers REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER snapshots_inserted AFTER INSERT ON snapshots REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER snapshots_deleted AFTER DELETE ON snapshots REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER optimizers_inserted AFTER INSERT ON optimizers REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER optimizers_deleted AFTER DELETE ON optimizers REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER steps_inserted AFTER INSERT ON steps REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
CREATE TRIGGER steps_deleted AFTER DELETE ON steps REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION count_bytes();
