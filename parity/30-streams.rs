//! What a reader gives: lines, exact lengths, separators; what it says when it cannot.

use entracte::BoxError;
use entracte::io::{ReadError, Stream};
use entracte::net::UnixStream;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn program() -> Result<(), BoxError> {
    let (near, far) = UnixStream::pair()?;
    let Stream { mut reader, .. } = Stream::new(near);
    let Stream { mut writer, .. } = Stream::new(far);
    reader.set_limit(32);

    writer.write(b"one\ntwo\r\n")?;
    println!("{}", reader.read_line().await?.unwrap_or_default());
    println!("{}", reader.read_line().await?.unwrap_or_default());

    writer.write(b"key: value; rest")?;
    println!("{}", text(&reader.read_until(b"; ").await?));
    println!("{}", text(&reader.read_exactly(4).await?));

    writer.write(b"no separator in all of these bytes, and more")?;
    if let Err(ReadError::TooLong { .. }) = reader.read_until(b"\n").await {
        println!("too long");
    }
    println!("{}", text(&reader.read_exactly(12).await?));

    writer.close().await?;
    let middle = " in all of these bytes, and mo".len();
    reader.read_exactly(middle).await?;
    if let Err(ReadError::Incomplete { partial }) = reader.read_exactly(10).await {
        println!("incomplete: {}", text(&partial));
    }
    let rest = text(&reader.read_to_end().await?);
    let at_end = if reader.at_end() { "True" } else { "False" };
    println!("'{rest}' {at_end}");
    Ok(())
}

fn main() -> Result<(), BoxError> {
    entracte::run(program())?
}
