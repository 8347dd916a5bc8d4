-- The documents that others have replaced as new versions of their files, by their ids, so that their links can say so.
CREATE TABLE replaced (
    old text PRIMARY KEY,
    new text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);
