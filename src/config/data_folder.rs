//! The folder of secrets that nobody configured: drawn once, kept for the owner's eyes only.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::domain::random::{self, NoEntropy, Random};

/// Where generated secrets are kept and what draws them.
pub struct DataFolder<'a> {
    path: PathBuf,
    random: &'a dyn Random,
    keep: bool,
}

/// A secret of the folder, and whether others than its owner may read the file.
pub(super) struct Kept {
    pub(super) text: String,
    pub(super) exposed: Option<PathBuf>,
}

/// Why a secret could be neither read nor kept.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    #[error("{path} cannot be used ({reason})", path = .0.display(), reason = .1.kind())]
    Io(PathBuf, io::Error),
    #[error("{path} is empty or no text", path = .0.display())]
    Unreadable(PathBuf),
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
}

impl<'a> DataFolder<'a> {
    /// Secrets that are missing are drawn and kept (files 0600, a new folder 0700).
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, random: &'a dyn Random) -> Self {
        Self { path: path.into(), random, keep: true }
    }

    /// Nothing is written: a secret that is missing is drawn for this process alone.
    #[must_use]
    pub fn look_only(path: impl Into<PathBuf>, random: &'a dyn Random) -> Self {
        Self { keep: false, ..Self::new(path, random) }
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret called `name`; `draw` makes it if it is not there.
    ///
    /// Of several processes that start at once the first to finish decides for all: the secret is
    /// written beside its place and linked into it, which, unlike renaming, never replaces one.
    pub(super) fn secret(
        &self,
        name: &str,
        draw: fn(&dyn Random) -> Result<String, NoEntropy>,
    ) -> Result<Kept, FolderError> {
        let path = self.path.join(name);
        if let Some(kept) = read(&path)? {
            return Ok(kept);
        }
        let text = draw(self.random)?;
        if !self.keep {
            return Ok(Kept { text, exposed: None });
        }
        let suffix = crate::domain::encoding::hex(&random::bytes::<8>(self.random)?);
        let beside = self.path.join(format!("{name}.{suffix}.new"));
        self.keep(&beside, &path, &text).map_err(|error| FolderError::Io(path.clone(), error))?;
        read(&path)?.ok_or(FolderError::Unreadable(path))
    }

    fn keep(&self, beside: &Path, path: &Path, text: &str) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside)?;
        let linked = writeln!(file, "{text}")
            .and_then(|()| file.sync_all())
            .and_then(|()| fs::hard_link(beside, path));
        fs::remove_file(beside)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            // Another process was first; its secret is the one.
            Ok(()) | Err(_) => File::open(&self.path)?.sync_all(),
        }
    }
}

/// `None` if the file is not there.
fn read(path: &Path) -> Result<Option<Kept>, FolderError> {
    let io_error = |error| FolderError::Io(path.to_owned(), error);
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(error)),
    };
    let mode = fs::metadata(path).map_err(io_error)?.permissions().mode();
    let text = String::from_utf8(bytes).unwrap_or_default().trim_end().to_owned();
    if text.is_empty() {
        return Err(FolderError::Unreadable(path.to_owned()));
    }
    Ok(Some(Kept { text, exposed: (mode & 0o077 != 0).then(|| path.to_owned()) }))
}

impl std::fmt::Debug for DataFolder<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DataFolder").field("path", &self.path).field("keep", &self.keep).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::domain::random::SystemRandom;
    use crate::domain::secret::base62;

    fn draw(random: &dyn Random) -> Result<String, NoEntropy> {
        base62(43, random)
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_secret_is_kept_for_its_owner_alone_and_stays_the_same() {
        let home = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(home.path().join("data"), &SystemRandom);
        let first = folder.secret("jwt-secret", draw).unwrap();
        let again = folder.secret("jwt-secret", draw).unwrap();
        assert_eq!(first.text.len(), 43);
        assert_eq!(first.text, again.text);
        assert_eq!(first.exposed, None);
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&folder.path().join("jwt-secret")), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn processes_that_start_together_agree_on_one_secret() {
        let home = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(home.path().join("data"), &SystemRandom);
        let start = Barrier::new(8);
        let secret = || {
            start.wait();
            folder.secret("jwt-secret", draw).unwrap().text
        };
        let drawn: Vec<String> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(secret)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(drawn.iter().all(|text| *text == drawn[0]), "{} differ", drawn.len());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn looking_only_writes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let folder = DataFolder::look_only(home.path().join("data"), &SystemRandom);
        assert_eq!(folder.secret("jwt-secret", draw).unwrap().text.len(), 43);
        assert!(!folder.path().exists());
    }

    #[test]
    fn a_file_that_others_may_read_is_pointed_out() {
        let home = tempfile::tempdir().unwrap();
        let folder = DataFolder::new(home.path(), &SystemRandom);
        let path = home.path().join("jwt-secret");
        fs::write(&path, "0123456789\n").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let kept = folder.secret("jwt-secret", draw).unwrap();
        assert_eq!((kept.text.as_str(), kept.exposed), ("0123456789", Some(path)));
    }

    #[test]
    fn an_empty_file_is_not_taken_for_a_secret() {
        let home = tempfile::tempdir().unwrap();
        fs::write(home.path().join("jwt-secret"), "\n").unwrap();
        let folder = DataFolder::new(home.path(), &SystemRandom);
        assert!(matches!(folder.secret("jwt-secret", draw), Err(FolderError::Unreadable(_))));
    }
}
