//! A `vouchlink serve` of this build in a folder of its own, ended by its process id.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program under test.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_vouchlink");
/// The key that works without a command.
pub(crate) const KEY: &str = "a-bootstrap-key-for-tests-long-enough-to-be-one";

pub(crate) struct Server {
    child: Child,
    pub(crate) origin: String,
}

/// A free port of this moment. Whoever takes it meanwhile makes the test fail, not lie.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The program, with nothing of this process's environment but what it needs to run.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.current_dir(folder).env_clear().env("LOG", "warn");
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Output {
    program(folder).args(arguments).output().unwrap()
}

impl Server {
    /// Starts it on `port` and waits until it says that it listens.
    pub(crate) fn start(folder: &Path, port: u16, environment: &[(&str, &str)]) -> Self {
        Self::start_to(folder, port, &[], environment, Stdio::inherit())
    }

    /// The same, its log in a file.
    pub(crate) fn start_logging(
        folder: &Path,
        port: u16,
        environment: &[(&str, &str)],
        log: &Path,
    ) -> Self {
        let log = std::fs::File::create(log).unwrap();
        Self::start_to(folder, port, &[], environment, log.into())
    }

    /// The same with arguments for `serve`.
    pub(crate) fn start_as(
        arguments: &[&str],
        folder: &Path,
        port: u16,
        environment: &[(&str, &str)],
        log: Option<&Path>,
    ) -> Self {
        let log = log.map(|log| std::fs::File::create(log).unwrap().into());
        Self::start_to(folder, port, arguments, environment, log.unwrap_or_else(Stdio::inherit))
    }

    fn start_to(
        folder: &Path,
        port: u16,
        arguments: &[&str],
        environment: &[(&str, &str)],
        log: Stdio,
    ) -> Self {
        let mut child = program(folder)
            .arg("serve")
            .args(arguments)
            .env("PORT", port.to_string())
            .env("BOOTSTRAP_API_KEY", KEY)
            .env("RATE_LIMIT", "off")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.next().expect("it ended at once").unwrap();
        assert!(said.contains("listens on"), "{said}");
        // Whatever it says later must not block it.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, origin: format!("http://localhost:{port}") }
    }

    /// By name: `STOP` freezes the process, `CONT` lets it go on.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// SIGKILL: no shutdown of any kind.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and its exit within a while.
    pub(crate) fn terminate(mut self) -> std::process::ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::yield_now();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already ended is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
