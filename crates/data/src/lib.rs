//! Datasets, splits and batches.
