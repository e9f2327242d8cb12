//! `file_server`, with curl, wget and Python's client.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

use crate::program::{bytes, python, scratch, tool};
use crate::support::{Site, descriptors, names, printed, until, write};

fn curl() -> Option<Command> {
    let mut curl = tool("curl", "curl")?;
    curl.arg("-s");
    Some(curl)
}

/// The status, then what curl has to say in addition.
fn status(curl: &mut Command, what: &str) -> String {
    let what = format!("%{{http_code}}{what}");
    printed(curl.args(["-o", "/dev/null", "-w", &what]))
}

#[test]
fn curl_gets_files_whole_and_in_parts() {
    let folder = scratch("files-parts");
    let content = bytes(300_000);
    write(&folder, "a file.bin", &content);
    write(&folder, "empty", "");
    let site = Site::of(&folder, &[]);
    let Some(mut whole) = curl() else { return };
    let url = site.url("a%20file.bin");
    let got = |curl: &mut Command| curl.arg(&url).output().expect("it runs").stdout;
    assert!(got(&mut whole) == content);
    let part = |range: &str| got(curl().expect("it is there").args(["-r", range]));
    assert!(part("5-9") == content[5..=9]);
    assert!(part("299990-") == content[299_990..]);
    assert!(part("-7") == content[299_993..]);
    assert!(part("131000-400000") == content[131_000..]);
    assert!(part("9-5") == content, "what makes no sense is passed over");
    assert!(part("0-1,5-6") == content, "the whole, as one may");

    let curl_to = |args: &[&str]| {
        let mut curl = curl().expect("it is there");
        status(
            curl.args(args).arg(&url),
            " %{size_download} %header{content-range}",
        )
    };
    assert_eq!(curl_to(&["-r", "10-19"]), "206 10 bytes 10-19/300000");
    assert_eq!(curl_to(&["-r", "300000-"]), "416 26 bytes */300000");
    assert_eq!(
        curl_to(&["-I", "-r", "10-19"]),
        "200 0 ",
        "a part is for GET"
    );
    assert_eq!(
        curl_to(&["-H", "If-Range: \"other\"", "-r", "10-19"]),
        "200 300000 "
    );
    let mut empty = curl().expect("it is there");
    assert_eq!(
        status(empty.arg(site.url("empty")), " %{size_download}"),
        "200 0"
    );
    site.end();
}

#[test]
fn curl_is_not_sent_what_it_has() {
    let folder = scratch("files-known");
    let file = write(&folder, "a.txt", "hello");
    let Some(mut first) = curl() else { return };
    let site = Site::of(&folder, &[]);
    let beside = scratch("files-known-tag");
    let tag = beside.join("tag");
    let url = site.url("a.txt");
    first.arg("--etag-save").arg(&tag).arg(&url);
    assert_eq!(printed(&mut first), "hello");
    let asks = |name: &str, value: &std::ffi::OsStr| {
        let mut curl = curl().expect("it is there");
        status(curl.arg(name).arg(value).arg(&url), "")
    };
    assert_eq!(asks("--etag-compare", tag.as_os_str()), "304");
    assert_eq!(asks("-z", file.as_os_str()), "304");
    assert_eq!(asks("-z", "1994-11-06".as_ref()), "200");
    assert_eq!(asks("-H", "If-None-Match: W/\"x\", *".as_ref()), "304");
    write(&folder, "a.txt", "hello, you");
    assert_eq!(asks("--etag-compare", tag.as_os_str()), "200");
    site.end();
}

