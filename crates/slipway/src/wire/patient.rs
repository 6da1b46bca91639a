//! A connection whose client must take what it is sent, and gets to read the last of it.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a client may take nothing of what is being sent to it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How long a closed connection waits for its client to close it too, and what is read and dropped so long. The system
/// resets a connection that is left with unread bytes, and then its client loses the answer that says what was wrong
/// with these.
const LINGER: Duration = Duration::from_secs(1);
const DROPPED: usize = 1024 * 1024;

/// A connection that fails once nothing could be written to it for too long. There is a timer only while the client
/// keeps the server waiting.
pub struct Patient<T> {
    io: T,
    waiting: Option<Pin<Box<Sleep>>>,
    closing: Option<Pin<Box<Sleep>>>,
    dropped: usize,
}

impl<T> Patient<T> {
    /// The connection with this rule.
    pub fn new(io: T) -> Self {
        Self { io, waiting: None, closing: None, dropped: 0 }
    }

    /// What came of writing, or the end of patience.
    fn judge<O>(&mut self, written: Poll<io::Result<O>>, context: &mut Context<'_>) -> Poll<io::Result<O>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(PATIENCE)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.judge(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.judge(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.io).poll_flush(context);
        self.judge(flushed, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.closing.is_none() {
            let shut = Pin::new(&mut self.io).poll_shutdown(context);
            ready!(self.judge(shut, context))?;
        }
        let Self { io, closing, dropped, .. } = &mut *self;
        let closing = closing.get_or_insert_with(|| Box::pin(sleep(LINGER)));
        let mut bytes = [0; 4096];
        while *dropped < DROPPED {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *io).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => *dropped += buffer.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending => {
                    ready!(closing.as_mut().poll(context));
                    break;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_nothing_is_left() {
        let (client, server) = duplex(10);
        let began = Instant::now();
        let failed = Patient::new(server).write_all(&[0; 100]).await.unwrap_err();
        assert_eq!((failed.kind(), began.elapsed()), (ErrorKind::TimedOut, PATIENCE));
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_a_little_at_a_time_is_served() {
        let (mut client, server) = duplex(10);
        let written = tokio::spawn(async move { Patient::new(server).write_all(&[0; 100]).await });
        let mut read = 0;
        while read < 100 {
            sleep(PATIENCE * 9 / 10).await;
            read += client.read(&mut [0; 10]).await.unwrap();
        }
        written.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_closed_connection_waits_a_little_for_the_client() {
        let (mut client, server) = duplex(1_000);
        client.write_all(&[0; 1_000]).await.unwrap();
        let began = Instant::now();
        let closed = tokio::spawn(async move { Patient::new(server).shutdown().await });
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0, "the end comes at once");
        client.write_all(&[0; 1_000]).await.unwrap();
        closed.await.unwrap().unwrap();
        assert_eq!(began.elapsed(), LINGER);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_gone_is_not_waited_for() {
        let (client, server) = duplex(10);
        drop(client);
        let began = Instant::now();
        Patient::new(server).shutdown().await.unwrap();
        assert_eq!(began.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_goes_on_sending_is_left_in_the_end() {
        let (mut client, server) = duplex(64 * 1024);
        let closed = tokio::spawn(async move { Patient::new(server).shutdown().await });
        let sent = tokio::spawn(async move { client.write_all(&vec![0; 2 * DROPPED]).await });
        closed.await.unwrap().unwrap();
        assert!(sent.await.unwrap().is_err());
    }
}
