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
///
/// Both directions at once, as children of a [`local_group`](crate::local_group()), which may borrow the
/// streams where [`gather`](crate::gather()) may not:
///
/// ```
/// use entracte::io::{MemoryStream, Stream, copy, pair};
///
/// async fn join(
///     a: &mut Stream<MemoryStream>,
///     b: &mut Stream<MemoryStream>,
/// ) -> Result<(), entracte::ErrorGroup> {
///     entracte::local_group(async |group| {
///         group.spawn(async {
///             copy(&mut a.reader, &mut b.writer).await?;
///             b.writer.close().await
///         });
///         group.spawn(async {
///             copy(&mut b.reader, &mut a.writer).await?;
///             a.writer.close().await
///         });
///     })
///     .await
/// }
///
/// # entracte::run(async {
/// let ((near, a), (b, far)) = (pair(64), pair(64));
/// let [mut near, mut a, mut b, mut far] = [near, a, b, far].map(Stream::new);
/// let joined = entracte::spawn(async move { join(&mut a, &mut b).await });
/// near.writer.write_all(b"ping").await?;
/// near.writer.close().await?;
/// assert_eq!(far.reader.read_to_end().await?, b"ping");
/// far.writer.write_all(b"pong").await?;
/// far.writer.close().await?;
/// assert_eq!(near.reader.read_to_end().await?, b"pong");
/// joined.await??;
/// # Ok::<(), entracte::BoxError>(())
/// # }).unwrap().unwrap();
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
