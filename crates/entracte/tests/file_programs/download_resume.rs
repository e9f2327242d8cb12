//! `download`, stopped in the middle, and gone on with.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::Command;

use crate::download::{download, start};
use crate::program::{Program, bytes, example, scratch, server};
use crate::reserved::reserved;
use crate::source::{Act, Source, answer};
use crate::support::{length, names, until, write};

const SIZE: usize = 1_000_000;

/// The beginning of a file of `SIZE` bytes, and then nothing.
fn first_half(content: &[u8], tag: &str) -> Vec<Act> {
    let fields = format!("ETag: {tag}\r\nContent-Length: {SIZE}\r\n");
    let half = answer("200 OK", &fields, &content[..SIZE / 2]);
    vec![Act::Send(half), Act::Stall]
}

fn second_half(content: &[u8]) -> Vec<Act> {
    let fields = format!(
        "Content-Range: bytes {}-{}/{SIZE}\r\nContent-Length: {}\r\n",
        SIZE / 2,
        SIZE - 1,
        SIZE / 2
    );
    vec![Act::Send(answer(
        "206 Partial Content",
        &fields,
        &content[SIZE / 2..],
    ))]
}

fn whole(content: &[u8], tag: &str) -> Vec<Act> {
    let fields = format!("ETag: {tag}\r\nContent-Length: {SIZE}\r\n");
    vec![Act::Send(answer("200 OK", &fields, content))]
}

/// Presses Ctrl-C when half of the file is there.
fn stop_at_half(folder: &Path, url: &str) {
    let program = start(folder, &[url, "http://127.0.0.1:1/never", "-j", "1"]);
    let part = folder.join("file.part");
    until("half of it is there", || {
        length(&part) == Some(SIZE as u64 / 2)
    });
    program.signal("INT");
    let (status, said, errors) = program.end();
    assert_eq!((status.code(), errors.as_str()), (Some(130), ""), "{said}");
    let told = "file: stopped, 488.3 KiB of 976.6 KiB in file.part\nnever: not begun\n";
    assert_eq!(said, told);
    assert_eq!(names(folder), ["file.part", "file.part.tag"]);
}

#[test]
fn ctrl_c_leaves_no_torn_file_and_the_next_goes_on_from_there() {
    let folder = scratch("download-stopped");
    let content = bytes(SIZE);
    let source = Source::of(vec![first_half(&content, "\"v1\""), second_half(&content)]);
    let url = source.url("file");
    stop_at_half(&folder, &url);
    assert!(fs::read(folder.join("file.part")).expect("it stays") == content[..SIZE / 2]);
    let said = start(&folder, &[&url]).succeeds();
    assert!(
        said.starts_with("file: 976.6 KiB, resumed at 488.3 KiB, "),
        "{said}"
    );
    assert!(!source.asked().contains("Range"));
    let asked = source.asked();
    assert!(
        asked.contains("\r\nRange: bytes=500000-\r\nIf-Range: \"v1\"\r\n"),
        "{asked}"
    );
    assert!(fs::read(folder.join("file")).expect("it is there") == content);
    assert_eq!(names(&folder), ["file"]);
}

#[test]
fn a_part_of_another_version_is_thrown_away() {
    let folder = scratch("download-changed");
    let (old, new) = (bytes(SIZE), bytes(SIZE + 1));
    let source = Source::of(vec![
        first_half(&old, "\"v1\""),
        whole(&new[..SIZE], "\"v2\""),
    ]);
    let url = source.url("file");
    stop_at_half(&folder, &url);
    let said = start(&folder, &[&url]).succeeds();
    assert!(!said.contains("resumed"), "{said}");
    assert!(fs::read(folder.join("file")).expect("it is there") == new[..SIZE]);
}

#[test]
fn a_part_that_nothing_is_known_of_is_thrown_away() {
    let folder = scratch("download-unknown");
    let content = bytes(SIZE);
    write(&folder, "file.part", "something else");
    let source = Source::of(vec![whole(&content, "W/\"weak\"")]);
    let url = source.url("file");
    start(&folder, &[&url]).succeeds();
    assert!(!source.asked().contains("Range"));
    assert!(fs::read(folder.join("file")).expect("it is there") == content);
}

#[test]
fn a_connection_that_breaks_is_made_again() {
    let folder = scratch("download-broken");
    let content = bytes(SIZE);
    let mut broken = first_half(&content, "\"v1\"");
    broken.pop();
    let busy = vec![Act::Send(answer("503 Later", "Content-Length: 0\r\n", b""))];
    let silent = vec![Act::Send(Vec::new())];
    let source = Source::of(vec![busy, broken, silent, second_half(&content)]);
    let url = source.url("file");
    let said = start(&folder, &[&url]).succeeds();
    assert!(said.contains("resumed at 488.3 KiB"), "{said}");
    assert!(fs::read(folder.join("file")).expect("it is there") == content);
}

