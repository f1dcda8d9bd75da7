//! Scripts of others that pages are tested with, pinned and installed by npm on first use.

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::repo::tree::root;

/// The text of a file of `node_modules`.
pub(super) fn read(file: &str) -> String {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser-packages");
    INSTALLED.get_or_init(|| install(&folder));
    std::fs::read_to_string(folder.join("node_modules").join(file)).unwrap()
}

/// Does nothing if it was done, to its end, with the same pins.
fn install(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let pins = ["package.json", "package-lock.json"].map(|name| {
        let text = std::fs::read(root().join("tests/browser/packages").join(name)).unwrap();
        std::fs::write(folder.join(name), &text).unwrap();
        text
    });
    let (mark, pins) = (folder.join("installed"), pins.concat());
    if std::fs::read(&mark).is_ok_and(|installed| installed == pins) {
        return;
    }
    let options = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let output = Command::new("npm").args(options).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::write(mark, pins).unwrap();
}
