//! The store, engine by engine.

mod sqlite;
