//! Streams: buffered readers and writers over anything that reads and writes, in memory or outside.

mod async_fd;
mod buffer;
mod copy;
mod lines;
mod memory;
mod outbox;
mod pipe;
pub(crate) mod poll;
mod read_error;
mod reader;
mod shared;
mod stream;
#[cfg(feature = "tokio-io")]
pub(crate) mod tokio_io;
mod traits;
mod writer;

pub use async_fd::AsyncFd;
pub use copy::copy;
pub use lines::Lines;
pub use memory::{MemoryStream, pair};
pub use pipe::{PipeReader, PipeWriter, pipe};
pub use read_error::ReadError;
pub use reader::Reader;
pub use stream::Stream;
pub use writer::{WriteAll, Writer};
