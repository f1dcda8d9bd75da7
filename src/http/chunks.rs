//! A body that comes into being piece by piece, for as long as somebody reads it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Makes pieces.
pub(super) trait Source: Sized + Send + 'static {
    /// The next piece and what makes those after it; `None` at the end.
    fn next(self) -> impl Future<Output = Option<(Vec<u8>, Self)>> + Send;
}

type Next<S> = Pin<Box<dyn Future<Output = Option<(Vec<u8>, S)>> + Send>>;

/// What a source makes, as bytes to be read. Whoever stops reading drops the source with it.
pub(super) struct Chunks<S> {
    /// `None` at the end.
    next: Option<Next<S>>,
    piece: io::Cursor<Vec<u8>>,
}

impl<S: Source> Chunks<S> {
    pub(super) fn new(source: S) -> Self {
        Self { next: Some(Box::pin(source.next())), piece: io::Cursor::default() }
    }
}

impl<S: Source> AsyncRead for Chunks<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            let read = io::Read::read(&mut self.piece, buffer.initialize_unfilled())?;
            if read > 0 || buffer.remaining() == 0 {
                buffer.advance(read);
                return Poll::Ready(Ok(()));
            }
            let Some(next) = &mut self.next else { return Poll::Ready(Ok(())) };
            match ready!(next.as_mut().poll(context)) {
                Some((piece, source)) => {
                    self.piece = io::Cursor::new(piece);
                    self.next = Some(Box::pin(source.next()));
                }
                None => self.next = None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Counts down, with an empty piece before each.
    struct Countdown(u8, bool);

    impl Source for Countdown {
        async fn next(self) -> Option<(Vec<u8>, Self)> {
            let Self(left, empty) = self;
            if empty {
                return Some((Vec::new(), Self(left, false)));
            }
            tokio::task::yield_now().await;
            let rest = left.checked_sub(1)?;
            Some((format!("{left} to go, ").into_bytes(), Self(rest, true)))
        }
    }

    #[tokio::test]
    async fn pieces_are_read_in_order_whatever_the_reader_has_room_for() {
        let mut whole = String::new();
        Chunks::new(Countdown(2, true)).read_to_string(&mut whole).await.unwrap();
        assert_eq!(whole, "2 to go, 1 to go, ");

        let (mut chunks, mut bytes) = (Chunks::new(Countdown(2, true)), Vec::new());
        while let Ok(byte) = chunks.read_u8().await {
            bytes.push(byte);
        }
        assert_eq!(bytes, whole.as_bytes());
    }
}
