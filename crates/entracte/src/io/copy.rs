//! `copy`: everything from a reader to a writer.

use std::io;

use futures_io::{AsyncRead, AsyncWrite};

use super::reader::Reader;
use super::writer::Writer;

/// Copies until the reader ends, and gives how many bytes that were. The writer stays open.
///
/// # Cancel safety
///
/// Cancel safe, but how many bytes were copied is not known then; each chunk that was read is sent.
///
/// # Errors
///
/// Returns the error of the reader or of the writer.
///
/// # Examples
///
/// ```
/// use entracte::io::{Reader, Writer, copy};
///
/// entracte::run(async {
///     let mut reader = Reader::new(&b"hello"[..]);
///     let mut writer = Writer::new(futures::io::sink());
///     assert_eq!(copy(&mut reader, &mut writer).await.unwrap(), 5);
/// })
/// .unwrap();
/// ```
pub async fn copy<R, W>(reader: &mut Reader<R>, writer: &mut Writer<W>) -> io::Result<u64>
where
    R: AsyncRead + Unpin,
    W: AsyncWrite + Unpin + 'static,
{
    let mut copied = 0;
    loop {
        writer.flush().await?;
        let chunk = reader.chunk().await?;
        if chunk.is_empty() {
            return Ok(copied);
        }
        copied += chunk.len() as u64;
        // Accepted as a whole, so that a caller who is cancelled loses none of it.
        writer.write(chunk)?;
    }
}