#[test]
fn dates_are_written_as_http_has_them_and_read_again() {
    let folder = scratch("files-dates");
    let Some(_) = curl() else { return };
    let site = Site::of(&folder, &[]);
    for (seconds, date) in [
        (1, "Thu, 01 Jan 1970 00:00:01 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
    ] {
        let file = File::create(folder.join("file")).expect("a test may write");
        let time = UNIX_EPOCH + Duration::from_secs(seconds);
        file.set_modified(time).expect("a test may write");
        let asks = |since: &str| {
            let mut curl = curl().expect("it is there");
            curl.args([
                "-H",
                &format!("If-Modified-Since: {since}"),
                &site.url("file"),
            ]);
            status(&mut curl, " %header{last-modified}")
        };
        assert_eq!(asks(date), format!("304 {date}"));
        assert_eq!(asks("Thu, 01 Jan 1970 00:00:00 GMT"), format!("200 {date}"));
        assert_eq!(asks("Thu, 99 Jan 2030 00:00:00 GMT"), format!("200 {date}"));
    }
    site.end();
}

#[test]
fn nothing_outside_of_the_folder_is_given_out() {
    let folder = scratch("files-outside");
    write(&folder, "secret", "secret");
    let inside = folder.join("inside");
    fs::create_dir_all(inside.join("sub")).expect("a test may write");
    write(&inside, "a.txt", "a");
    write(&inside, ".hidden", "h");
    symlink("../secret", inside.join("out")).expect("a test may link");
    symlink("..", inside.join("up")).expect("a test may link");
    symlink("a.txt", inside.join("link")).expect("a test may link");
    symlink("loop", inside.join("loop")).expect("a test may link");
    let made = Command::new("mkfifo").arg(inside.join("pipe")).status();
    assert!(made.expect("there is mkfifo").success());
    let Some(_) = curl() else { return };
    let site = Site::of(&inside, &[]);
    let asks = |path: &str| {
        let mut curl = curl().expect("it is there");
        status(curl.args(["--path-as-is", &site.url(path)]), "")
    };
    for path in ["a.txt", "link", "//a.txt", "sub/", "a.txt?x=../y"] {
        assert_eq!(asks(path), "200", "{path}");
    }
    let upwards = [
        "../secret",
        "sub/../../secret",
        "%2e%2e/secret",
        "..%2fsecret",
        "sub/../a.txt",
    ];
    for path in upwards.into_iter().chain(["%zz", "%2", "a%00b", "./a.txt"]) {
        assert_eq!(asks(path), "400", "{path}");
    }
    for path in [
        "out",
        "up/secret",
        "loop",
        "pipe",
        ".hidden",
        "a.txt/",
        "a.txt/b",
        "secret",
    ] {
        assert_eq!(asks(path), "404", "{path}");
    }
    let long = "x".repeat(300);
    assert_eq!(asks(&long), "404");
    let page = printed(curl().expect("it is there").arg(site.url("")));
    for name in ["out", "up", "loop", "pipe", ".hidden"] {
        assert!(!page.contains(&format!("\"{name}")), "{name}: {page}");
    }
    // Not `//evil`, which would be another host.
    let mut redirected = curl().expect("it is there");
    redirected.args(["--path-as-is", &site.url("/sub")]);
    let location = " %header{location}";
    assert_eq!(status(&mut redirected, location), "301 /sub/");
    site.end();
}

#[test]
fn wget_mirrors_a_tree_by_its_listings() {
    let folder = scratch("files-mirror");
    let (tree, mirror) = (folder.join("tree"), folder.join("mirror"));
    fs::create_dir_all(tree.join("a <b> & \"c\"/ü")).expect("a test may write");
    fs::create_dir(&mirror).expect("a test may write");
    write(&tree, "one", bytes(10_000));
    write(&tree.join("a <b> & \"c\""), "2 # ? +%.bin", bytes(20_000));
    write(&tree.join("a <b> & \"c\"/ü"), "c:d", bytes(3));
    let Some(mut wget) = tool("wget", "wget") else {
        return;
    };
    let site = Site::of(&tree, &[]);
    wget.args(["-q", "-r", "-np", "-nH", "--restrict-file-names=nocontrol"]);
    wget.args(["-R", "index.html*", "-e", "robots=off", "-P"]);
    printed(wget.arg(&mirror).arg(site.url("")).env("LC_ALL", "C.UTF-8"));
    printed(Command::new("diff").arg("-r").arg(&tree).arg(&mirror));
    assert_eq!(names(&mirror), names(&tree));
    site.end();
}

#[test]
fn an_index_takes_the_place_of_the_listing() {
    let folder = scratch("files-index");
    write(&folder, "index.html", "<p>welcome</p>");
    let Some(mut curl) = curl() else { return };
    let site = Site::of(&folder, &[]);
    curl.args(["-i", &site.url("")]);
    let page = printed(&mut curl);
    assert!(page.ends_with("<p>welcome</p>"), "{page}");
    assert!(
        page.contains("\r\nContent-Type: text/html; charset=utf-8\r\n"),
        "{page}"
    );
    site.end();
}

const ONE_CONNECTION: &str = r#"
import http.client, sys
host, size = sys.argv[1], int(sys.argv[2])
c = http.client.HTTPConnection(host, timeout=60)
c.connect()
socket = c.sock
for method, path, status, length in [
    ("GET", "/big", 200, size), ("HEAD", "/big", 200, 0), ("GET", "/none", 404, 14),
    ("GET", "/big", 200, size), ("DELETE", "/big", 405, 23), ("GET", "/", 200, None),
]:
    c.request(method, path)
    r = c.getresponse()
    body = r.read()
    assert r.status == status, (method, path, r.status)
    assert length is None or len(body) == length, (method, path, len(body))
    assert c.sock is socket, (method, path, "another connection")
c.request("GET", "/big", headers={"Connection": "close"})
r = c.getresponse()
assert len(r.read()) == size and r.will_close and c.sock is None
print("done")
"#;

#[test]
fn python_asks_for_everything_over_one_connection() {
    let folder = scratch("files-python");
    write(&folder, "big", bytes(500_000));
    let Some(mut python) = python(ONE_CONNECTION) else {
        return;
    };
    let site = Site::of(&folder, &[]);
    assert_eq!(printed(python.args([&site.host, "500000"])), "done\n");
    site.end();
}

#[test]
fn many_curls_at_once_all_get_all_of_it() {
    let folder = scratch("files-many");
    let content = bytes(2_000_000);
    write(&folder, "big", &content);
    let Some(mut curl) = curl() else { return };
    let site = Site::of(&folder, &["-q", "-n", "20", "-t", "3600"]);
    let before = descriptors(site.server.id());
    let target = folder.join("got#1");
    curl.args(["-Z", "--parallel-immediate", "--parallel-max", "50"]);
    curl.arg(site.url("big?[1-50]")).arg("-o").arg(&target);
    printed(&mut curl);
    for number in 1..=50 {
        let got = fs::read(folder.join(format!("got{number}"))).expect("it is there");
        assert!(got == content, "{number} differs");
    }
    until("it has closed all that it opened", || {
        descriptors(site.server.id()) == before
    });
    site.end();
}
