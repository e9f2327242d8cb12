//! Reading and writing at any place of a file, several at once.

use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::file::File;
use crate::threads::to_thread;

impl File {
    /// Reads at most so many bytes from a place of the file, whatever its position, which stays.
    ///
    /// Less than that is there only at the end of the file. Several of these may run at once.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: it changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the system's error.
    #[doc(alias = "os.pread")]
    pub async fn read_at(&self, place: u64, count: usize) -> io::Result<Vec<u8>> {
        let file = Arc::clone(self.file.file());
        to_thread(move || read_at(&file, place, count)).await
    }

    /// Writes all of the bytes at a place of the file, whatever its position, which stays.
    ///
    /// Several of these may run at once. A file that was opened to append takes no place.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe, but the bytes may have been written, or will be soon, or some of them.
    ///
    /// # Errors
    ///
    /// Returns the system's error. A part may have been written.
    #[doc(alias = "os.pwrite")]
    pub async fn write_all_at(&self, place: u64, bytes: impl Into<Vec<u8>>) -> io::Result<()> {
        let (file, bytes) = (Arc::clone(self.file.file()), bytes.into());
        to_thread(move || file.write_all_at(&bytes, place)).await
    }
}

fn read_at(file: &std::fs::File, place: u64, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    let mut filled = 0;
    while filled < count {
        match file.read_at(&mut bytes[filled..], place + filled as u64) {
            Ok(0) => break,
            Ok(more) => filled += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
