//! What reaches the process from outside: connections, and the signals that ask it to stop.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// Connections inherit from the listener that an answer is sent at once, not held back for more.
pub(super) fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.set_nodelay(true)?;
    socket.bind(address)?;
    socket.listen(1024)
}

/// Listens for the signals that ask the process to stop (Ctrl+C, SIGTERM) from now on; the future
/// resolves when one has come.
///
/// # Errors
/// If the system does not let us listen.
pub fn signals() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
