-- What is open changes its status several times and is little; what ended is a lot and never changes
-- again. Apart, a change moves entries among the few, and each list is still one walk.
DROP INDEX links_by_status;
DROP INDEX links_by_maker_and_status;
CREATE INDEX links_open_by_maker ON links (created_by, status, id)
    WHERE status IN ('pending', 'opened');
CREATE INDEX links_ended ON links (status, id) WHERE status <> 'pending' AND status <> 'opened';
CREATE INDEX links_ended_by_maker ON links (created_by, status, id)
    WHERE status <> 'pending' AND status <> 'opened';
