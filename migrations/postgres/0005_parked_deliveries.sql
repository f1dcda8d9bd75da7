-- A delivery is parked while an older unfinished one of the same endpoint and customer exists, so
-- that looking for due ones walks past none that must wait.
ALTER TABLE deliveries ADD COLUMN parked boolean NOT NULL DEFAULT false
    CHECK (NOT parked OR due_at IS NOT NULL);

UPDATE deliveries SET parked = true
WHERE due_at IS NOT NULL
  AND EXISTS (SELECT 1 FROM deliveries older
              WHERE older.endpoint = deliveries.endpoint AND older.customer = deliveries.customer
                AND older.sequence < deliveries.sequence AND older.due_at IS NOT NULL);

DROP INDEX deliveries_due;
DROP INDEX deliveries_in_order;

CREATE INDEX deliveries_due ON deliveries (endpoint, due_at)
    WHERE due_at IS NOT NULL AND NOT parked;
-- One head at most: what a customer's other deliveries wait for.
CREATE UNIQUE INDEX deliveries_head ON deliveries (endpoint, customer)
    WHERE due_at IS NOT NULL AND NOT parked;
CREATE INDEX deliveries_parked ON deliveries (endpoint, customer, sequence) WHERE parked;
