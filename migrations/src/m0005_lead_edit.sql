CREATE TABLE lead_edit (
  id {id},
  lead_id bigint NOT NULL REFERENCES lead (id) ON DELETE CASCADE,
  at bigint NOT NULL,
  actor text NOT NULL,
  changes text NOT NULL
);
CREATE INDEX lead_edit_lead ON lead_edit (lead_id, id);
