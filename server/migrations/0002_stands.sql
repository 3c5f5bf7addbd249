-- In whose chains something of a user's stands, or is held. There may be no role in that service, or none any more;
-- the phone must notice all the same when a restore has taken what was acknowledged to it.
CREATE TABLE stands (
    user BLOB NOT NULL,
    service BLOB NOT NULL,
    PRIMARY KEY (user, service)
) STRICT, WITHOUT ROWID;

INSERT INTO stands (user, service)
    SELECT author, service FROM entries WHERE author IN (SELECT user FROM users)
    UNION
    SELECT addressed, service FROM entries WHERE kind = 'held/1' AND addressed IS NOT NULL;
