//! Those who were not written here: `openssl s_client`, `openssl s_server`, and curl.

use std::io::{BufRead, BufReader, PipeReader, Write, pipe};
use std::process::{Child, ChildStdin, Command, Output, Stdio};

use entracte::io::Stream;
use entracte::net::{TcpListener, TcpStream};
use entracte::tls::connect;
use entracte::{spawn, to_thread};

use crate::certificates::{client, path, server};
use crate::with::{Tcp, bounded, echo, with_server};

/// A program that is ended when the test is.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<PipeReader>,
}

impl Program {
    fn start(arguments: &str) -> Self {
        let (output, end) = pipe().expect("pipes are there");
        let mut child = Command::new("openssl")
            .args(arguments.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(end.try_clone().expect("descriptors are there"))
            .stderr(end)
            .spawn()
            .expect("the command openssl is installed");
        Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        }
    }

    /// Hands a line to the program.
    fn say(&mut self, line: &str) {
        let input = self.input.as_mut().expect("it is open");
        writeln!(input, "{line}").expect("the program reads");
    }

    /// Reads what the program writes up to a line like this; gives that one.
    fn wait_for(&mut self, is_it: impl Fn(&str) -> bool) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).expect("it is text");
            assert!(count > 0, "it never came: {all}");
            if is_it(line.trim_end()) {
                return line;
            }
            all += &line;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn s_client(port: u16, more: &str) -> Program {
    let root = path("root.pem");
    Program::start(&format!(
        "s_client -connect 127.0.0.1:{port} -servername localhost -verify_hostname localhost \
         -CAfile {root} -verify_return_error {more}"
    ))
}

/// Has `s_client` say two lines, the second under new keys, then end; the echo server answers.
fn talk_to(port: u16, version: &str, has_new_keys: bool) {
    let mut program = s_client(port, version);
    program.say("hello");
    program.wait_for(|line| line == "hello");
    if has_new_keys {
        program.say("K"); // asks for new keys of both sides
        program.wait_for(|line| line == "KEYUPDATE");
    }
    program.say("again");
    program.wait_for(|line| line == "again");
    program.say("Q"); // says goodbye
    program.wait_for(|line| line == "DONE");
    assert!(program.child.wait().expect("it ends").success());
}

#[test]
fn s_client_talks_to_the_server_by_both_versions_and_renews_the_keys() {
    let serve = async |stream: Tcp| {
        let served = echo(stream).await;
        served.inspect_err(|error| panic!("{error}"))
    };
    with_server(serve, async |address| {
        let port = address.port();
        to_thread(move || talk_to(port, "-tls1_3", true)).await;
        to_thread(move || talk_to(port, "-tls1_2", false)).await;
    });
}

/// Says what a mail server says before TLS.
async fn be_asked_for_tls(stream: &mut Stream<TcpStream>) -> std::io::Result<()> {
    stream.writer.write_all(b"220 localhost ESMTP\r\n").await?;
    let hello = stream.reader.read_line().await?.unwrap_or_default();
    assert!(hello.starts_with("EHLO "), "{hello:?}");
    let offer = b"250-localhost\r\n250-STARTTLS\r\n250 HELP\r\n";
    stream.writer.write_all(offer).await?;
    let command = stream.reader.read_line().await?;
    assert_eq!(command.as_deref(), Some("STARTTLS"));
    stream.writer.write_all(b"220 go ahead\r\n").await
}

#[test]
fn s_client_starts_tls_as_with_a_mail_server() {
    for version in ["-tls1_3", "-tls1_2"] {
        bounded(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let port = listener.local_address().expect("it listens").port();
            let more = format!("-starttls smtp {version}");
            let talking = spawn(to_thread(move || talk_to(port, &more, false)));
            let (stream, _) = listener.accept().await.expect("it connects");
            let mut stream = Stream::new(stream);
            be_asked_for_tls(&mut stream).await.expect("it talks");
            let stream = stream.start_tls_as_server(&server()).await;
            echo(stream.expect("it trusts the root"))
                .await
                .expect("it says goodbye");
            talking.await.expect("it ends well");
        });
    }
}

