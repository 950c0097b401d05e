-- The last value as a number that SQL can compare and sort; NULL where it is NaN. `real_of` is the
-- program's: it reads the 8 bytes.
ALTER TABLE series ADD COLUMN last REAL;
UPDATE series SET last = real_of(last_value);
