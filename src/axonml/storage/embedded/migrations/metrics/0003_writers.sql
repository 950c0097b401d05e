-- Log lines that are sent again are stored once, as points are: the last one of each writer.
ALTER TABLE writer ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;

-- For the mean over a run: sum and number of the finite values of each series. The sum is NULL
-- once it has passed the largest float in both directions.
ALTER TABLE series ADD COLUMN total REAL DEFAULT 0;
ALTER TABLE series ADD COLUMN n_finite INTEGER NOT NULL DEFAULT 0;
