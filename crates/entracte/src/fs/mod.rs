//! Files and directories, through the thread pool: as in `std::fs`, awaited.
//!
//! | to | use | in Python |
//! |---|---|---|
//! | have a whole file | [`read`], [`read_to_string`] | `Path.read_bytes` |
//! | write one | [`write`](write()), [`write_atomic`] | `Path.write_bytes` |
//! | read or write it bit by bit | [`File`], with [`Reader`](crate::io::Reader) and [`Writer`](crate::io::Writer) | `open` |
//! | write one that is never seen torn | [`AtomicFile`] | – |
//! | rename, remove, list, ask | [`rename`], [`remove_file`], [`read_dir`], [`metadata`] | `os` |
//!
//! The system has no way to wait for a disk as for a socket, so each of these is a call on a thread:
//! [`to_thread`](crate::to_thread) says how many there are. A call that has begun cannot be stopped;
//! each of these says what that means when it is cancelled. No data is lost by it, and errors of what
//! was accepted come out at the next call.

mod atomic;
mod file;
mod functions;
mod places;
pub(crate) mod threaded;

pub use atomic::{AtomicFile, write_atomic};
pub use file::File;
pub use functions::{
    canonicalize, copy, create_dir, create_dir_all, exists, hard_link, metadata, read, read_dir,
    read_link, read_to_string, remove_dir, remove_dir_all, remove_file, rename, set_permissions,
    symlink, symlink_metadata, write,
};
