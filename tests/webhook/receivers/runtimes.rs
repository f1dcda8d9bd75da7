//! Runtimes of other languages: which are here, and how an example is fed in each.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use vouchlink::domain::encoding::base64;

use super::deliveries::Delivery;
use crate::repo::tree::root;

/// Whether each delivery was believed, in order.
pub(super) type Outcomes = Vec<bool>;

/// The first line that `program` says of its version; `None` if it is not on this machine.
pub(super) fn version(program: &str, question: &str) -> Option<String> {
    let output = Command::new(program).arg(question).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// Installs the pinned official library and feeds `example` with Node.js.
pub(super) fn node(example: &str, fed: &[Value]) -> Outcomes {
    let folder = folder("node");
    let lock = copy("docs/receivers/node/package-lock.json", &folder);
    copy("docs/receivers/node/package.json", &folder);
    once(&folder, &lock, |folder| {
        let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        run(Command::new("npm").args(options).current_dir(folder), "");
    });
    copy(&format!("docs/receivers/node/{example}"), &folder);
    copy("tests/webhook/receivers/feed.js", &folder);
    sequences(Command::new("node").arg("feed.js").arg(example).current_dir(&folder), fed)
}

/// The same with Python; `example` is a module.
pub(super) fn python(example: &str, fed: &[Value]) -> Outcomes {
    let folder = folder("python");
    let requirements = copy("docs/receivers/python/requirements.txt", &folder);
    once(&folder, &requirements, |folder| {
        run(
            Command::new("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(folder),
            "",
        );
        let options =
            ["install", "-q", "--require-hashes", "--no-deps", "--only-binary=:all:", "-r"];
        let mut pip = Command::new(folder.join("venv/bin/pip"));
        run(pip.args(options).arg("requirements.txt").current_dir(folder), "");
    });
    let mut python = Command::new(folder.join("venv/bin/python"));
    python.arg(root().join("tests/webhook/receivers/feed.py")).arg(example);
    python.env("PYTHONPATH", root().join("docs/receivers/python"));
    sequences(python.env("PYTHONDONTWRITEBYTECODE", "1"), fed)
}

/// Feeds the example in Java, which has no JSON of its own: the texts as an application has them.
pub(super) fn java(deliveries: &[Delivery]) -> Outcomes {
    let folder = folder("java");
    let sources =
        ["docs/receivers/java/VouchlinkWebhook.java", "tests/webhook/receivers/Feed.java"];
    let compiler = &mut Command::new("javac");
    run(compiler.arg("-d").arg(&folder).args(sources).current_dir(root()), "");
    let mut lines = String::new();
    for it in deliveries {
        let texts =
            [Some(&it.secret), it.id.as_ref(), it.timestamp.as_ref(), it.signature.as_ref()];
        for text in texts {
            let field = text.map_or("-".to_owned(), |text| base64(text.as_bytes()));
            write!(lines, "{field} ").unwrap();
        }
        writeln!(lines, "{}", base64(it.payload.as_bytes())).unwrap();
    }
    let said = run(Command::new("java").arg("-cp").arg(&folder).arg("Feed"), &lines);
    said.lines().map(|line| line.parse().unwrap()).collect()
}

pub(super) fn go(fed: &[Value]) -> Outcomes {
    let folder = folder("go");
    copy("tests/webhook/receivers/feed.go", &folder);
    fs::create_dir_all(folder.join("vouchlink")).unwrap();
    copy("docs/receivers/go/vouchlink.go", &folder.join("vouchlink"));
    fs::write(folder.join("go.mod"), "module receiver\n\ngo 1.19\n").unwrap();
    let program = folder.join("feed");
    run(Command::new("go").args(["build", "-o"]).arg(&program).current_dir(&folder), "");
    sequences(&mut Command::new(program), fed)
}

pub(super) fn php(fed: &[Value]) -> Outcomes {
    let files = ["tests/webhook/receivers/feed.php", "docs/receivers/php/vouchlink.php"];
    sequences(Command::new("php").args(files).current_dir(root()), fed)
}

/// A folder of this test's own under `target`.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("receivers").join(name);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The file's bytes, which are in the folder now.
fn copy(file: &str, folder: &Path) -> Vec<u8> {
    let file = root().join(file);
    let bytes = fs::read(&file).unwrap();
    fs::write(folder.join(file.file_name().unwrap()), &bytes).unwrap();
    bytes
}

/// Does it unless it was done, to its end, with the same pins.
fn once(folder: &Path, pins: &[u8], install: impl FnOnce(&Path)) {
    let mark = folder.join("installed");
    if fs::read(&mark).is_ok_and(|installed| installed == pins) {
        return;
    }
    install(folder);
    fs::write(mark, pins).unwrap();
}

/// A believed delivery gives its event's sequence, the second of its customer (a passkey bound, the link verified).
fn sequences(command: &mut Command, fed: &[Value]) -> Outcomes {
    let said = run(command, &serde_json::to_string(fed).unwrap());
    let sequences: Vec<Option<u64>> = serde_json::from_str(&said).unwrap();
    sequences
        .into_iter()
        .map(|sequence| sequence.inspect(|it| assert_eq!(*it, 2)).is_some())
        .collect()
}

/// What it says, if it ends well.
fn run(command: &mut Command, input: &str) -> String {
    let shown = format!("{command:?}");
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap_or_else(|error| panic!("{shown}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    // A program that ends without reading is seen by its status.
    let written = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{shown}: {errors}");
    written.unwrap();
    String::from_utf8(output.stdout).unwrap()
}
