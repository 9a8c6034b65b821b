CREATE TABLE lead_field (
  id {id},
  name text NOT NULL UNIQUE,
  label text NOT NULL,
  kind text NOT NULL,
  max_length bigint NOT NULL,
  choices text NOT NULL,
  version bigint NOT NULL,
  created_at bigint NOT NULL,
  modified_at bigint NOT NULL,
  deleted_at bigint
);
