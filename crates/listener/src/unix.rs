//! Socket files: made with their mode, replaced when stale, and removed at the end.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use socket2::{Domain, SockAddr, Socket, Type};

use crate::{BindError, UnixPath};

/// The file of a socket that we have bound. Removed when dropped, unless another process has put its own in its place.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

/// Binds a socket to a path. A socket file that nobody listens on is replaced.
pub(crate) fn bind(at: &UnixPath, kind: Type) -> Result<(Socket, SocketFile), BindError> {
    let failed = |cause| BindError::new(at.path.display(), cause);
    remove_stale(&at.path, kind)?;
    let address = SockAddr::unix(&at.path).map_err(failed)?;
    let socket = Socket::new(Domain::UNIX, kind, None).map_err(failed)?;
    socket.bind(&address).map_err(failed)?;
    let file = SocketFile { identity: identity(&at.path).map_err(failed)?, path: at.path.clone() };
    fs::set_permissions(&at.path, Permissions::from_mode(at.mode)).map_err(failed)?;
    Ok((socket, file))
}

/// The path that a socket is bound to; empty when it has none.
pub(crate) fn path(socket: &Socket) -> PathBuf {
    let address = socket.local_addr().ok();
    address.and_then(|address| address.as_pathname().map(Path::to_owned)).unwrap_or_default()
}

fn remove_stale(path: &Path, kind: Type) -> Result<(), BindError> {
    let failed = |cause| BindError::new(path.display(), cause);
    let metadata = match fs::symlink_metadata(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(()),
        metadata => metadata.map_err(failed)?,
    };
    if !metadata.file_type().is_socket() {
        return Err(BindError::NotASocket(path.to_owned()));
    }
    let probe = Socket::new(Domain::UNIX, kind, None).map_err(failed)?;
    // A full backlog must not make us wait: it is proof enough that somebody listens.
    probe.set_nonblocking(true).map_err(failed)?;
    match probe.connect(&SockAddr::unix(path).map_err(failed)?) {
        Err(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path).map_err(failed),
        _ => Err(BindError::InUse { address: path.display().to_string() }),
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    fs::symlink_metadata(path).map(|metadata| (metadata.dev(), metadata.ino()))
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|identity| identity == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::{UnixDatagram, UnixListener};

    use super::*;

    fn place(directory: &tempfile::TempDir) -> UnixPath {
        UnixPath { path: directory.path().join("socket"), mode: 0o620 }
    }

    #[test]
    fn a_socket_file_has_its_mode_and_goes_with_its_listener() {
        let directory = tempfile::tempdir().unwrap();
        let at = place(&directory);
        let (_socket, file) = bind(&at, Type::DGRAM).unwrap();
        assert_eq!(fs::metadata(&at.path).unwrap().permissions().mode() & 0o777, 0o620);
        drop(file);
        assert!(!at.path.exists());
    }

    #[test]
    fn a_stale_file_is_replaced_and_a_live_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        let at = place(&directory);
        let live = UnixListener::bind(&at.path).unwrap();
        assert!(matches!(bind(&at, Type::STREAM), Err(BindError::InUse { .. })));
        assert!(
            matches!(bind(&at, Type::DGRAM), Err(BindError::InUse { .. })),
            "another kind of socket is in use, too"
        );
        drop(live);
        assert!(bind(&at, Type::STREAM).is_ok());
        let live = UnixDatagram::bind(&at.path).unwrap();
        assert!(matches!(bind(&at, Type::DGRAM), Err(BindError::InUse { .. })));
        drop(live);
        assert!(bind(&at, Type::DGRAM).is_ok());
    }

    #[test]
    fn a_file_that_is_no_socket_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let at = place(&directory);
        fs::write(&at.path, "precious").unwrap();
        assert!(matches!(bind(&at, Type::STREAM), Err(BindError::NotASocket(_))));
        assert_eq!(fs::read(&at.path).unwrap(), b"precious");
    }

    #[test]
    fn the_file_of_a_successor_is_not_removed() {
        let directory = tempfile::tempdir().unwrap();
        let at = place(&directory);
        let (_socket, file) = bind(&at, Type::STREAM).unwrap();
        fs::remove_file(&at.path).unwrap();
        let _successor = UnixListener::bind(&at.path).unwrap();
        drop(file);
        assert!(at.path.exists());
    }

    #[test]
    fn a_missing_directory_is_said_to_be_missing() {
        let at = UnixPath { path: "/nowhere/at/all".into(), mode: 0o600 };
        assert!(matches!(bind(&at, Type::STREAM), Err(BindError::NoDirectory { .. })));
    }
}
