"""AxonML: track training runs, keep models and serve them from one machine."""
