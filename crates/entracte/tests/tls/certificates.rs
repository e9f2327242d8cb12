//! Certificates that the command openssl makes: a root, one it vouches for, and one that has expired.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use entracte::tls::rustls::{ClientConfig, ServerConfig};
use entracte::tls::{client_config, server_config};

const SETTINGS: &str = "
[req]
distinguished_name = name
prompt = no
[name]
CN = localhost
[root]
basicConstraints = critical,CA:TRUE
[leaf]
basicConstraints = CA:FALSE
subjectAltName = DNS:localhost,IP:127.0.0.1
[ca]
default_ca = here
[here]
database = index.txt
serial = serial.txt
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
CN = supplied
";

/// Where the certificates are. All processes share one folder; the first to finish has made it.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let parent = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = parent.join("tls-certificates-1");
        if !folder.exists() {
            let own = parent.join(format!("tls-{}", std::process::id()));
            make(&own);
            if fs::rename(&own, &folder).is_err() {
                fs::remove_dir_all(&own).expect("it is our own");
            }
        }
        folder
    })
}

fn make(folder: &Path) {
    fs::create_dir_all(folder).expect("the folder for temporary files is there");
    fs::write(folder.join("settings"), SETTINGS).expect("it can be written to");
    fs::write(folder.join("index.txt"), "").expect("it can be written to");
    let key = "-config settings -nodes -newkey ec -pkeyopt ec_paramgen_curve:P-256";
    let sign = "-batch -config settings -extensions leaf -rand_serial -notext -in leaf.csr \
                -cert root.pem -keyfile root.key";
    for (name, subject) in [("root", "root"), ("other", "other")] {
        openssl(
            folder,
            &format!(
                "req -x509 {key} -keyout {name}.key -out {name}.pem -extensions root -days 3650 \
                 -subj /CN={subject}"
            ),
        );
    }
    openssl(
        folder,
        &format!("req -new {key} -keyout leaf.key -out leaf.csr"),
    );
    openssl(folder, &format!("ca {sign} -out leaf.pem -days 3650"));
    let past = "-startdate 20200101000000Z -enddate 20200102000000Z";
    openssl(folder, &format!("ca {sign} -out expired.pem {past}"));
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("the command openssl is installed");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {arguments}: {text}");
}

/// Where a file is: `root.pem`, `other.pem`, `leaf.pem`, `leaf.key`, `expired.pem`.
pub(crate) fn path(name: &str) -> String {
    let path = folder().join(name);
    path.into_os_string()
        .into_string()
        .expect("the path is text")
}

/// What is in a file.
pub(crate) fn pem(name: &str) -> Vec<u8> {
    fs::read(path(name)).expect("it was made")
}

/// The configuration of `localhost`.
pub(crate) fn server() -> Arc<ServerConfig> {
    server_with("leaf.pem")
}

/// A server's configuration with this certificate.
pub(crate) fn server_with(certificate: &str) -> Arc<ServerConfig> {
    server_config(&pem(certificate), &pem("leaf.key")).expect("the files are good")
}

/// The configuration of a client that trusts the root.
pub(crate) fn client() -> Arc<ClientConfig> {
    client_config(&pem("root.pem")).expect("the file is good")
}
