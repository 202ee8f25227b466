-- Says that addresses from before are in today's form. The program sees to that before it applies this migration, as SQL
-- can't: Unicode's form C, full case folding, and domains in A-labels.
INSERT INTO schema_expansions (version) VALUES ('20261126000011');
