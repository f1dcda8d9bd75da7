//! All tests that need more than one module, in one program (one link step).
