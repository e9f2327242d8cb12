//! `Control`: answers whoever connects to the control socket, a line for each line.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use entracte::io::Stream;
use entracte::net::UnixStream;

use crate::program::Program;

pub(crate) struct Control {
    path: PathBuf,
    programs: Rc<[Program]>,
}

impl Control {
    /// For a socket that is there; nobody else may use it.
    pub(crate) fn new(path: &Path, programs: Rc<[Program]>) -> io::Result<Self> {
        let control = Self {
            path: path.to_owned(),
            programs,
        };
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        Ok(control)
    }

    /// Serves a client until it has no more to ask.
    pub(crate) async fn serve(&self, mut stream: Stream<UnixStream>) -> io::Result<()> {
        while let Some(line) = stream.reader.read_line().await? {
            let answer = self.answer(line.trim());
            stream.writer.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }

    fn answer(&self, line: &str) -> String {
        let (verb, name) = line.split_once(' ').unwrap_or((line, ""));
        if line == "status" {
            let lines = self.programs.iter().map(|program| program.status() + "\n");
            return lines.collect();
        }
        let act: fn(&Program) = match verb {
            "start" => Program::start,
            "stop" => Program::stop,
            "restart" => Program::restart,
            _ => return "status, start NAME, stop NAME or restart NAME?\n".to_owned(),
        };
        match self
            .programs
            .iter()
            .find(|program| program.name() == name.trim())
        {
            Some(program) => {
                act(program);
                "ok\n".to_owned()
            }
            None => format!("there is no {name:?}\n"),
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.path));
    }
}
