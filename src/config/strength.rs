//! Whether a secret could be guessed.

/// A secret that signs has at least the length of SHA-256 (RFC 7518, section 3.2).
pub(super) const BYTES_MIN: usize = 32;

/// Words of examples and templates. Long enough that none turns up in a random text.
const PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change-me",
    "change_me",
    "change this",
    "replaceme",
    "replace-me",
    "replace_me",
    "your-secret",
    "your_secret",
    "yoursecret",
    "bit-secret",
    "256-bits",
    "example",
    "placeholder",
    "supersecret",
    "super-secret",
    "super_secret",
    "secret-key",
    "secret_key",
    "password",
    "insecure",
];

/// A random text of 24 characters has more, whatever its alphabet from hexadecimal on.
const DIFFERENT_MIN: usize = 8;

/// What makes the secret guessable, if anything does: "is a well-known placeholder".
pub(super) fn weakness(secret: &str, bytes_min: usize) -> Option<String> {
    let lower = secret.to_lowercase();
    if secret.len() < bytes_min {
        Some(format!("has only {} of at least {bytes_min} bytes", secret.len()))
    } else if PLACEHOLDERS.iter().any(|word| lower.contains(word)) {
        Some("is a well-known placeholder".to_owned())
    } else if different(secret) < DIFFERENT_MIN {
        Some("repeats the same few characters".to_owned())
    } else {
        None
    }
}

fn different(secret: &str) -> usize {
    let mut bytes = secret.as_bytes().to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::random::SystemRandom;
    use crate::domain::secret::base62;

    #[test]
    fn short_known_and_monotonous_secrets_are_weak() {
        for weak in [
            "0123456789abcdefghijklmnopqrstu",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "secretsecretsecretsecretsecretsecret",
            "ChangeMe-ChangeMe-ChangeMe-ChangeMe",
            "a-string-secret-at-least-256-bits-long",
        ] {
            assert!(weakness(weak, BYTES_MIN).is_some(), "{weak}");
        }
    }

    #[test]
    fn random_secrets_are_not() {
        for _ in 0..100 {
            let secret = base62(43, &SystemRandom).unwrap();
            assert_eq!(weakness(&secret, BYTES_MIN), None, "{secret}");
        }
        assert_eq!(weakness("5f4dcc3b5aa765d61d8327deb882cf99", BYTES_MIN), None);
    }
}
