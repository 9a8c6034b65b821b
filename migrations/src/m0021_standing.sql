ALTER TABLE lead ADD COLUMN record_open boolean NOT NULL DEFAULT TRUE;
ALTER TABLE lead ADD COLUMN record_user text;
ALTER TABLE lead ADD COLUMN record_owner_id bigint;
UPDATE lead SET record_open = (state = 'open'), record_owner_id = owner_id WHERE record_id IS NOT NULL;
