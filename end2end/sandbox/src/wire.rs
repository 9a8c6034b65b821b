//! Connections that can be cut: how a reset or a truncated answer is made.
//!
//! Each connection carries a budget of bytes it may still write. A handler that wants the line to
//! go dead sets the budget; the next write beyond it fails and the connection is closed. The bytes
//! are counted before they are encrypted, so that a cut means the same with TLS and without.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{Accept, TlsAcceptor};

/// A handle on the connection a request came through.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<AtomicI64>);

impl Wire {
    /// Lets this many more bytes out, then cuts the line.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.0
            .store(i64::try_from(bytes).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

/// Accepts connections and gives each its budget.
pub(crate) struct Door {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
}

impl Door {
    pub(crate) fn new(listener: TcpListener, tls: Option<TlsAcceptor>) -> Door {
        Door { listener, tls }
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

enum State {
    /// TLS shakes hands with the first read, so that a slow caller keeps nobody else waiting.
    Greeting(Box<Accept<TcpStream>>),
    Open(Box<dyn Stream>),
}

/// A connection with a budget.
pub(crate) struct Line {
    state: State,
    wire: Wire,
}

impl Line {
    fn open(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        if let State::Greeting(accept) = &mut self.state {
            let stream = ready!(Pin::new(accept.as_mut()).poll(context))?;
            self.state = State::Open(Box::new(stream));
        }
        match &mut self.state {
            State::Open(stream) => Poll::Ready(Ok(Pin::new(stream.as_mut()))),
            State::Greeting(_) => Poll::Pending,
        }
    }
}

impl Listener for Door {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.listener).await;
        let _ = stream.set_nodelay(true);
        let state = match &self.tls {
            Some(tls) => State::Greeting(Box::new(tls.accept(stream))),
            None => State::Open(Box::new(stream)),
        };
        let wire = Wire(Arc::new(AtomicI64::new(i64::MAX)));
        (Line { state, wire }, from)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Wire {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Wire {
        stream.io().wire.clone()
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.open(context))?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let left = self.wire.0.load(Ordering::SeqCst);
        if left <= 0 {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let allowed = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let written = ready!(self.open(context))?.poll_write(context, &bytes[..allowed]);
        if let Poll::Ready(Ok(count)) = &written
            && left != i64::MAX
        {
            self.wire
                .cut_after(usize::try_from(left).unwrap_or(0).saturating_sub(*count));
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.open(context))?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.open(context))?.poll_shutdown(context)
    }
}
