//! `Url`: where a file is to be fetched from.

/// `http://host:port/path?query`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// A name, or an address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// What the field `Host` says.
    pub(crate) authority: String,
    /// With the query, ready to be sent.
    pub(crate) path: String,
}

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rest = match text.split_once("://") {
            Some(("http", rest)) => rest,
            Some((other, _)) => return Err(format!("{other} is not http")),
            None => return Err("it does not begin with http://".to_owned()),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err("names and passwords are not supported".to_owned());
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, port.parse().map_err(|_| "its port is no number")?)
            }
            _ => (authority, 80),
        };
        let inner = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
        let host = inner.unwrap_or(host);
        if host.is_empty() || !host.chars().all(is_plain) {
            return Err("its host is no name".to_owned());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
            path: encode(path),
        })
    }

    /// Where a redirection from here leads.
    pub(crate) fn join(&self, location: &str) -> Result<Self, String> {
        if location.contains("://") {
            return Self::parse(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Self::parse(&format!("http://{rest}"));
        }
        let location = location.split('#').next().unwrap_or_default();
        let path = self.path.split('?').next().unwrap_or_default();
        let folder = path.rfind('/').map_or("/", |slash| &path[..=slash]);
        let joined = match location.starts_with('/') {
            true => location.to_owned(),
            false => format!("{folder}{location}"),
        };
        Ok(Self {
            path: encode(&joined),
            ..self.clone()
        })
    }

    /// What the file is called: the end of the path, if that is a name.
    pub(crate) fn name(&self) -> String {
        let path = self.path.split('?').next().unwrap_or_default();
        let last = path.rsplit('/').next().unwrap_or_default();
        let name = decode(last);
        match name.as_str() {
            "" | "." | ".." => "index.html".to_owned(),
            // Whatever a server calls its files, here they stay in one folder.
            name => name.replace(['/', '\0'], "_"),
        }
    }
}

/// Encodes what cannot stand in a request, and leaves alone what is encoded already.
fn encode(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    let mut encoded = slash.to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_graphic() {
            encoded.push(byte.into());
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn decode(text: &str) -> String {
    let mut bytes = text.as_bytes();
    let mut decoded = Vec::new();
    while let Some((&byte, rest)) = bytes.split_first() {
        let digits = rest.get(..2).filter(|_| byte == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(value) => {
                decoded.push(value);
                bytes = &rest[2..];
            }
            None => {
                decoded.push(byte);
                bytes = rest;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
