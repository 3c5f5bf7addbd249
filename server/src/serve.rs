//! Listens, serves, and stops in good order: live signals end, requests under way are answered.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use holdfast_domain::keys::RootSecret;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use crate::{
    app::{App, Parts},
    live::Live,
    passwords::Passwords,
    session::Origins,
    store::Store,
    tries::Tries,
};

/// How long requests under way may take once the server stops.
const PATIENCE: Duration = Duration::from_secs(10);

/// The origins of a listen address, where none were named: a loopback address is also `localhost`.
pub fn default_origins(address: SocketAddr) -> Origins {
    let port = address.port();
    let mut origins = vec![format!("http://{address}")];
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        origins.extend([
            format!("http://localhost:{port}"),
            format!("http://127.0.0.1:{port}"),
        ]);
    }
    Origins::new(origins)
}

/// Serves until `stop` turns true, then until every request under way is answered.
pub async fn serve(
    listener: TcpListener,
    store: Arc<dyn Store>,
    root: RootSecret,
    origins: Origins,
    stop: watch::Receiver<bool>,
) -> anyhow::Result<()> {
    let live = Live::start(Arc::clone(&store), stop.clone());
    let passwords =
        Passwords::new().map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?;
    let app = App::new(Parts {
        store,
        root,
        origins,
        passwords,
        tries: Tries::default(),
        live,
    });
    let mut told = stop.clone();
    let serving = axum::serve(
        listener,
        app.router()
            .into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move {
        // The sender gone is as good as told.
        let _ = told.wait_for(|stop| *stop).await;
    });
    tokio::select! {
        served = serving => served?,
        () = overdue(stop) => tracing::warn!("stopped with requests under way"),
    }
    Ok(())
}

/// Resolves once stopping has taken so long that a stalled request no longer counts.
async fn overdue(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
    tokio::time::sleep(PATIENCE).await;
}

/// Turns true at SIGTERM or SIGINT.
pub fn stop_at_signals() -> anyhow::Result<watch::Receiver<bool>> {
    let (stop, stopping) = watch::channel(false);
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        stop.send_replace(true);
        // Kept open until the end of the process, so that those who wait see the value.
        stop.closed().await;
    });
    Ok(stopping)
}
