//! The quantiles of Student's t.
