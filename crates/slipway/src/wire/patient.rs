//! A connection whose client must take what it is sent.

use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long a client may take nothing of what is being sent to it.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A connection that fails once nothing could be written to it for too long. There is a timer only while the client
/// keeps the server waiting.
pub struct Patient<T> {
    io: T,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<T> Patient<T> {
    /// The connection with this rule.
    pub fn new(io: T) -> Self {
        Self { io, waiting: None }
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

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
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
        let shut = Pin::new(&mut self.io).poll_shutdown(context);
        self.judge(shut, context)
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
        let served = tokio::spawn(async move { Patient::new(server).write_all(&[0; 100]).await });
        let mut read = 0;
        while read < 100 {
            sleep(PATIENCE * 9 / 10).await;
            read += client.read(&mut [0; 10]).await.unwrap();
        }
        served.await.unwrap().unwrap();
    }
}
