CREATE TABLE verdicts (
    user_id text PRIMARY KEY,
    sequence bigint NOT NULL,
    verified boolean NOT NULL,
    verified_at timestamptz,
    verification_id text
);

-- $1 to $5: user_id, data.sequence, verified, data.verified_at, data.link_id.
INSERT INTO verdicts (user_id, sequence, verified, verified_at, verification_id)
VALUES ($1, $2, $3, $4, CASE WHEN NOT $3 OR $4 IS NOT NULL THEN $5 END)
ON CONFLICT (user_id) DO UPDATE
SET sequence = excluded.sequence,
    verified = excluded.verified,
    -- No time beside a no; beside a yes the one of the verification that counts.
    verified_at = CASE WHEN excluded.verified
                       THEN coalesce(excluded.verified_at, verdicts.verified_at) END,
    verification_id = coalesce(excluded.verification_id, verdicts.verification_id)
WHERE excluded.sequence > verdicts.sequence;
