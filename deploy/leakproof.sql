-- For a superuser, once in each database, before `manage.py migrate`: searches keep their indexes under row-level security.
-- PostgreSQL asks an index only what cannot tell, by an error or a notice, something of a row that a policy hides. It knows
-- this of few functions. These compare texts, words, ranges and arrays, and raise no error that quotes them. Without this
-- file everything works, but names are searched among all clients of the clinic instead of by index.
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS citext;
ALTER FUNCTION split_part(text, text, integer) LEAKPROOF; -- what encrypted fields are recognized by
DO $$
DECLARE
    each regprocedure;
BEGIN
    FOR each IN
        SELECT DISTINCT o.oprcode::regprocedure FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
        WHERE NOT p.proleakproof AND (
            -- pg_trgm: alike, a word alike
            (o.oprname IN ('%', '<%', '%>', '<<%', '%>>') AND o.oprleft = 'text'::regtype)
            -- LIKE, ILIKE
            OR (o.oprname IN ('~~', '~~*') AND o.oprleft = 'text'::regtype)
            -- words of a text
            OR (o.oprname = '@@' AND o.oprleft = 'tsvector'::regtype)
            -- overlap and containment of arrays and ranges
            OR (o.oprname IN ('&&', '@>', '<@') AND o.oprleft IN ('anyarray'::regtype, 'anyrange'::regtype))
        )
    LOOP
        EXECUTE format('ALTER FUNCTION %s LEAKPROOF', each);
    END LOOP;
END $$;
