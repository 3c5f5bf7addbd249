//! `GET live`: server-sent events, `advanced` when there is something new to pull.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    extract::State,
    response::sse::{Event, KeepAlive, Sse},
};
use futures_util::{Stream, stream};
use tokio::sync::{broadcast, watch};

use crate::{
    app::App,
    clock,
    live::Listener,
    openapi::AnyTime,
    problem::Problem,
    store::{Advance, Session},
};

/// Tells this phone when something that its user may see was appended. Ends with the session or the server.
#[utoipa::path(
    get, path = "/v1/live", tag = "sync",
    responses(
        (status = 200, description = "Events named `advanced`; the data is always `pull`", content_type = "text/event-stream", body = String),
        (status = 401, description = "Not signed in", content_type = "application/problem+json", body = Problem),
        AnyTime,
    )
)]
pub async fn live(
    State(app): State<App>,
    session: Session,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let advances = app.live.listen();
    let stopping = app.live.stopping();
    let roles = app.store.visible_roles(session.user).await?;
    let listening = Listening {
        listener: Listener {
            user: session.user,
            roles,
        },
        session,
        app,
        advances,
        stopping,
    };
    let events = stream::unfold(listening, |mut listening| async move {
        listening
            .next()
            .await
            // A browser passes no event on whose data is empty.
            .then(|| {
                (
                    Ok(Event::default().event("advanced").data("pull")),
                    listening,
                )
            })
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

struct Listening {
    app: App,
    session: Session,
    listener: Listener,
    advances: broadcast::Receiver<Arc<[Advance]>>,
    stopping: watch::Receiver<bool>,
}

impl Listening {
    /// Waits for something to tell. False once there is nobody to tell it to.
    async fn next(&mut self) -> bool {
        loop {
            let advances = tokio::select! {
                advances = self.advances.recv() => advances,
                _ = self.stopping.wait_for(|stopping| *stopping) => return false,
            };
            let tell = match advances {
                Ok(advances) => {
                    // Roles may have been given or taken: what was scope may not be any more, and the phone must learn of it.
                    let roles_changed =
                        Listener::touches_roles(&advances) && self.read_roles_again().await;
                    roles_changed || self.listener.may_see(&advances)
                }
                // Too far behind to know: say so once, and let the phone pull.
                Err(broadcast::error::RecvError::Lagged(_)) => true,
                Err(broadcast::error::RecvError::Closed) => return false,
            };
            if tell {
                return matches!(
                    self.app
                        .store
                        .session(self.session.token, clock::now())
                        .await,
                    Ok(Some(_))
                );
            }
        }
    }

    async fn read_roles_again(&mut self) -> bool {
        match self.app.store.visible_roles(self.listener.user).await {
            Ok(roles) if roles != self.listener.roles => {
                self.listener.roles = roles;
                true
            }
            _ => false,
        }
    }
}
