-- Whoever asks for their own links of one kind may have none among millions of others'.
CREATE INDEX links_by_maker_and_status ON links (created_by, status, id);
