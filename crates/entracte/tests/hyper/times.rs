//! Limits of time, on virtual time and over streams in memory.

use std::time::Duration;

use ::hyper::service::service_fn;
use entracte::hyper::Http;
use entracte::io::{MemoryStream, Stream, pair};
use entracte::{spawn, time};

use crate::echo;
use crate::support::run_virtual;

const LIMIT: Duration = Duration::from_secs(30);

/// Says so much to a server, and no more; how long that waits, and what it answers.
async fn wait_for_end(http: Http, said: &[u8]) -> (Duration, Vec<u8>) {
    let (near, far) = pair(1024);
    let mut near: Stream<MemoryStream> = Stream::new(near);
    let far = Stream::new(far);
    let before = time::now();
    let serving = spawn(async move {
        let never = std::future::pending();
        http.serve_stream(far, service_fn(echo), never).await
    });
    near.writer.write_all(said).await.expect("it goes");
    let answer = near.reader.read_to_end().await.expect("it ends");
    assert!(serving.await.expect("no panic").is_err());
    (time::now() - before, answer)
}

#[test]
fn a_client_that_says_nothing_is_waited_for_no_longer_than_that() {
    run_virtual(async {
        assert_eq!(wait_for_end(Http::new(), b"").await, (LIMIT, Vec::new()));
        assert_eq!(wait_for_end(Http::new(), b"PRI").await, (LIMIT, Vec::new()));
    })
    .expect("it runs");
}

#[test]
fn how_long_the_first_words_may_take_can_be_set() {
    run_virtual(async {
        for limit in [Duration::from_millis(1), Duration::from_secs(90)] {
            for said in [&b""[..], b"PRI"] {
                let mut http = Http::new();
                http.set_first_words(limit);
                assert_eq!(wait_for_end(http, said).await, (limit, Vec::new()));
            }
        }
    })
    .expect("it runs");
}

#[test]
fn the_head_of_a_request_has_a_limit_of_its_own() {
    run_virtual(async {
        let begun = b"GET / HTTP/1.1\r\nhost:";
        let (waited, answer) = wait_for_end(Http::new(), begun).await;
        assert_eq!(waited, LIMIT);
        let text = String::from_utf8(answer).expect("text");
        assert!(text.is_empty() || text.contains("408"), "{text}");
        let mut http = Http::new();
        http.http1().header_read_timeout(Duration::from_secs(5));
        let (waited, _) = wait_for_end(http, begun).await;
        assert_eq!(waited, Duration::from_secs(5));
    })
    .expect("it runs");
}

#[test]
fn a_client_of_http2_that_answers_no_ping_is_given_up() {
    run_virtual(async {
        let mut http = Http::new();
        let every = Duration::from_secs(60);
        http.http2()
            .keep_alive_interval(every)
            .keep_alive_timeout(LIMIT);
        let begun = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        let (waited, answer) = wait_for_end(http, begun).await;
        assert_eq!(waited, every + LIMIT);
        assert_eq!(answer[3], 4, "its settings come first");
    })
    .expect("it runs");
}
