ALTER TABLE matching_strategy ADD COLUMN scope text NOT NULL DEFAULT '{}';
CREATE TABLE match_field (
  field text PRIMARY KEY,
  keyed_until bigint NOT NULL,
  ready_at bigint
);
