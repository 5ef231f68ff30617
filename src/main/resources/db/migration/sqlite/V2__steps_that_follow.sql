-- A step that follows another one of its commit is recorded by its batch alone; null for one that is recorded whole.
ALTER TABLE steps ADD COLUMN base INTEGER REFERENCES steps (id) ON DELETE CASCADE;
CREATE INDEX steps_by_base ON steps (base, version);
