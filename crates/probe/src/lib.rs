//! What is measured at a layer: statistics, histograms, schedules and the vocabulary of tags.
