//! Unix sockets: paths that are taken over, and queues that are full.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net as std_unix;

use entracte::net::{Listen, UnixListener, UnixStream, connect_unix};
use entracte::{checkpoint, spawn};

use crate::alone::{alone, path};

#[test]
fn a_path_that_nobody_listens_on_is_taken_over_and_others_are_not() {
    alone(async {
        let path = path("taken-over");
        drop(UnixListener::bind(&path).expect("it is free"));
        let error = connect_unix(&path).await.expect_err("nobody listens");
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        let listener = UnixListener::bind(&path).expect("nobody listens");
        let error = UnixListener::bind(&path).expect_err("somebody listens");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        assert!(error.to_string().contains("taken-over"), "{error}");
        let near = connect_unix(&path).await.expect("somebody listens");
        // The question whether anybody listens was no connection.
        let far = listener.accept().await.expect("it was connected");
        let own = rustix::process::getuid().as_raw();
        for seen in [near.peer_credentials(), far.peer_credentials()] {
            let seen = seen.expect("Linux knows");
            assert_eq!((seen.pid, seen.uid), (Some(std::process::id()), own));
        }
        drop(listener);
        fs::remove_file(&path).expect("it is there");
        fs::write(&path, "something else").expect("it can be written");
        assert!(UnixListener::bind(&path).is_err());
        assert_eq!(fs::read(&path).expect("it is there"), b"something else");
        fs::remove_file(&path).expect("it is there");
    });
}

#[test]
fn a_path_that_is_empty_is_refused() {
    alone(async {
        let errors = [
            UnixListener::bind("").expect_err("it is no path"),
            connect_unix("").await.expect_err("it is no path"),
        ];
        for (error, act) in errors.iter().zip(["listen on", "connect to"]) {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let text = format!("cannot {act} \"\": the path is empty");
            assert_eq!(error.to_string(), text);
        }
    });
}

#[test]
fn a_queue_that_is_full_is_waited_for_and_is_not_dead() {
    alone(async {
        let path = path("full");
        let listener = Listen::new().backlog(1).on_path(&path).expect("it is free");
        let mut connected = Vec::new();
        let waiting = loop {
            let path = path.clone();
            let task = spawn(async move { UnixStream::connect(path).await });
            for _ in 0..10 {
                checkpoint().await;
            }
            match task.try_outcome() {
                Ok(outcome) => connected.push(outcome.expect("it ends").expect("it is in")),
                Err(waiting) => break waiting,
            }
        };
        let error = UnixListener::bind(&path).expect_err("somebody listens");
        assert_eq!(error.kind(), ErrorKind::AddrInUse);
        listener.accept().await.expect("there are some");
        waiting.await.expect("it ends").expect("there was room");
        fs::remove_file(&path).expect("it is there");
    });
}

#[test]
fn a_socket_of_the_standard_library_goes_in_and_out() {
    alone(async {
        let (near, far) = std_unix::UnixStream::pair().expect("there are sockets");
        let near = UnixStream::from_std(near).expect("it can be non-blocking");
        let near = near.into_std();
        let moved = entracte::to_thread(move || {
            entracte::run(async move {
                let mut near = entracte::io::Stream::new(UnixStream::from_std(near)?);
                near.writer.write_all(b"from elsewhere").await
            })
        });
        moved.await.expect("it runs").expect("it is open");
        let mut far = entracte::io::Stream::new(UnixStream::from_std(far).expect("it can be"));
        let read = far.reader.read_to_end().await.expect("it ends");
        assert_eq!(read, b"from elsewhere");
    });
}
