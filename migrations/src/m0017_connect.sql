CREATE TABLE crm_connection (
  id bigint PRIMARY KEY,
  version bigint NOT NULL,
  state text NOT NULL,
  reason text NOT NULL DEFAULT '',
  url text NOT NULL,
  tenant text NOT NULL,
  client_id text NOT NULL,
  client_secret {blob},
  certificate text,
  private_key {blob},
  credential_expires_at bigint,
  organization_id text,
  organization_name text,
  language bigint,
  lead_source text,
  fields text,
  fields_version text,
  fields_read_at bigint,
  proof text NOT NULL DEFAULT '[]',
  proven_at bigint,
  confirmed_at bigint,
  checked_at bigint NOT NULL DEFAULT 0,
  modified_at bigint NOT NULL
);
CREATE TABLE crm_organization (
  url {key} PRIMARY KEY,
  organization_id text NOT NULL,
  name text NOT NULL,
  confirmed_at bigint NOT NULL
);