#[test]
fn s_client_sees_a_goodbye_and_ends_by_itself() {
    let serve = async |mut stream: Tcp| {
        stream.writer.write(b"that was all\n")?;
        stream.writer.close().await
    };
    with_server(serve, async |address| {
        let port = address.port();
        to_thread(move || {
            let mut program = s_client(port, "");
            program.wait_for(|line| line == "that was all");
            program.wait_for(|line| line == "closed");
            assert!(program.child.wait().expect("it ends").success());
        })
        .await;
    });
}

#[test]
fn s_client_complains_of_a_stream_that_was_cut_off() {
    let serve = async |mut stream: Tcp| stream.writer.write_all(b"half of it\n").await;
    with_server(serve, async |address| {
        let connect = address.to_string();
        let client = move || {
            Command::new("openssl")
                .args(["s_client", "-ign_eof", "-connect", &connect])
                .stdin(Stdio::null())
                .output()
                .expect("the command openssl is installed")
        };
        let output = to_thread(client).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("unexpected eof"), "{complaint}");
    });
}

/// What curl answers.
fn curl(port: u16) -> Output {
    let root = path("root.pem");
    Command::new("curl")
        .args([
            "--silent",
            "--show-error",
            "--noproxy",
            "*",
            "--cacert",
            &root,
        ])
        .args(["--max-time", "30", &format!("https://localhost:{port}/")])
        .output()
        .expect("the command curl is installed")
}

async fn respond(stream: &mut Tcp, length: usize) -> std::io::Result<()> {
    let request = stream.reader.read_until(b"\r\n\r\n").await?;
    assert!(request.starts_with(b"GET / HTTP/1.1\r\n"));
    let body = "x".repeat(length);
    let response = format!("HTTP/1.0 200 OK\r\n\r\n{body}");
    stream.writer.write_all(response.as_bytes()).await
}

#[test]
fn curl_takes_a_response_that_ends_with_a_goodbye() {
    let serve = async |mut stream: Tcp| {
        respond(&mut stream, 1_000_000).await?;
        stream.writer.close().await
    };
    with_server(serve, async |address| {
        let output = to_thread(move || curl(address.port())).await;
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaint}");
        assert_eq!(output.stdout.len(), 1_000_000);
    });
}

/// A server of OpenSSL that gives each line back reversed, and the port it is at.
fn s_server(more: &str) -> (Program, u16) {
    let (leaf, key) = (path("leaf.pem"), path("leaf.key"));
    let mut program = Program::start(&format!(
        "s_server -accept 127.0.0.1:0 -naccept 1 -cert {leaf} -key {key} -rev {more}"
    ));
    let line = program.wait_for(|line| line.starts_with("ACCEPT"));
    let port = line.trim_end().rsplit(':').next().expect("one is there");
    let port = port.parse().expect("it ends with the port");
    (program, port)
}

#[test]
fn s_server_answers_the_client_by_both_versions() {
    for (version, is_offered) in [("-tls1_3 -alpn lines", true), ("-tls1_2", false)] {
        bounded(async {
            let (program, port) = to_thread(|| s_server(version)).await;
            let mut config = client();
            if is_offered {
                let offered = vec![b"other".to_vec(), b"lines".to_vec()];
                std::sync::Arc::make_mut(&mut config).alpn_protocols = offered;
            }
            let stream = connect(("localhost", port), &config).await;
            let mut stream = stream.expect("it is trusted");
            let agreed = stream.with(|tls| tls.alpn().map(<[u8]>::to_vec));
            assert_eq!(agreed, is_offered.then(|| b"lines".to_vec()));
            stream
                .writer
                .write_all(b"reverse\n")
                .await
                .expect("it reads");
            let line = stream.reader.read_line().await.expect("it answers");
            assert_eq!(line.as_deref(), Some("esrever"));
            stream.writer.close().await.expect("it reads");
            drop(program);
        });
    }
}