#[test]
fn a_part_longer_than_the_file_is_thrown_away() {
    let folder = scratch("download-beyond");
    let content = bytes(SIZE);
    write(&folder, "file.part", bytes(SIZE + 5));
    write(&folder, "file.part.tag", "\"v1\"");
    let beyond = format!("Content-Range: bytes */{SIZE}\r\nContent-Length: 0\r\n");
    let beyond = answer("416 Range Not Satisfiable", &beyond, b"");
    let source = Source::of(vec![vec![Act::Send(beyond)], whole(&content, "\"v1\"")]);
    start(&folder, &[&source.url("file")]).succeeds();
    assert!(fs::read(folder.join("file")).expect("it is there") == content);
}

#[test]
fn a_server_that_sends_another_part_is_not_believed() {
    let folder = scratch("download-other");
    write(&folder, "file.part", "hello");
    write(&folder, "file.part.tag", "\"v1\"");
    let fields = "Content-Range: bytes 3-9/10\r\nContent-Length: 7\r\n";
    let other = answer("206 Partial Content", fields, b"lo, you");
    let source = Source::of(vec![vec![Act::Send(other)]]);
    let (status, _, errors) = download(&folder, &[&source.url("file")]);
    assert_eq!(status.code(), Some(1));
    assert!(errors.contains("another part"), "{errors}");
    assert!(!folder.join("file").exists());
}

#[test]
fn a_disk_that_fills_leaves_no_torn_file() {
    let folder = scratch("download-full");
    let content = bytes(SIZE);
    let source = Source::of(vec![whole(&content, "\"v1\"")]);
    let url = source.url("file");
    // To a program, a limit on the size of files is as good as a full disk. In blocks of 512 bytes.
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f 200; exec \"$@\"", "sh"]);
    shell
        .arg(example("download"))
        .arg("-d")
        .arg(&*folder)
        .arg(&url);
    let (status, said, errors) = Program::of(&mut shell).end();
    assert_eq!(status.code(), Some(1), "{said}");
    let path = folder.join("file.part");
    let complaint = format!(
        "download: file: cannot write {}: File too large",
        path.display()
    );
    assert!(errors.starts_with(&complaint), "{errors}");
    assert_eq!(names(&folder), ["file.part", "file.part.tag"]);
    let part = fs::read(path).expect("it stays");
    assert!(
        part.len() >= 100_000 && content.starts_with(&part),
        "{}",
        part.len()
    );
}

/// nginx, for as long as this is held, with its address held as well.
fn nginx(folder: &Path) -> Option<((Program, OwnedFd), String)> {
    let mut nginx = server("nginx", "nginx-light")?;
    let (held, address) = reserved();
    let at = folder.display();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|it| format!("{it}_temp_path {at}/tmp;"));
    let config = format!(
        "daemon off; master_process off; pid {at}/pid; error_log stderr;\n\
         events {{ }}\n\
         http {{ access_log off; {} server {{ listen {address}; root {at}/from; }} }}\n",
        temporary.join(" ")
    );
    let config = write(folder, "nginx.conf", config);
    nginx.arg("-e").arg("stderr").arg("-c").arg(config);
    let server = Program::of(nginx.arg("-p").arg(folder));
    until("nginx listens", || {
        std::net::TcpStream::connect(address).is_ok()
    });
    Some(((server, held), format!("http://{address}/file")))
}

#[test]
fn nginx_resumes_what_was_stopped() {
    let folder = scratch("download-nginx");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::create_dir(&from).expect("a test may write");
    fs::create_dir(&to).expect("a test may write");
    let content = bytes(5_000_000);
    write(&from, "file", &content);
    let Some((_server, url)) = nginx(&folder) else {
        return;
    };
    start(&to, &[&url]).succeeds();
    assert!(fs::read(to.join("file")).expect("it is there") == content);

    // The same as if it had been stopped there, with the tag that nginx gives.
    let modified = fs::metadata(from.join("file")).and_then(|it| it.modified());
    let modified = modified.expect("it has a time");
    let since = modified
        .duration_since(std::time::UNIX_EPOCH)
        .expect("it is new");
    let tag = format!("\"{:x}-{:x}\"", since.as_secs(), content.len());
    fs::remove_file(to.join("file")).expect("it is there");
    write(&to, "file.part", &content[..1_234_567]);
    write(&to, "file.part.tag", tag);
    let said = start(&to, &[&url]).succeeds();
    assert!(said.contains("resumed at 1.2 MiB"), "{said}");
    assert!(fs::read(to.join("file")).expect("it is there") == content);
    assert_eq!(names(&to), ["file"]);
}
