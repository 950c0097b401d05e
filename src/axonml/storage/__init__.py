"""Storage: documents, series, keys and blobs behind four small protocols."""
