//! The user's own music: what there is, what was heard in it, and lists made of it.

pub mod store;
