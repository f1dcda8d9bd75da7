//! How long a connection may keep the server waiting, and how many there may be at once.
//!
//! poem gives hyper no timer: without these bounds half a request's head keeps its connection open
//! for ever, and so does an answer that nobody reads. And where hyper ends a connection whose peer
//! hung up, poem goes on with it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use poem::http::uri::Scheme;
use poem::listener::Acceptor;
use poem::web::{LocalAddr, RemoteAddr};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep};

use super::edge;

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// From a request's first byte to its answer's first byte.
    pub request: Duration,
    /// From the connection's or the last answer's end to the next request's first byte.
    pub idle: Duration,
    /// From a write that the peer leaves no room for to the room for its first byte.
    pub write: Duration,
    /// Connections at once. One more is accepted when another has ended.
    pub connections: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            // A request whose head came at once gets the edge's answer that the rest did not.
            request: edge::DEADLINE.saturating_add(Duration::from_secs(5)),
            idle: Duration::from_secs(75),
            write: Duration::from_secs(25),
            connections: 4096,
        }
    }
}

/// Accepts what `A` accepts, within bounds.
pub(super) struct Bounded<A> {
    inner: A,
    bounds: Bounds,
    places: Arc<Semaphore>,
}

impl<A> Bounded<A> {
    pub(super) fn new(inner: A, bounds: Bounds) -> Self {
        Self { inner, bounds, places: Arc::new(Semaphore::new(bounds.connections)) }
    }
}

impl<A: Acceptor> Acceptor for Bounded<A> {
    type Io = Connection<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.inner.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(io::Error::other)?;
        loop {
            match self.inner.accept().await {
                Ok((io, local, remote, scheme)) => {
                    let connection = Connection::new(io, self.bounds, place);
                    return Ok((connection, local, remote, scheme));
                }
                // The caller would ask again at once, and so use up a processor while there are
                // no file descriptors left.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }
}

const AFTER_ERROR: Duration = Duration::from_millis(100);

/// A connection whose reads and writes fail with [`io::ErrorKind::TimedOut`] at their bounds.
///
/// Requests and answers are told apart by direction only: what is read belongs to a request, what
/// is written ends it.
pub(super) struct Connection<S> {
    inner: S,
    bounds: Bounds,
    /// A byte was read since the last one was written.
    in_request: bool,
    /// The peer went while it was being answered: an answer that never ends must not keep its
    /// place. Whoever goes before is served to the end; what a request does may not stop half-way.
    hung_up: bool,
    read_by: Instant,
    read_alarm: Alarm,
    /// `None` while there is room for what is written.
    write_by: Option<Instant>,
    write_alarm: Alarm,
    _place: OwnedSemaphorePermit,
}

impl<S> Connection<S> {
    fn new(inner: S, bounds: Bounds, place: OwnedSemaphorePermit) -> Self {
        Self {
            inner,
            bounds,
            in_request: false,
            hung_up: false,
            read_by: Instant::now() + bounds.idle,
            read_alarm: Alarm::default(),
            write_by: None,
            write_alarm: Alarm::default(),
            _place: place,
        }
    }

    /// Bytes came. They do not move the bound of the request they belong to.
    fn heard(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if !self.in_request {
            self.in_request = true;
            self.read_by = now + self.bounds.request;
        } else if now >= self.read_by {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// Bytes went.
    fn answered(&mut self) {
        self.in_request = false;
        self.read_by = Instant::now() + self.bounds.idle;
        self.read_alarm.no_later_than(self.read_by);
        self.write_by = None;
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        match Pin::new(&mut this.inner).poll_read(context, buffer) {
            Poll::Ready(Ok(())) if buffer.filled().len() > before => Poll::Ready(this.heard()),
            Poll::Ready(ended) => {
                this.hung_up = !this.in_request;
                Poll::Ready(ended)
            }
            Poll::Pending => this.read_alarm.poll(this.read_by, context),
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.hung_up {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        match Pin::new(&mut this.inner).poll_write(context, bytes) {
            Poll::Ready(result) => {
                this.answered();
                Poll::Ready(result)
            }
            Poll::Pending => {
                let bound = this.bounds.write;
                let by = *this.write_by.get_or_insert_with(|| Instant::now() + bound);
                this.write_alarm.poll(by, context)
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Called even if nothing was written.
        if self.hung_up {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

/// One timer for bounds that move with every request: it is set anew only for an earlier bound, or
/// when it rings too early for the one that holds by then.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Fails once it is `by`, and wakes the task then.
    fn poll<T>(&mut self, by: Instant, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        self.no_later_than(by);
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(by)));
        while sleep.as_mut().poll(context).is_ready() {
            if by <= sleep.deadline() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            sleep.as_mut().reset(by);
        }
        Poll::Pending
    }

    /// Wakes the task that polled last by then.
    fn no_later_than(&mut self, by: Instant) {
        if let Some(sleep) = self.0.as_mut().filter(|sleep| by < sleep.deadline()) {
            sleep.as_mut().reset(by);
        }
    }
}

#[cfg(test)]
mod tests;
