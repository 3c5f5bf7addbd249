//! The root secret: 32 random bytes in a file of mode 0600 that is not in the database, made at the
//! first start and shown once as the recovery kit. All the server's keys come from it (PROTOCOL 1).

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use holdfast_domain::keys::RootSecret;

use crate::clock;

/// Why the root secret could not be had.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    #[error("the key file {0} cannot be read or written: {1}")]
    File(PathBuf, io::Error),
    #[error("the key file {0} does not hold a root secret (43 characters of base64url)")]
    Unreadable(PathBuf),
    #[error("the key file {0} can be read by others; set it to mode 0600 (chmod 600)")]
    Open(PathBuf),
    #[error(
        "the database is there but its key file {0} is not: put the file back, or write the secret of the recovery kit into it"
    )]
    Missing(PathBuf),
}

/// The root secret and, when it was made just now, the text of the recovery kit to show once.
pub struct Opened {
    pub root: RootSecret,
    pub recovery_kit: Option<String>,
}

/// Beside the database: `holdfast.db` has `holdfast.db.root`.
pub fn default_file(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".root");
    name.into()
}

/// Reads the secret. Makes it only where there is no database yet: a new secret for an old database
/// would orphan every key that phones have pinned.
pub fn open(file: &Path, database_exists: bool) -> Result<Opened, RootError> {
    let fault = |error| RootError::File(file.to_owned(), error);
    match fs::read_to_string(file) {
        Ok(text) => {
            let mode = fs::metadata(file).map_err(fault)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(RootError::Open(file.to_owned()));
            }
            let seed = URL_SAFE_NO_PAD
                .decode(text.trim())
                .ok()
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
                .ok_or_else(|| RootError::Unreadable(file.to_owned()))?;
            Ok(Opened {
                root: RootSecret::new(seed),
                recovery_kit: None,
            })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && database_exists => {
            Err(RootError::Missing(file.to_owned()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let seed = clock::random::<32>();
            let text = URL_SAFE_NO_PAD.encode(seed);
            if let Some(folder) = file
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
            {
                fs::create_dir_all(folder).map_err(fault)?;
            }
            let mut handle = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(file)
                .map_err(fault)?;
            writeln!(handle, "{text}")
                .and_then(|()| handle.sync_all())
                .and_then(|()| sync_folder(file))
                .map_err(fault)?;
            let recovery_kit = format!(
                "Recovery kit, shown this once. Write it down and keep it away from this machine.\n\
                 Root secret: {text}\n\
                 It is also in {} (mode 0600), which no backup holds. Without it a restored database cannot\n\
                 prove its own word to the phones.\n",
                file.display()
            );
            Ok(Opened {
                root: RootSecret::new(seed),
                recovery_kit: Some(recovery_kit),
            })
        }
        Err(error) => Err(fault(error)),
    }
}

/// A new file's name is on disk once its folder is: the database must not outlive its secret.
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    fs::File::open(folder)?.sync_all()
}
