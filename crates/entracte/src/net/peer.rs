//! Who is at the other end of a Unix socket.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

use super::unix::Credentials;

/// Asks the kernel. Not by rustix, whose process ids cannot be 0, which the kernel does answer.
pub(super) fn credentials(socket: &UnixStream) -> io::Result<Credentials> {
    let mut found = libc::ucred {
        pid: 0,
        uid: 0,
        gid: 0,
    };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: the descriptor is open for as long as it is borrowed; the kernel writes at most `length`
    // bytes to `found`, which is as long and of plain integers, and the new length to `length`.
    let answer = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut found).cast(),
            &raw mut length,
        )
    };
    if answer != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Credentials {
        pid: u32::try_from(found.pid).ok().filter(|pid| *pid != 0),
        uid: found.uid,
        gid: found.gid,
    })
}
