//! Passwords: argon2id hashes as PHC strings, computed off the request threads, a few at a time.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::{Semaphore, SemaphorePermit};

/// Hashes a password for keeping. Takes tens of milliseconds and 19 MiB.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())?
        .to_string())
}

/// Checks passwords against hashes. At most two at once, so that a flood of sign-ins takes no memory from the rest.
#[derive(Clone)]
pub struct Passwords {
    running: Arc<Semaphore>,
    /// What an unknown user's password is checked against, so that the answer takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    /// # Errors
    /// Where the operating system gives no randomness.
    pub fn new() -> Result<Self, argon2::password_hash::Error> {
        Ok(Self {
            running: Arc::new(Semaphore::new(2)),
            nobody: hash("nobody has this password")?.into(),
        })
    }

    /// Waits for a turn to check. Whoever keeps it until a wrong try is counted leaves no room for guesses in between.
    pub async fn turn(&self) -> Turn<'_> {
        Turn {
            nobody: &self.nobody,
            _permit: self.running.acquire().await.expect("never closed"),
        }
    }
}

/// One of the turns to check a password; the next begins when it is dropped.
pub struct Turn<'a> {
    nobody: &'a str,
    _permit: SemaphorePermit<'a>,
}

impl Turn<'_> {
    /// True if the password belongs to the hash. Without a hash the work is done all the same, and the answer is false.
    pub async fn check(&self, password: String, hash: Option<String>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.nobody.to_owned());
        let matches = tokio::task::spawn_blocking(move || {
            PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            })
        });
        matches.await.unwrap_or(false) && known
    }
}
