ALTER TABLE crm_connection ADD COLUMN broken_at_work boolean NOT NULL DEFAULT FALSE;
